"""A frame: title, axes with ticks, and the area between them that a drawing fills."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.axis import Axis
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, text_width

LEAST_AXES = 16, 5
"""The width and height from which axes are drawn; smaller pictures are all drawing."""

Key = tuple[str, str, int]
"""An entry of a legend: sign, name, colour."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`cells` with axes on them; the drawing's area is `width` by `height` cells from (`row`, `column`)."""

    cells: Cells
    row: int
    column: int
    width: int
    height: int
    x: Axis
    y: Axis

    def dot_columns(self, values: Array) -> Array:
        """The dot column of each x, counted from the area's left edge, as a float."""
        return self.x.place(values) * (2 * self.width - 1)

    def dot_rows(self, values: Array) -> Array:
        """The dot row of each y, counted from the area's upper edge, as a float."""
        return (1 - self.y.place(values)) * (4 * self.height - 1)

    def inside(self, row: int, column: int) -> bool:
        """Whether a cell of the area is meant."""
        return 0 <= row < self.height and 0 <= column < self.width

    def mark(self, row: int, column: int, glyph: str, colour: int, style: int = 0) -> None:
        """Put one character on a cell of the area; outside of it nothing happens."""
        if self.inside(row, column):
            self.cells.write(self.row + row, self.column + column, glyph, colour, style)


def frame(
    width: int,
    height: int,
    x: Axis,
    y: Axis,
    palette: Palette,
    *,
    title: str = "",
    keys: Sequence[Key] = (),
    x_label: str = "",
    y_label: str = "",
    right: int = 0,
) -> Frame:
    """Title and legend in the first row where there is one of them and room for it, axes left and below, and `right`
    columns left free at the right."""
    # A live chart asks for the same frame again and again: its axes move by doublings only.
    area = _frame(width, height, x, y, palette, title, tuple(keys), x_label, y_label, right)
    return replace(area, cells=area.cells.copy())


@lru_cache(maxsize=32)
def _frame(
    width: int,
    height: int,
    x: Axis,
    y: Axis,
    palette: Palette,
    title: str,
    keys: tuple[Key, ...],
    x_label: str,
    y_label: str,
    right: int,
) -> Frame:
    cells = Cells.blank(width, height)
    top = int(height > 3 and bool(title or keys))
    if top:
        heading(cells, title, keys, palette)
    if width < LEAST_AXES[0] or height < LEAST_AXES[1]:
        return Frame(cells, top, 0, cells.width, cells.height - top, x, y)
    rows = height - top - 2
    ticks = y.ticks(max(2, min(rows // 3, 8)))
    labels = y.labels(ticks)
    # Most numbers fit into the margin: the drawing does not jump when a label gets a digit more.
    margin = max([4, text_width(x_label) + 1 if len(x_label) < 5 else 0, *map(len, labels)])
    margin = min(margin, width // 3)
    area = Frame(cells, top, margin + 1, width - margin - 1 - right, rows, x, y)
    _y_axis(area, ticks, labels, palette, y_label)
    _x_axis(area, palette, x_label)
    return area


def heading(cells: Cells, title: str, keys: Sequence[Key], palette: Palette) -> None:
    """The title at the left of the first row, as much of the legend as fits at its right."""
    words = [(f"{sign} {name}" if name else sign, sign, colour) for sign, name, colour in keys]
    room = cells.width - (min(text_width(title), cells.width // 2) + 2 if title else 0)
    shown: list[tuple[str, str, int]] = []
    for word in words:
        room -= text_width(word[0]) + 2 * bool(shown)
        if room < 0:
            break
        shown.append(word)
    column = cells.width - sum(text_width(text) + 2 for text, _, _ in shown) + 2 * bool(shown)
    cells.write(0, 0, clipped(title, column - 1 if shown else cells.width), palette.text, BOLD)
    for text, sign, colour in shown:
        end = cells.write(0, column, sign, colour, BOLD)
        cells.write(0, end, text[len(sign) :], palette.muted)
        column += text_width(text) + 2


def _y_axis(area: Frame, ticks: Array, labels: Sequence[str], palette: Palette, label: str) -> None:
    cells, edge = area.cells, area.column - 1
    cells.fill(area.row, edge, 1, area.height, "│", palette.grid)
    for row, text in _apart(np.rint(area.dot_rows(ticks)).astype(int) // 4, labels):
        cells.write(area.row + row, edge, "┤", palette.grid)
        cells.fill(area.row + row, area.column, area.width, 1, "┈", palette.grid)
        text = clipped(text, edge)
        cells.write(area.row + row, edge - len(text), text, palette.muted)
    if label:
        text = clipped(label, edge)
        free = int(bool((cells.glyphs[area.row, :edge] != ord(" ")).any()))
        cells.write(area.row + free, edge - text_width(text), text, palette.muted)


def _apart(rows: Array, labels: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The labels on rows of their own."""
    taken: set[int] = set()
    for row, text in zip(rows.tolist(), labels, strict=True):
        if row not in taken:
            taken.add(row)
            yield row, text


def _x_axis(area: Frame, palette: Palette, label: str) -> None:
    cells, row = area.cells, area.row + area.height
    cells.fill(row, area.column, area.width, 1, "─", palette.grid)
    cells.write(row, area.column - 1, "└", palette.grid)
    name = clipped(label, area.column - 2) if text_width(label) < area.column else ""
    free = cells.write(row + 1, area.column - 1 - text_width(name), name, palette.muted) + 1 if name else 0
    last = cells.width
    if label and not name:
        name = clipped(label, area.width // 3)
        last -= text_width(name) + 1
        cells.write(row + 1, last + 1, name, palette.muted)
    ticks = area.x.ticks(max(2, area.width // 10))
    columns = np.rint(area.dot_columns(ticks)).astype(int) // 2
    for column, text in zip((columns + area.column).tolist(), area.x.labels(ticks), strict=True):
        start = min(max(column - (len(text) - 1) // 2, 0), cells.width - len(text))
        if free <= start and start + len(text) <= last:
            cells.write(row, column, "┴", palette.grid)
            free = cells.write(row + 1, start, text, palette.muted) + 1
