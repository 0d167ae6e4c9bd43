"""The status line: figures in fixed columns, so that a changing number changes few cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui_lab.canvas.cells import BOLD, DEFAULT, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, text_width

_GAP = 2
_LONGEST_BAR, _SHORTEST_BAR = 30, 8


@dataclass(frozen=True, slots=True)
class Field:
    """One figure: a quiet label, a value, a quiet unit. `width` cells at least are kept for the value, or for value and
    unit where it stands left. Where room is short, the fields of the largest `rank` go first."""

    value: str
    rank: int
    label: str = ""
    unit: str = ""
    width: int = 0
    right: bool = False
    """Whether the value stands at the right end of its cells: so do counters, whose last digit changes."""
    colour: int = DEFAULT
    gap: int = _GAP
    """Cells left free between it and the field before it."""

    @property
    def cells(self) -> int:
        """How many cells it takes, without the gap."""
        if self.right:
            return text_width(self.label) + max(self.width, text_width(self.value)) + text_width(self.unit)
        return text_width(self.label) + max(self.width, text_width(self.value + self.unit))


def status(
    fields: Sequence[Field],
    width: int,
    palette: Palette,
    *,
    share: float | None = None,
    notice: str = "",
) -> Cells:
    """One row of the fields that fit, in their order; then a bar of the `share` (0 to 1) done if there is room. A
    `notice` at the right end takes the place of the bar and of fields of low rank."""
    cells = Cells.blank(width, 1)
    reserved = min(text_width(notice), max(width - fields[0].cells - _GAP, 0)) if fields else width
    room = width - reserved - _GAP if notice else width
    column = 0
    for field in _fitting(fields, room):
        start = column + field.gap if column else 0
        _write(cells, start, field, palette)
        column = start + field.cells
    if notice:
        cells.write(0, max(width - reserved, 0), clipped(notice, reserved), palette.accent)
    elif share is not None and width - column - _GAP >= _SHORTEST_BAR:
        _bar(cells, column + _GAP, min(width - column - _GAP, _LONGEST_BAR), share, palette)
    return cells


def _fitting(fields: Sequence[Field], room: int) -> list[Field]:
    kept = list(fields)
    while len(kept) > 1 and sum(field.cells + field.gap for field in kept) - kept[0].gap > room:
        kept.remove(max(kept, key=lambda field: field.rank))
    return kept


def _write(cells: Cells, column: int, field: Field, palette: Palette) -> None:
    colour = palette.text if field.colour == DEFAULT else field.colour
    start = cells.write(0, column, field.label, palette.muted)
    padding = max(field.width - text_width(field.value), 0) if field.right else 0
    after = cells.write(0, start + padding, field.value, colour, BOLD if field.rank == 0 else 0)
    cells.write(0, after, field.unit, palette.muted)


def _bar(cells: Cells, column: int, width: int, share: float, palette: Palette) -> None:
    halves = round(2 * width * min(max(share, 0.0), 1.0))
    cells.write(0, column, "━" * width, palette.grid)
    end = cells.write(0, column, "━" * (halves // 2), palette.positive)
    cells.write(0, end, "╸" * (halves % 2), palette.positive)
