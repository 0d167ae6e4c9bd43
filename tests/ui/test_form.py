"""The forms: what they show, what they refuse, what they keep."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Select, Static, Switch

from tests.ui.conftest import lab_of, screen_text, until_frame, until_text, wait_until
from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import Hyperparameter, scenario
from tui_lab.run.directory import RunDirectory, runs
from tui_lab.ui.app import LabApp
from tui_lab.ui.field import Field
from tui_lab.ui.home import HomeScreen
from tui_lab.ui.start_form import StartForm

Start = Callable[..., RunDirectory]


def field(app: LabApp, name: str) -> Field:
    return app.screen.query_one(f"#field-{name}", Field)


def line(app: LabApp, name: str) -> Input:
    return field(app, name).query_one(Input)


async def choose(app: LabApp, pilot: Pilot[None], name: str = "linear-regression") -> None:
    """Open the form of a scenario from Home."""
    cards = app.screen.query_one("#scenarios", OptionList)
    cards.highlighted = [option.id for option in cards.options].index(name)
    await pilot.press("enter")
    await until_open(app)


async def until_open(app: LabApp) -> None:
    await wait_until(lambda: isinstance(app.screen, StartForm) and app.screen.query("#field-seed Input"), "the form")


def error_of(app: LabApp, name: str) -> str:
    shown = field(app, name).query_one(".error", Static)
    return str(shown.content) if shown.display else ""


def outcome_of(app: LabApp) -> str:
    shown = app.screen.query_one("#outcome", Static)
    return str(shown.content) if shown.display else ""


def explanation_of(app: LabApp) -> str:
    return str(app.screen.query_one("#explanation", Static).content)


@pytest.fixture
def form() -> StartForm:
    return StartForm(scenario("linear-regression"))


async def test_every_hyperparameter_has_a_field_with_its_default(form: StartForm) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)):
        app.push_screen(form)
        await until_open(app)
        names = [each.hyperparameter.name for each in form.query(Field)]
        assert names == ["data", *(each.name for each in scenario("linear-regression").hyperparameters), "seed"]
        assert line(app, "learning_rate").value == "0.05"
        assert line(app, "batch_size").value == "all"
        assert field(app, "standardise").query_one(Switch).value is True
        dataset = field(app, "dataset").query_one(Select)
        await wait_until(lambda: dataset.value == "stopping-distance", "the dataset")


async def test_what_is_typed_is_checked_as_it_is_typed(form: StartForm) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(form)
        await until_open(app)
        line(app, "learning_rate").focus()
        await pilot.press("x")
        await wait_until(lambda: error_of(app, "learning_rate"), "the error")
        sentence = "learning_rate cannot be '0.05x': it is a number from 0 to 1000."
        assert error_of(app, "learning_rate") == sentence
        await pilot.press("backspace")
        await wait_until(lambda: not error_of(app, "learning_rate"), "the error to go")


@pytest.mark.parametrize("text", ["", "nan", "inf", "-1", "1e9", "[b]", "\x1b[31m", "½", "１"])
async def test_no_text_breaks_a_field(form: StartForm, text: str) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)):
        app.push_screen(form)
        await until_open(app)
        line(app, "steps").value = text
        await wait_until(lambda: field(app, "steps").text == line(app, "steps").value, "the text")
        assert bool(error_of(app, "steps")) == (text != "１"), "Python's int reads full-width digits too"


async def test_the_focused_field_is_explained_in_full(form: StartForm) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)):
        app.push_screen(form)
        await until_open(app)
        line(app, "batch_size").focus()
        sentence = "points per step; all of them is full-batch gradient descent · a whole number"
        await wait_until(lambda: sentence in str(form.query_one("#explanation", Static).content), "the explanation")


async def test_start_launches_what_was_typed_and_opens_the_lab_paused_at_step_0() -> None:
    app = LabApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await choose(app, pilot)
        line(app, "learning_rate").value = "0.25"
        line(app, "seed").value = "7"
        field(app, "standardise").query_one(Switch).value = False
        field(app, "dataset").query_one(Select).value = "anscombe-2"
        await pilot.click("#submit")
        frame = await until_frame(app, lambda frame: frame.status == "paused", "the lab")
        assert frame.step == 0
        manifest = lab_of(app).run_directory.manifest()
        assert manifest.seed == 7
        assert manifest.settings["learning_rate"] == 0.25
        assert manifest.settings["standardise"] is False
        assert manifest.settings["dataset"] == "anscombe-2"


async def test_what_the_trainer_refuses_is_said_in_the_form_and_nothing_is_lost(tmp_path: Path) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(app, pilot)
        line(app, "learning_rate").value = "0.25"
        line(app, "data").value = str(tmp_path / "[/]missing.csv")
        await pilot.press("ctrl+s")
        await wait_until(lambda: "[/]missing.csv" in outcome_of(app), "the sentence")
        assert outcome_of(app).startswith("There is no --data file")
        assert line(app, "learning_rate").value == "0.25"
        assert not list(runs())
        line(app, "data").value = ""
        await pilot.press("ctrl+s")
        await until_frame(app, lambda frame: frame.settings["learning_rate"] == 0.25, "the lab")


async def test_the_data_of_a_file_is_trained_on(tmp_path: Path) -> None:
    data = tmp_path / "points.csv"
    data.write_text("u,v\n1,2\n2,4\n3,6.5\n")
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(app, pilot)
        line(app, "data").value = str(data)
        await pilot.press("ctrl+s")
        await until_text(app, "v over u")


async def test_start_with_a_wrong_field_says_which_and_goes_there(form: StartForm) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(form)
        await until_open(app)
        line(app, "steps").value = "0"
        await pilot.press("ctrl+s")
        await wait_until(lambda: app.focused is line(app, "steps"), "the focus")
        assert outcome_of(app).startswith("steps cannot be '0'")
        assert not list(runs())


async def test_escape_leaves_the_form_and_starts_nothing(form: StartForm) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(form)
        await until_open(app)
        await pilot.press("escape")
        await wait_until(lambda: app.screen is not form, "Home")
        assert not list(runs())


async def test_a_start_that_takes_its_time_is_said_and_happens_once(
    form: StartForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, over = list[str](), Event()

    def slow(*_: object) -> RunDirectory:
        asked.append("start")
        over.wait()
        raise BadInput("The data are too small.")

    monkeypatch.setattr("tui_lab.ui.start_form.launch", slow)
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(form)
        await until_open(app)
        await pilot.press("ctrl+s", "ctrl+s")
        await until_text(app, "Starting: the trainer loads")
        over.set()
        await until_text(app, "The data are too small.")
        await wait_until(lambda: "Starting: the trainer" not in screen_text(app), "an end of it")
        assert asked == ["start"]
        await pilot.press("ctrl+s")
        await wait_until(lambda: len(asked) == 2, "another try")


async def test_a_form_closed_before_it_is_complete_closes() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await until_text(app, "Linear regression")
        for _ in range(5):
            await pilot.press("enter", "escape")
            await wait_until(lambda: isinstance(app.screen, HomeScreen), "Home")


async def test_arrow_keys_and_tab_go_from_field_to_field(form: StartForm) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(form)
        await until_open(app)
        await wait_until(lambda: app.focused is line(app, "data"), "the first field")
        await pilot.press("tab", "tab")
        assert app.focused is line(app, "x")
        await pilot.press("down")
        assert app.focused is line(app, "y")
        await pilot.press("up")
        assert app.focused is line(app, "x")


async def test_a_default_that_is_not_valid_is_shown_as_wrong_and_crashes_nothing() -> None:
    broken = Hyperparameter(name="mode", type="choice", default="c", choices=["a", "b"], help="[bold")
    app = LabApp()
    async with app.run_test(size=(80, 24)):
        shown = Field(broken, "c")
        await app.screen.mount(shown)
        await wait_until(lambda: shown.query(Select), "the field")
        assert shown.query_one(Select).value is Select.NULL
        assert "mode cannot be" in shown.error


async def test_a_preset_fills_the_fields_and_says_where_it_comes_from() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(app, pilot, "scribe")
        line(app, "steps").value = "50"
        preset = field(app, "preset").query_one(Select)
        preset.focus()
        preset.value = "slow"
        await wait_until(lambda: line(app, "work").value == "0.01", "the preset")
        assert line(app, "learning_rate").value == "0.25"
        await wait_until(lambda: "(source: Aesop, The Tortoise" in explanation_of(app), "the source")
        preset.value = "smooth"
        await wait_until(lambda: line(app, "smoothing").value == "1.0", "the other preset")
        assert (line(app, "learning_rate").value, line(app, "work").value) == ("1.0", "0.0"), "as if never chosen"
        assert line(app, "steps").value == "50", "what no preset names stays"
        line(app, "smoothing").value = "0.5"
        await pilot.press("ctrl+s")
        frame = await until_frame(app, lambda frame: frame.status == "paused", "the lab")
        assert (frame.settings["smoothing"], frame.settings["steps"]) == (0.5, 50), "a preset is only a beginning"


async def test_a_scenario_without_presets_has_no_field_for_them(form: StartForm) -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(form)
        await until_open(app)
        await pilot.pause()
        assert not form.query("#field-preset")


async def test_a_data_set_of_a_hub_is_taken_by_its_id() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(app, pilot, "scribe")
        line(app, "data").value = "nobody/nothing"
        await pilot.press("ctrl+s")
        await wait_until(lambda: "There is no data set 'nobody/nothing' on the hub." in outcome_of(app), "the sentence")
        line(app, "data").value = "aesop/fables"
        await pilot.press("ctrl+s")
        await until_frame(app, lambda frame: frame.status == "paused", "the lab")
        assert lab_of(app).run_directory.manifest().data == "aesop/fables"


async def test_a_text_with_control_characters_is_shown_harmless_and_stays_what_it_is() -> None:
    text = Hyperparameter(name="prompt", type="text", default="", help="")
    app = LabApp()
    async with app.run_test(size=(80, 24)):
        shown = Field(text, "a\x1b[31mb")
        await app.screen.mount(shown)
        await wait_until(lambda: shown.query(Input), "the field")
        assert shown.query_one(Input).value == "a·[31mb"
        await wait_until(lambda: shown.text == "a\x1b[31mb", "the text")
        shown.query_one(Input).value = "a·[31mbc"
        await wait_until(lambda: shown.text == "a·[31mbc", "what was typed")
