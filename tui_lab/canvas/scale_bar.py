"""Bars that start at nought on a scale which may have both signs."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.axis import snapped
from tui_lab.canvas.bar import bar
from tui_lab.canvas.cells import Cells


class Look(NamedTuple):
    """What a bar is drawn with: a whole cell, its left half (empty: bars to the right have eighths), its right half."""

    whole: str
    left: str
    right: str


FULL, THIN, HALF = Look("█", "", "▐"), Look("━", "╸", "╺"), Look("▀", "▘", "▝")


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` ≤ 0 to `high` ≥ 0 over `width` cells; where there are bars to the left, one cell is the axis."""

    low: float
    high: float
    width: int

    @classmethod
    def around(cls, values: Array, width: int) -> "Scale":
        """A scale that ends at powers of two, so that bars are seen to grow."""
        known = values[np.isfinite(values)]
        return cls(*snapped(float(known.min(initial=0.0)), float(known.max(initial=0.0))), max(width, 0))

    @property
    def axis(self) -> int:
        """The cells of the axis: none or one."""
        return int(self.low < 0 < self.width)

    @property
    def unit(self) -> float:
        """How many cells a bar of length 1 has."""
        return (self.width - self.axis) / (self.high - self.low)

    @property
    def zero(self) -> int:
        """The cells left of the axis."""
        return round(-self.low * self.unit)

    def place(self, value: float) -> int:
        """The cell in which the bar of `value` ends; −1 where there is none."""
        if np.isnan(value) or not self.width:
            return -1
        shift = self.axis if value > 0 else 0
        return int(np.clip(self.zero + shift + self.cut(value) * self.unit, 0, self.width - 1))

    def cut(self, value: float) -> float:
        """The value, or the end of the scale that it lies beyond."""
        return min(max(value, self.low), self.high)


def draw_ground(room: Cells, scale: Scale, colour: int) -> None:
    """A fine line that leads the eye from a bar to its number, or the axis between the bars of two signs."""
    if scale.axis:
        room.fill(0, scale.zero, 1, room.height, "│", colour)
    else:
        room.fill(0, 0, scale.width, 1, "┈", colour)


def draw_bar(room: Cells, row: int, value: float, scale: Scale, look: Look, colour: int) -> None:
    """A bar from nought to `value`, longer ones cut at the scale's end; NaN is none."""
    if np.isnan(value):
        return
    length = abs(scale.cut(value)) * scale.unit
    if value < 0:
        halves = min(round(2 * length), 2 * scale.zero)
        text = look.right * (halves % 2) + look.whole * (halves // 2)
        room.write(row, scale.zero - len(text), text, colour)
        return
    start = scale.zero + scale.axis
    space = scale.width - start
    halves = min(round(2 * length), 2 * space)
    text = look.whole * (halves // 2) + look.left * (halves % 2)
    room.write(row, start, text if look.left else bar(length / max(space, 1), space).rstrip(), colour)
