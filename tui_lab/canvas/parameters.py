"""The parameter table: what each parameter is, its gradient, and what the last step did to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tui_lab.canvas.cells import BOLD, REVERSE, Cells
from tui_lab.canvas.number import format_number
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, text_width

_HEADS = ("value", "gradient", "update", "update ratio")
_NUMBER, _SHAPE = 13, 9
_NAME = 10, 24
"""The narrowest and the widest column for names."""
_FIRST_TO_GO = (-1, 2, 3, 1)
"""Where room is short: the shape, the update, the ratio, the gradient."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A row: value, gradient, update, update over value (NaN for none). `norms` says that they are norms of arrays;
    `entry` that it is one number of the array above."""

    name: str
    shape: str
    numbers: tuple[float, float, float, float]
    norms: bool = False
    entry: bool = False


def parameters(
    rows: Sequence[Figures], width: int, height: int, palette: Palette, *, first: int = 0, cursor: int | None = None
) -> Cells:
    """The rows from `first` on, under their heads; the last row says how many more there are. Columns keep their places
    while numbers change; where room is short there are fewer columns. The row with number `cursor` is reversed."""
    cells = Cells.blank(width, height)
    name, shape, kept = _columns(rows, width)
    top = int(height > 1)
    if top:
        _heads(cells, name, shape, kept, palette)
    room = max(height - top, 0)
    first = max(0, min(first, len(rows) - room))
    for place, row in enumerate(rows[first : first + room], start=top):
        _row(cells, place, row, name, shape, kept, palette)
        if cursor is not None and place == top + cursor - first:
            chosen = cells.part(place, 0, width, 1)
            chosen.styles[:] |= REVERSE
            chosen.colours[:] = palette.text
    left = len(rows) - first - room
    if left > 0 and room > 1:
        cells.paste(Cells.blank(width, 1), height - 1, 0)
        cells.write(height - 1, 0, f"… {left + 1} more", palette.muted)
    return cells


def _columns(rows: Sequence[Figures], width: int) -> tuple[int, int, list[int]]:
    """The widths for name and shape, and which of the numbers there is room for."""
    name = max((text_width(row.name) + 2 * row.entry for row in rows), default=0)
    name = min(max(name, _NAME[0]), _NAME[1])
    shape, kept = _SHAPE, [0, 1, 2, 3]
    for going in _FIRST_TO_GO:
        if name + shape + len(kept) * (_NUMBER + 1) <= width:
            break
        if going < 0:
            shape = 0
        else:
            kept.remove(going)
    return max(min(name, width - shape - len(kept) * (_NUMBER + 1)), 0), shape, kept


def _ending(name: str, width: int) -> str:
    """The name in at most `width` cells; of a long one the end, in which the parameters of a model differ."""
    if text_width(name) <= width:
        return clipped(name, width)
    return clipped(name[::-1], width)[::-1]


def _heads(cells: Cells, name: int, shape: int, kept: Sequence[int], palette: Palette) -> None:
    cells.write(0, 0, clipped("parameter", name), palette.muted)
    if shape:
        cells.write(0, name + 1, "shape", palette.muted)
    for place, index in enumerate(kept, start=1):
        head = _HEADS[index]
        cells.write(0, name + shape + place * (_NUMBER + 1) - len(head), head, palette.muted)


def _row(cells: Cells, place: int, row: Figures, name: int, shape: int, kept: Sequence[int], palette: Palette) -> None:
    indent = 2 * row.entry
    colour = palette.muted if row.entry else palette.text
    cells.write(place, indent, _ending(row.name, name - indent), colour, 0 if row.entry else BOLD)
    if shape:
        cells.write(place, name + 1, clipped(row.shape, shape - 1), palette.muted)
    for position, index in enumerate(kept, start=1):
        number = row.numbers[index]
        # A number that is wrong must not look like a number that is missing: entries have no ratio, and leave it empty.
        if index == 3 and math.isnan(number):
            continue
        text = format_number(number)
        text = f"‖{text}‖" if row.norms and index < 3 else text
        look = palette.bad if not math.isfinite(number) else palette.muted if index == 3 else palette.text
        cells.write(place, name + shape + position * (_NUMBER + 1) - text_width(text), text, look)
