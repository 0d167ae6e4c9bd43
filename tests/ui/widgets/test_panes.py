"""What all live panes have in common."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len
from textual.geometry import Region

from tests.ui.widgets.frames import SIZES, OnePane, columns, frame, shown
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.palette import Palette
from tui_lab.lab.scenario import OperationLine
from tui_lab.run.messages import Frame, ParameterRow
from tui_lab.ui.widgets.inspector import Inspector
from tui_lab.ui.widgets.loss_chart import LossChart
from tui_lab.ui.widgets.notes import Notes
from tui_lab.ui.widgets.parameter_table import ParameterTable
from tui_lab.ui.widgets.status_line import StatusLine
from tui_lab.ui.widgets.view_pane import ViewPane

Pane = StatusLine | Inspector | ParameterTable | LossChart | ViewPane | Notes
PANES: dict[str, Callable[[], Pane]] = {
    "status": StatusLine,
    "inspector": Inspector,
    "parameters": ParameterTable,
    "loss": LossChart,
    "notes": Notes,
    **{f"view {index}": lambda index=index: ViewPane(index) for index in range(4)},  # type: ignore[misc]
}
EMPTY = {
    "operations": [],
    "parameters": [],
    "views": [],
    "metrics": {},
    "notes": [],
    "last_step": 0,
    "step": 0,
    "head": 0,
}
HUGE = float("1e308")


def show(pane: Pane, new: Frame) -> None:
    """Show a frame as the lab does."""
    pane.show(new)
    if isinstance(pane, LossChart):
        pane.show_columns({"loss": columns([4.0, float("nan"), 1.0])}, new.head)


@pytest.mark.parametrize("make", PANES.values(), ids=PANES)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_pane_fills_any_size(make: Callable[[], Pane], size: tuple[int, int]) -> None:
    pane = make()
    async with OnePane(pane).run_test(size=size) as pilot:
        show(pane, frame(notes=["a note", "another note that is long enough to be wrapped in a narrow pane"]))
        await pilot.pause()
        # A screen too low for the notes has a scroll bar.
        assert pane.content_size.width == size[0] or isinstance(pane, Notes)
        for row in range(pane.content_size.height):
            assert cell_len(pane.render_line(row).text) == pane.content_size.width


@pytest.mark.parametrize("make", PANES.values(), ids=PANES)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_pane_bears_a_frame_without_anything(make: Callable[[], Pane], size: tuple[int, int]) -> None:
    pane = make()
    async with OnePane(pane).run_test(size=size) as pilot:
        for new in (frame(**EMPTY), frame(), frame(**EMPTY)):
            show(pane, new)
            await pilot.pause()
        assert "nan" not in shown(pane)


@pytest.mark.parametrize("make", PANES.values(), ids=PANES)
async def test_an_unchanged_frame_refreshes_nothing(make: Callable[[], Pane], monkeypatch: pytest.MonkeyPatch) -> None:
    pane = make()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        show(pane, frame(notes=["a note"], version=1))
        await pilot.pause()
        refreshed: list[Any] = []
        monkeypatch.setattr(pane, "refresh", lambda *regions, **options: refreshed.append((regions, options)))
        show(pane, frame(notes=["a note"], version=2))
        assert refreshed == []


async def test_a_changed_number_refreshes_its_cells_only(monkeypatch: pytest.MonkeyPatch) -> None:
    pane = StatusLine()
    async with OnePane(pane).run_test(size=(120, 3)) as pilot:
        pane.show(frame(status="running", step=12, head=12, last_step=9000))
        await pilot.pause()
        refreshed: list[Region] = []
        monkeypatch.setattr(pane, "refresh", lambda *regions, **options: refreshed.extend(regions))
        pane.show(frame(status="running", step=13, head=13, last_step=9000))
        place = shown(pane).index("13/9000")
        assert refreshed == [Region(place + 1, 0, 1, 1)]


async def test_a_hidden_pane_draws_nothing_and_catches_up_when_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    pane = ParameterTable()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame())
        pane.display = False
        await pilot.pause()
        drawn: list[int] = []
        draw = pane.draw

        def counted(width: int, height: int, palette: Palette) -> Cells:
            drawn.append(1)
            return draw(width, height, palette)

        monkeypatch.setattr(pane, "draw", counted)
        pane.show(frame(parameters=[ParameterRow("c", [], 7.0, 1.0, 0.1, values=7.0, gradient=1.0, update=0.7)]))
        assert drawn == []
        pane.display = True
        await pilot.pause()
        assert "c " in shown(pane)
        assert drawn == [1]


@pytest.mark.parametrize("make", PANES.values(), ids=PANES)
async def test_text_from_outside_stays_text(make: Callable[[], Pane]) -> None:
    hostile = "[red]\x1b[2J漢[/red]"
    view = {"kind": "table", "title": hostile, "columns": [hostile], "rows": [[hostile]]}
    pane = make()
    pane.styles.border = ("round", "gray")
    async with OnePane(pane).run_test(size=(100, 22)) as pilot:
        if isinstance(pane, StatusLine):
            pane.run, pane.notice = hostile, hostile
            pane.styles.height = 3
        new = frame(
            reason=hostile,
            notes=[hostile],
            operations=[OperationLine("forward", hostile, hostile)],
            parameters=[ParameterRow(hostile, [1], 1.0, 1.0, 1.0)],
            views=[view],
        )
        pane.show(new)
        if isinstance(pane, LossChart):
            pane.show_columns({hostile: columns([1.0])}, 1)
        await pilot.pause()
        everything = pane.border_title + shown(pane) if pane.border_title else shown(pane)
        assert "red]·[2J漢[/red]" in everything
        assert "\x1b" not in everything


async def test_numbers_without_end_fit() -> None:
    pane = ParameterTable()
    async with OnePane(pane).run_test(size=(80, 10)) as pilot:
        rows = [
            ParameterRow("a", [], HUGE, HUGE, HUGE, values=-HUGE, gradient=float("nan"), update=float("-inf")),
            ParameterRow("b", [], 1e-300, 1e-300, 1e-300, values=-1.23456e-300, gradient=0.0, update=-0.0),
        ]
        pane.show(frame(parameters=rows))
        await pilot.pause()
        first, second = shown(pane).splitlines()[1:3]
        assert first.split() == ["a", "scalar", "-1e+308", "nan", "-inf", "1e+308"]
        assert "-1.235e-300" in second
