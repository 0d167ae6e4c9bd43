"""Editing a run's hyperparameters: live ones at once, the others in a new run."""

from collections.abc import Callable

from textual.widgets import Button, Input, Select, Static, Switch

from tests.ui.conftest import lab_of, screen_text, until_frame, until_step, wait_until
from tui_lab.run.directory import RunDirectory
from tui_lab.ui.app import LabApp
from tui_lab.ui.change_form import ChangeForm
from tui_lab.ui.field import Field
from tui_lab.ui.lab import LabScreen

Start = Callable[..., RunDirectory]
REGRESSION = "linear-regression"


def field(app: LabApp, name: str) -> Field:
    return app.screen.query_one(f"#field-{name}", Field)


def line(app: LabApp, name: str) -> Input:
    return field(app, name).query_one(Input)


def shown(app: LabApp, name: str) -> str:
    """What a line of the form says, empty if it is hidden."""
    said = app.screen.query_one(name, Static)
    return " ".join(str(said.content).split()) if said.display else ""


def button(app: LabApp) -> str:
    return str(app.screen.query_one("#submit", Button).label)


async def opened(app: LabApp) -> None:
    await wait_until(lambda: isinstance(app.screen, ChangeForm) and app.screen.query("#field-steps Input"), "the form")


async def test_live_hyperparameters_change_where_the_run_stands(start: Start) -> None:
    run = start(REGRESSION, "learning_rate=0.2", "dataset=anscombe-1")
    app = LabApp(run)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "e")
        await opened(app)
        assert line(app, "learning_rate").value == "0.2"
        line(app, "learning_rate").value = "0.125"
        line(app, "steps").value = "200"
        await wait_until(lambda: len(app.screen._changed()) == 2, "the changes")  # type: ignore[attr-defined]
        assert (button(app), shown(app, "#notice")) == ("Change", "")
        await pilot.press("ctrl+s")
        frame = await until_frame(app, lambda frame: frame.settings["learning_rate"] == 0.125, "the change")
        assert isinstance(app.screen, LabScreen)
        assert (frame.step, lab_of(app).run_directory) == (1, run)
        await until_frame(app, lambda frame: frame.last_step == 200, "the new end")


async def test_any_other_starts_a_new_run_with_the_same_seed_and_the_form_says_so_first(start: Start) -> None:
    old = start(REGRESSION, "learning_rate=0.2", seed=4)
    app = LabApp(old)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "e")
        await until_step(app, 1)
        await opened(app)
        field(app, "dataset").query_one(Select).value = "anscombe-2"
        line(app, "momentum").value = "0.5"
        await wait_until(lambda: button(app) == "New run", "the button")
        assert shown(app, "#notice").startswith("dataset cannot change while a run is running: this starts a new run")
        field(app, "standardise").query_one(Switch).value = False
        await wait_until(lambda: shown(app, "#notice").startswith("dataset and standardise cannot"), "the sentence")
        await pilot.press("ctrl+s")
        await wait_until(lambda: lab_of(app).run_directory != old, "the new run")
        frame = await until_step(app, 0)
        assert frame.settings["momentum"] == 0.5
        manifest = lab_of(app).run_directory.manifest()
        assert manifest.seed == 4
        assert manifest.settings["dataset"] == "anscombe-2"
        assert manifest.settings["standardise"] is False
        assert manifest.settings["learning_rate"] == 0.2
        await wait_until(lambda: old.trainer() is None, "the old trainer to end")
        assert (old.report().status, old.report().step) == ("stopped", 1)


async def test_a_change_taken_back_is_none(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("e")
        await opened(app)
        dataset = field(app, "dataset").query_one(Select)
        before = dataset.value
        dataset.value = "anscombe-2"
        await wait_until(lambda: button(app) == "New run", "the button")
        dataset.value = before
        await wait_until(lambda: button(app) == "Change", "the button")
        assert shown(app, "#notice") == ""
        await pilot.press("ctrl+s")
        await wait_until(lambda: isinstance(app.screen, LabScreen), "the lab")


async def test_in_the_past_a_live_one_starts_a_new_run_too_but_the_end_may_move(start: Start) -> None:
    old = start(REGRESSION)
    app = LabApp(old)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "right", "left")
        await until_step(app, 1)
        await until_frame(app, lambda frame: frame.head == 2, "the past")
        await pilot.press("e")
        await opened(app)
        line(app, "steps").value = "250"
        await wait_until(lambda: field(app, "steps").text == "250", "the text")
        assert button(app) == "Change"
        await pilot.press("ctrl+s")
        await until_frame(app, lambda frame: frame.last_step == 250, "the new end")
        await pilot.press("e")
        await opened(app)
        line(app, "learning_rate").value = "0.01"
        await wait_until(lambda: button(app) == "New run", "the button")
        assert shown(app, "#notice").startswith(
            "Step 1 is in the past of this run, which has reached step 2: this starts"
        )
        await pilot.press("ctrl+s")
        await wait_until(lambda: lab_of(app).run_directory != old, "the new run")
        frame = await until_step(app, 0)
        assert (frame.settings["learning_rate"], frame.last_step) == (0.01, 250)


