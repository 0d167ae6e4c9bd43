"""The entry screen: any entry of any operation."""

from collections.abc import Callable

from textual.widgets import Input

from tests.ui.conftest import screen_text, until_frame, until_step, until_text, wait_until
from tui_lab.run.directory import RunDirectory
from tui_lab.ui.app import LabApp
from tui_lab.ui.entry_questions import ChooseEntry
from tui_lab.ui.entry_screen import EntryScreen
from tui_lab.ui.lab import LabScreen
from tui_lab.ui.widgets.operation_list import OperationList
from tui_lab.ui.widgets.passages import Passages

Start = Callable[..., RunDirectory]
REGRESSION = "linear-regression"


def said(app: LabApp) -> str:
    return app.screen.query_one(Passages).text


async def until_said(app: LabApp, text: str) -> None:
    await wait_until(lambda: text in said(app), f"'{text}' in\n{said(app)}")


async def opened(app: LabApp) -> None:
    await wait_until(lambda: isinstance(app.screen, EntryScreen) and app.screen.query(Passages), "the screen")


async def test_it_starts_at_the_present_operation_and_goes_along(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("down", "down", "right", "right")
        await until_frame(app, lambda frame: frame.operation == 1, "the second operation")
        await pilot.press("i")
        await opened(app)
        await until_said(app, "ŷ₀ = ")
        await until_said(app, "entry [0] of 50 · scenario.py:")
        await until_text(app, "▸  forward   ŷ = u + b")
        await pilot.press("n")
        await until_said(app, "e₀ = ")
        await pilot.press("up", "up")
        await until_said(app, "u₀ = ")
        await pilot.press("n")
        await until_frame(app, lambda frame: frame.operation == 3, "the next operation")
        assert app.screen.query_one(OperationList).cursor == 0, "who looks elsewhere is left there"
        await pilot.press("end")
        await until_said(app, "u₄₉ = ")
        await pilot.press("i")
        await wait_until(lambda: isinstance(app.screen, LabScreen), "the lab")


async def test_one_moves_over_the_entries_in_their_order(start: Start) -> None:
    app = LabApp(start("neuron", "batch_size=all"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("right")
        await until_step(app, 1)
        await pilot.press("i")
        await opened(app)
        await pilot.press(*["up"] * 40, "right", "right")
        await until_said(app, "u₂ = ")
        await pilot.press("left")
        await until_said(app, "u₁ = ")
        await pilot.press("left", "left", "left")
        await until_said(app, "u₀ = ")
        await pilot.press("right_square_bracket", "left_square_bracket")
        await until_said(app, "u₀ = ")
        await pilot.press("end")
        await until_said(app, "u₃ = ")
        await pilot.press("home")
        await until_said(app, "entry [0] of 4")


async def test_an_entry_is_chosen_by_its_index(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right")
        await until_step(app, 1)
        await pilot.press("i")
        await opened(app)
        await pilot.press(*["up"] * 40, "enter")
        await wait_until(lambda: isinstance(app.screen, ChooseEntry) and app.screen.query(Input), "the question")
        await pilot.press("5", "0", "enter")
        await until_text(app, "'50' is no entry: they go from 0 to 49.")
        await pilot.press("backspace", "backspace", "1", "7", "enter")
        await opened(app)
        await until_said(app, "u₁₇ = ")


async def test_rows_keep_their_column(start: Start) -> None:
    app = LabApp(start("mlp"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right")
        frame = await until_step(app, 1)
        operation = next(i for i, line in enumerate(frame.operations) if len(line.shape) == 2 and line.shape[1] > 2)
        columns = frame.operations[operation].shape[1]
        await pilot.press("i")
        await opened(app)
        await pilot.press(*["up"] * len(frame.operations), *["down"] * operation, "right")
        await until_said(app, "entry [0,1] of")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until_said(app, "entry [2,1] of")
        await pilot.press("left_square_bracket")
        await until_said(app, "entry [1,1] of")
        await pilot.press(*["right"] * (columns - 1))
        await until_said(app, "entry [2,0] of")
        await pilot.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        await until_said(app, "entry [0,0] of")


async def test_before_the_first_step_there_are_equations_and_no_numbers(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("i")
        await opened(app)
        await until_said(app, "(the present step has not come to it)")
        assert "u = a·x" in screen_text(app)


async def test_a_scenario_whose_operations_are_not_told_entry_by_entry_says_so(start: Start) -> None:
    app = LabApp(start("bowl"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "i")
        await opened(app)
        await until_said(app, "The operations of this scenario are not told entry by entry.")


async def test_no_size_breaks_it(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(1, 1)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "i")
        await opened(app)
        for step, size in enumerate([(1, 1), (10, 4), (80, 1), (300, 100)], 2):
            await pilot.resize_terminal(*size)
            await pilot.press("down", "right", "right_square_bracket", "pagedown", "n")
            await until_step(app, step)
