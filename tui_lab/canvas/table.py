"""A table: text and numbers under heads, aligned, cut and scrolled to fit."""

from collections.abc import Sequence

from tui_lab.canvas.cells import BOLD, REVERSE, Cells
from tui_lab.canvas.frame import heading
from tui_lab.canvas.number import format_number
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, printable, text_width

GAP = 2
LEAST_COLUMN = 4
MOST_MEASURED = 200
"""Longer tables are measured by the rows in sight only."""


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str | float]],
    width: int,
    height: int,
    palette: Palette,
    *,
    title: str = "",
    first: int = 0,
    cursor: int | None = None,
) -> Cells:
    """Rows from number `first` on; that with number `cursor` is reversed. Numbers stand at the right of their column;
    columns that do not fit are narrowed, the widest first, and end with `…`. The title says which rows are in sight."""
    cells = Cells.blank(width, height)
    top = int(height > 2 and bool(title or len(rows) > height - 1))
    space = max(height - top - 1, 0)
    first = max(min(first, len(rows) - space), 0)
    shown = rows[first : first + space]
    if top:
        key = [(f"{first + 1}–{first + len(shown)} of {len(rows)}", "", palette.muted)] if len(rows) > space else []
        heading(cells, title, key, palette)
    texts = [[written(value) for value in row] for row in shown]
    measured = texts if len(rows) > MOST_MEASURED else [[written(value) for value in row] for row in rows]
    widths = fitted(
        [
            max([text_width(name), *(text_width(row[place]) for row in measured if place < len(row))])
            for place, name in enumerate(columns)
        ],
        width,
    )
    numeric = [
        all(not isinstance(row[place], str) for row in shown if place < len(row)) and bool(shown)
        for place in range(len(columns))
    ]
    _write_row(cells, top, columns, widths, numeric, palette.muted, BOLD)
    for place, (row, values) in enumerate(zip(texts, shown, strict=True)):
        chosen = first + place == cursor
        right = [not isinstance(value, str) for value in values]
        if chosen:
            cells.write(top + 1 + place, 0, " " * cells.width, palette.text, REVERSE)
        _write_row(cells, top + 1 + place, row, widths, right, palette.text, REVERSE if chosen else 0)
    return cells


def written(value: str | float) -> str:
    """A cell of a table as text on one line."""
    return printable(value) if isinstance(value, str) else format_number(value)


def fitted(widths: Sequence[int], room: int) -> list[int]:
    """Widths that fit side by side in `room`, with gaps: the widest are cut to one common width."""
    room -= GAP * (len(widths) - 1)
    limit = min(max(widths, default=0), max(room, LEAST_COLUMN))
    while limit > LEAST_COLUMN and sum(min(width, limit) for width in widths) > room:
        limit -= 1
    return [min(width, limit) for width in widths]


def _write_row(
    cells: Cells, row: int, texts: Sequence[str], widths: Sequence[int], right: Sequence[bool], colour: int, style: int
) -> None:
    column = 0
    for text, width, at_right in zip(texts, widths, right, strict=False):
        text = clipped(text, width)
        cells.write(row, column + (width - text_width(text) if at_right else 0), text, colour, style)
        column += width + GAP