async def test_what_is_only_shown_changes_in_the_past_and_needs_no_new_run(start: Start) -> None:
    run = start("scribe", "prompt=a\x1b[31mcat")
    app = LabApp(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "right", "left")
        await until_frame(app, lambda frame: frame.head == 2 and frame.step == 1, "the past")
        await pilot.press("e")
        await opened(app)
        assert line(app, "prompt").value == "a·[31mcat"
        line(app, "grown").value = "3"
        line(app, "temperature").value = "0.5"
        await wait_until(lambda: len(app.screen._changed()) == 2, "the changes")  # type: ignore[attr-defined]
        assert (button(app), shown(app, "#notice")) == ("Change", "")
        await pilot.press("ctrl+s")
        frame = await until_frame(app, lambda frame: frame.settings["temperature"] == 0.5, "the change")
        assert (frame.step, frame.head, frame.settings["grown"]) == (1, 2, 3)
        assert frame.settings["prompt"] == "a\x1b[31mcat", "what was not touched stays"
        assert lab_of(app).run_directory == run


async def test_a_look_beside_a_fixed_one_goes_along_into_the_new_run(start: Start) -> None:
    old = start("scribe")
    app = LabApp(old)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("e")
        await opened(app)
        line(app, "prompt").value = "mat"
        line(app, "smoothing").value = "0.5"
        await wait_until(lambda: button(app) == "New run", "the button")
        assert shown(app, "#notice").startswith("smoothing cannot change while a run is running: this starts")
        await pilot.press("ctrl+s")
        await wait_until(lambda: lab_of(app).run_directory != old, "the new run")
        frame = await until_step(app, 0)
        assert (frame.settings["prompt"], frame.settings["smoothing"]) == ("mat", 0.5)


async def test_live_ones_looks_and_the_others_stand_in_groups(start: Start) -> None:
    app = LabApp(start("scribe"))
    async with app.run_test(size=(120, 50)) as pilot:
        await until_step(app, 0)
        await pilot.press("e")
        await opened(app)
        rows = app.screen.query("SettingsForm .group, SettingsForm Field")
        order = [row.hyperparameter.name if isinstance(row, Field) else str(row.render()) for row in rows]
        assert order == [
            "change while it runs", "learning_rate", "steps", "only shown: change at any time, also in the past",
            "prompt", "grown", "temperature", "top_k", "top_p", "sample_seed",
            "fixed: another value starts a new run", "smoothing", "work",
        ]  # fmt: skip


async def test_a_run_without_looks_has_no_group_for_them(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 50)) as pilot:
        await until_step(app, 0)
        await pilot.press("e")
        await opened(app)
        assert [str(heading.content) for heading in app.screen.query(".group").results(Static)] == [
            "change while it runs",
            "fixed: another value starts a new run",
        ]


async def test_what_cannot_start_is_said_in_the_form_and_the_old_run_goes_on(start: Start) -> None:
    old = start(REGRESSION)
    app = LabApp(old)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("e")
        await opened(app)
        line(app, "batch_size").value = "51"
        await wait_until(lambda: button(app) == "New run", "the button")
        await pilot.press("ctrl+s")
        await wait_until(lambda: "there are only 50 points" in shown(app, "#outcome"), "the sentence")
        assert line(app, "batch_size").value == "51"
        assert old.trainer() is not None
        line(app, "batch_size").value = "25"
        await wait_until(lambda: not shown(app, "#outcome"), "the sentence to go")
        await pilot.press("ctrl+s")
        await wait_until(lambda: lab_of(app).run_directory != old, "the new run")


async def test_the_buttons_stay_in_sight_whatever_is_said(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("e")
        await opened(app)
        line(app, "batch_size").value = "51"
        await wait_until(lambda: button(app) == "New run", "the button")
        await pilot.press("ctrl+s")
        await wait_until(lambda: "there are only 50 points" in shown(app, "#outcome"), "the sentence")
        for size in [(80, 24), (120, 40), (200, 50)]:
            await pilot.resize_terminal(*size)
            for text in ("New run", "Close", "this starts a new run", "there are only 50 points"):
                await wait_until(lambda text=text: text in " ".join(screen_text(app).split()), text)  # type: ignore[misc]


async def test_what_starts_a_new_run_is_said_beside_it(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("e")
        await opened(app)
        assert str(field(app, "dataset").query_one(".help", Static).content).startswith("a new run · ")
        assert not str(field(app, "momentum").query_one(".help", Static).content).startswith("a new run")
