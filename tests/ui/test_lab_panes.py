"""The lab's panes: which are shown on which terminal, and that none loses its state."""

from collections.abc import Callable

import pytest
from textual.widget import Widget

from tests.ui.conftest import frame_of, lab_of, screen_text, until_step, until_text, wait_until
from tui_lab.run.directory import RunDirectory
from tui_lab.ui.app import LabApp
from tui_lab.ui.widgets.inspector import Inspector
from tui_lab.ui.widgets.lesson import Lesson
from tui_lab.ui.widgets.loss_chart import LossChart
from tui_lab.ui.widgets.parameter_table import ParameterTable
from tui_lab.ui.widgets.view_pane import ViewPane

Start = Callable[..., RunDirectory]
REGRESSION = "linear-regression"


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((80, 24), {"view": 1, "second": 0, "loss": 0, "inspector": 0, "parameters": 0, "lesson": 0}),
        ((109, 60), {"view": 1, "second": 0, "loss": 0, "inspector": 0, "parameters": 0, "lesson": 0}),
        ((110, 30), {"view": 1, "second": 0, "loss": 1, "inspector": 1, "parameters": 1, "lesson": 0}),
        ((170, 50), {"view": 1, "second": 1, "loss": 1, "inspector": 1, "parameters": 1, "lesson": 1}),
    ],
)
async def test_panes_follow_the_width_and_keep_their_state(
    start: Start, size: tuple[int, int], shown: dict[str, int]
) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(140, 45)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "right", "v", "y")
        await until_step(app, 2)
        await pilot.resize_terminal(*size)
        lab = lab_of(app)

        def arrangement() -> dict[str, int]:
            first, second = lab.query(ViewPane)
            panes: dict[str, Widget] = {"view": first, "second": second, "loss": lab.query_one(LossChart)}
            panes |= {"inspector": lab.query_one(Inspector), "parameters": lab.query_one(ParameterTable)}
            panes |= {"lesson": lab.query_one(Lesson)}
            return {name: int(pane.is_on_screen and bool(pane.size)) for name, pane in panes.items()}

        await wait_until(lambda: arrangement() == shown, f"{shown}, not {arrangement()}")
        assert lab.query_one(LossChart).log_y
        await until_text(app, "mean squared error")
        assert frame_of(app).step == 2


async def test_v_goes_to_the_next_view_and_capital_v_back_also_around_the_ends(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await until_text(app, "dist over speed 1/4")
        await pilot.press("v")
        await until_text(app, " 2/4")
        await pilot.press("V", "V")
        await until_text(app, " 4/4")


async def test_tabs_show_one_pane_at_a_time_by_key_and_click(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await until_text(app, "dist over speed")
        await pilot.press("3")
        await until_text(app, "forward → loss → backward → update")
        assert "dist over speed" not in screen_text(app)
        tabs = screen_text(app).splitlines()[1]
        await pilot.click(offset=(tabs.index("Parameters"), 1))
        await until_text(app, "gradient")
        await pilot.press("l")
        await wait_until(lambda: lab_of(app).query_one(Lesson).size, "the lesson")
        await pilot.press("l")
        await until_text(app, "gradient")


@pytest.mark.parametrize("width", [120, 200])
async def test_l_shows_and_hides_the_lesson(start: Start, width: int) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(width, 50)) as pilot:
        await until_step(app, 0)
        lesson = lab_of(app).query_one(Lesson)
        before = bool(lesson.size)
        await pilot.press("l")
        await wait_until(lambda: bool(lesson.size) != before, "the lesson")
        assert lab_of(app).query_one(LossChart).size
        await pilot.press("l")
        await wait_until(lambda: bool(lesson.size) == before, "the lesson")


async def test_no_size_breaks_the_lab(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(1, 1)) as pilot:
        await until_step(app, 0)
        for step, size in enumerate([(1, 1), (2, 3), (10, 4), (80, 1), (300, 100)], 1):
            await pilot.resize_terminal(*size)
            await pilot.press("v", "t", "right_square_bracket", "y", "m", "l", "3", "right")
            await until_step(app, step)
