"""The parameter table of a run."""

import math
from collections.abc import Iterator
from typing import Any

from textual import events

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.parameters import Figures, parameters
from tui_lab.run.messages import Frame, ParameterRow
from tui_lab.ui.widgets.picture import Picture


class ParameterTable(Picture):
    """Every parameter with value, gradient, update and update ratio: numbers where it is one, norms where it is an
    array, below them the entries of a small one. The mouse wheel scrolls."""

    DEFAULT_CSS = "ParameterTable { height: 1fr; }"
    BORDER_TITLE = "Parameters"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: list[ParameterRow] | None = None
        self._figures: list[Figures] = []
        self._first = 0

    def show(self, frame: Frame) -> None:
        """Show the parameters of this moment; nothing is drawn if they are those that were there."""
        if frame.parameters is self._rows:
            return
        self._rows = frame.parameters
        self._figures = [figures for row in frame.parameters for figures in _figures(row)]
        self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The table."""
        return parameters(self._figures, width, height, palette, first=self._first)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look further down."""
        self._scroll_by(event, 2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look further up."""
        self._scroll_by(event, -2)

    def _scroll_by(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        last = max(len(self._figures) - self.content_size.height + 1, 0)
        self._first = max(0, min(self._first + rows, last))
        self.redraw()


def _figures(row: ParameterRow) -> Iterator[Figures]:
    shape = "×".join(str(size) for size in row.shape)
    if not row.shape and isinstance(row.values, int | float):
        numbers = (row.values, _number(row.gradient), _number(row.update), row.update_ratio)
        yield Figures(row.name, "scalar", numbers)
        return
    yield Figures(
        row.name,
        shape or "scalar",
        (row.norm, row.grad_norm, row.update_ratio * row.norm, row.update_ratio),
        norms=True,
    )
    gradients, updates = dict(_entries(row.gradient)), dict(_entries(row.update))
    for place, value in _entries(row.values):
        numbers = (value, gradients.get(place, math.nan), updates.get(place, math.nan), math.nan)
        yield Figures(f"[{place}]", "", numbers, entry=True)


def _entries(values: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """The numbers of nested lists with their indices: `0,3`."""
    if isinstance(values, list):
        for index, value in enumerate(values):
            yield from _entries(value, f"{place},{index}" if place else str(index))
    elif isinstance(values, int | float):
        yield place, float(values)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
