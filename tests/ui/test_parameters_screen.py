"""The parameters screen: every entry, its gradient term by term, and setting it."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from textual.widgets import Input, Static

from tests.ui.conftest import frame_of, lab_of, resting, screen_text, until_frame, until_step, until_text, wait_until
from tui_lab.canvas.passages import Passage
from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import ParameterRow
from tui_lab.ui import feed
from tui_lab.ui.app import LabApp
from tui_lab.ui.entry_questions import ChooseEntry, FindName, SetNumber, finite
from tui_lab.ui.lab import LabScreen
from tui_lab.ui.parameter_entries import entries_of
from tui_lab.ui.parameters_screen import ParametersScreen
from tui_lab.ui.widgets.entry_list import EntryList
from tui_lab.ui.widgets.passages import Passages

Start = Callable[..., RunDirectory]
REGRESSION = "linear-regression"


def said(app: LabApp) -> str:
    return app.screen.query_one(Passages).text


async def opened(app: LabApp) -> None:
    await wait_until(lambda: isinstance(app.screen, ParametersScreen) and app.screen.query(Passages), "the screen")


async def test_the_gradient_of_the_chosen_entry_is_written_out(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right")
        frame = await until_step(app, 1)
        await pilot.press("p")
        await opened(app)
        a, b = frame.parameters
        await wait_until(lambda: f"∂L/∂a = Σ x·∂L/∂u = {a.gradient:.5g}" in said(app), "a's gradient")
        terms = next(line for line in said(app).splitlines() if line.count("·") > 20)
        assert terms.count(" + ") == 49, "a term for each of the 50 points"
        await pilot.press("down")
        await wait_until(lambda: f"∂L/∂b = Σ 1·∂L/∂ŷ = {b.gradient:.5g}" in said(app), "b's gradient")
        assert "b ← b − η·v_b" in said(app)
        shown = screen_text(app)
        assert "update ratio" in shown
        assert "more rows" in shown
        await pilot.press(*["right_square_bracket"] * 30)
        await wait_until(lambda: "more rows" not in screen_text(app), "the end of the equation")


async def test_setting_an_entry_shows_the_new_loss_and_gradient_at_once(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right")
        before = await until_step(app, 1)
        await pilot.press("p")
        await opened(app)
        await pilot.press("down", "enter")
        await wait_until(lambda: isinstance(app.screen, SetNumber), "the question")
        line = app.screen.query_one(Input)
        line.value = "20.5"
        await pilot.press("enter")
        await opened(app)
        frame = await until_frame(app, lambda frame: frame.parameters[1].values == 20.5, "the value")
        assert frame.metrics["loss"] != before.metrics["loss"]
        assert frame.parameters[1].gradient != before.parameters[1].gradient
        await wait_until(lambda: f"∂L/∂b = Σ 1·∂L/∂ŷ = {frame.parameters[1].gradient:.5g}" in said(app), "its gradient")
        assert "(the present step has not come to it)" in said(app), "there is no update yet"
        assert frame.step == 1


async def test_what_is_no_number_is_refused_where_it_was_typed(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("p")
        await opened(app)
        await pilot.press("enter")
        await wait_until(lambda: isinstance(app.screen, SetNumber) and app.screen.query(Input), "the question")
        line, error = app.screen.query_one(Input), app.screen.query_one(".error", Static)
        for text in ("", "nan", "1e999", "[b]", "\x1b[31m"):
            line.value = text
            await pilot.press("enter")
            await wait_until(lambda: "is no finite number" in str(error.content), "the sentence")
            line.value = "1"
            await wait_until(lambda: not str(error.content), "the sentence to go")
        await pilot.press("escape", "escape")
        await wait_until(lambda: isinstance(app.screen, LabScreen), "the lab")


async def test_it_follows_the_run_while_it_is_open(start: Start) -> None:
    app = LabApp(start(REGRESSION, "steps=1000000"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("p")
        await opened(app)
        await pilot.press("n")
        await until_step(app, 1)
        await wait_until(lambda: "the gradient, term by term" in said(app), "the first gradient")
        first = said(app)
        await pilot.press("space")
        await until_frame(app, lambda frame: frame.step > 3, "playing")
        await wait_until(lambda: said(app) != first, "the next gradient")
        await pilot.press("space")
        paused = await until_frame(app, lambda frame: frame.status == "paused", "the pause")
        gradient = paused.parameters[0].gradient
        await wait_until(lambda: f"= {gradient:.5g}" in said(app), "the last gradient")
        await pilot.press("b")
        await until_step(app, paused.step - 1)
        assert isinstance(app.screen, ParametersScreen)


async def test_the_past_is_not_changed(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "right", "left")
        await until_step(app, 1)
        await pilot.press("p")
        await opened(app)
        await pilot.press("enter")
        await until_text(app, "Step 1 is in the past of this run")
        assert isinstance(app.screen, ParametersScreen)


async def test_names_are_found(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("p")
        await opened(app)
        await pilot.press("slash")
        await wait_until(lambda: isinstance(app.screen, FindName) and app.screen.query(Input), "the question")
        await pilot.press("c", "enter")
        await until_text(app, "No parameter is called 'c'")
        await pilot.press("backspace", "b", "enter")
        await opened(app)
        await wait_until(lambda: app.screen.query_one(EntryList).cursor == 1, "the cursor")
        await pilot.press("home", "pagedown", "end", "up")
        assert app.screen.query_one(EntryList).cursor == 0


@pytest.mark.parametrize(("text", "row"), [("W", 1), ("W[1,0]", 3), ("W[1", 3), ("2.b", 5), ("long", 7), ("10", 5)])
def test_a_name_may_be_begun_or_inside(text: str, row: int) -> None:
    names = ["bias", "W[0,0]", "W[0,1]", "W[1,0]", "W[1,1]", "layer2.b[10]", "W[10,0]", "very_long_name"]
    assert FindName(names).read(text) == row


@pytest.mark.parametrize("text", ["", "zzz", "w"])
def test_no_name_that_is_not_there_is_found(text: str) -> None:
    with pytest.raises(BadInput, match="No parameter is called"):
        FindName(["a", "b"]).read(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("3,5", ((3, 5), None)),
        ("[3,5]", ((3, 5), None)),
        (" 0 , 0 ", ((0, 0), None)),
        ("63,15=0.5", ((63, 15), "0.5")),
        ("[1,2] = -1e-3", ((1, 2), "-1e-3")),
    ],
)
def test_an_entry_of_a_large_parameter_is_chosen_by_its_index(
    text: str, answer: tuple[tuple[int, ...], str | None]
) -> None:
    assert ChooseEntry("W", (64, 16), may_set=True).read(text) == answer


@pytest.mark.parametrize("text", ["64,0", "0,16", "1", "1,2,3", "-1,0", "", "a,b", "1,1=x", "1,1=inf", "1,1="])
def test_an_index_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"is no entry: they go from 0,0 to 63,15\.|is no finite number"):
        ChooseEntry("W", (64, 16), may_set=True).read(text)


def test_only_parameters_can_be_set() -> None:
    with pytest.raises(BadInput, match="Only parameters"):
        ChooseEntry("z", (4,), may_set=False).read("1 = 2")
    assert finite(" 1e3 ") == " 1e3 "


def test_every_number_of_a_small_parameter_is_a_row_and_a_large_one_is_one_row() -> None:
    values = np.arange(6.0).reshape(2, 3)
    small = ParameterRow("W", [2, 3], 1.0, 1.0, 0.5, values.tolist(), (10 * values).tolist(), (-values).tolist())
    large = ParameterRow("V", [100, 10], 4.0, 2.0, 0.25)
    scalar = ParameterRow("b", [], 3.0, 1.0, 0.5, 3.0, 1.0, 1.5)
    frame = feed.frame_of(resting().report())
    entries = entries_of(msgspec.structs.replace(frame, parameters=[small, large, scalar]))
    assert [entry.name for entry in entries] == ["W[0,0]", "W[0,1]", "W[0,2]", "W[1,0]", "W[1,1]", "W[1,2]", "V", "b"]
    assert entries[4].figures.numbers == (4.0, 40.0, -4.0, 1.0)
    assert np.isnan(entries[0].figures.numbers[3]), "0 over 0 is no ratio"
    assert entries[6].index is None
    assert entries[6].figures.numbers == (4.0, 2.0, 1.0, 0.25)
    assert entries[7].index == ()


async def test_a_run_without_a_trainer_says_what_wakes_one(start: Start) -> None:
    run = start(REGRESSION)
    app = LabApp(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right")
        await until_step(app, 1)
        await pilot.press("Q")
        await until_frame(app, lambda frame: frame.status == "stopped", "the stop")
        await wait_until(lambda: lab_of(app).lost, "the end of the trainer")
        await pilot.press("p")
        await opened(app)
        await wait_until(lambda: "This run has no trainer" in said(app), "the sentence")
        await pilot.press("n")
        await until_step(app, 2)
        await wait_until(lambda: "the gradient, term by term" in said(app), "the gradient")


async def test_a_scenario_that_tells_no_entries_says_so(start: Start) -> None:
    app = LabApp(start("bowl"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "p")
        await opened(app)
        await wait_until(lambda: "does not tell its operations entry by entry" in said(app), "the sentence")


async def test_no_size_breaks_it(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(1, 1)) as pilot:
        await until_step(app, 0)
        for step, size in enumerate([(1, 1), (10, 4), (80, 1), (300, 100)], 1):
            await pilot.resize_terminal(*size)
            await pilot.press("p")
            await opened(app)
            await pilot.press("down", "right_square_bracket", "pageup", "n")
            await until_step(app, step)
            await pilot.press("p")
            await wait_until(lambda: isinstance(app.screen, LabScreen), "the lab")
            assert frame_of(app).step == step


async def test_text_from_outside_is_only_text() -> None:
    app = LabApp(resting())
    async with app.run_test(size=(80, 24)):
        shown = Passages()
        await app.screen.mount(shown)
        shown.show([Passage("[b]bold[/b] \x1b]0;owned\x07 \x1b[31m", "numbers")])
        await until_text(app, "[b]bold[/b] ·]0;owned· ·[31m")


async def test_an_entry_of_a_large_parameter_is_looked_at_and_set(start: Start) -> None:
    app = LabApp(start("mlp", "layers=16,8"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("right")
        before = await until_step(app, 1)
        await pilot.press("p")
        await opened(app)
        await pilot.press("slash")
        await wait_until(lambda: isinstance(app.screen, FindName) and app.screen.query(Input), "the question")
        app.screen.query_one(Input).value = "layer2.W"
        await pilot.press("enter")
        await opened(app)
        for typed in ("15,7", "15,7 = 2.5"):
            await pilot.press("enter")
            await wait_until(lambda: isinstance(app.screen, ChooseEntry) and app.screen.query(Input), "the question")
            app.screen.query_one(Input).value = typed
            await pilot.press("enter")
            await opened(app)
            await wait_until(lambda: "∂L/∂layer2.W₁₅,₇ = " in said(app), "its gradient")
        await until_frame(app, lambda frame: frame.metrics["loss"] != before.metrics["loss"], "the new loss")


async def test_a_click_chooses_an_entry(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "p")
        await opened(app)
        await wait_until(lambda: "∂L/∂a" in said(app), "a")
        await pilot.click(EntryList, offset=(3, 3))
        await wait_until(lambda: "∂L/∂b" in said(app), "b")
