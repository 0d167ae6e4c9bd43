"""Dots: a raster of two by four dots a cell, drawn with braille characters."""

import numpy as np
from numpy.typing import NDArray

from tui_lab.canvas.arrays import Array, BoolArray, IntArray
from tui_lab.canvas.cells import DEFAULT, Cells

_BITS = {(0, 0): 0, (1, 0): 1, (2, 0): 2, (0, 1): 3, (1, 1): 4, (2, 1): 5, (3, 0): 6, (3, 1): 7}
"""The bit of a braille character for the dot in a row and a column of its cell."""
_BLANK = 0x2800
SPARSE = 8
"""Strokes that fill less than so great a part of the raster are lit dot by dot, others by where they start and end."""


class Dots:
    """A raster over `width` by `height` cells. A cell has the colour of what was drawn last in it. Coordinates are in
    dots from the upper left one; what lies outside, or is NaN, is not drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.columns, self.rows = max(width, 0) * 2, max(height, 0) * 4
        shape = (self.rows // 4, self.columns // 2)
        self.bits = np.zeros(shape, np.uint8)
        self.colours = np.full(shape, DEFAULT, np.int32)

    def mask(self, lit: BoolArray, colour: int) -> None:
        """Light the dots where `lit`, of shape (rows, columns), is true."""
        bits: NDArray[np.uint8] = np.zeros_like(self.bits)
        for (row, column), bit in _BITS.items():
            bits |= lit[row::4, column::2].view(np.uint8) << np.uint8(bit)
        self.bits |= bits
        self.colours[bits > 0] = colour

    def points(self, x: Array, y: Array, colour: int) -> None:
        """A dot at each (x[i], y[i])."""
        lit = np.zeros((self.rows, self.columns), bool)
        inside = (x > -0.5) & (x < self.columns - 0.5) & (y > -0.5) & (y < self.rows - 0.5)
        lit[np.rint(y[inside]).astype(np.intp), np.rint(x[inside]).astype(np.intp)] = True
        self.mask(lit, colour)

    def spans(self, columns: Array, starts: Array, stops: Array, colour: int) -> None:
        """Vertical strokes: in column columns[i] all rows from starts[i] to stops[i], both lit, in either order."""
        tops, bottoms = np.rint(np.fmin(starts, stops)), np.rint(np.fmax(starts, stops))
        kept = (columns >= 0) & (columns < self.columns) & (bottoms >= 0) & (tops < self.rows)
        if not kept.any():
            return
        places = columns[kept].astype(np.intp)
        first = np.maximum(tops[kept], 0).astype(np.intp)
        last = np.minimum(bottoms[kept], self.rows - 1).astype(np.intp)
        self.mask(self._dotted(places, first, last), colour)

    def _dotted(self, places: IntArray, first: IntArray, last: IntArray) -> BoolArray:
        """The raster with the rows first[i] to last[i] of column places[i] lit."""
        lengths = last - first + 1
        total = int(lengths.sum())
        if total * SPARSE <= self.rows * self.columns:
            # Dot by dot: a thin line has few of them.
            lit = np.zeros((self.rows, self.columns), bool)
            before = np.cumsum(lengths) - lengths
            lit[np.arange(total) + np.repeat(first - before, lengths), np.repeat(places, lengths)] = True
            return lit
        size = (self.rows + 1) * self.columns
        starts, stops = first * self.columns + places, (last + 1) * self.columns + places
        edges = np.bincount(starts, minlength=size) - np.bincount(stops, minlength=size)
        depth: BoolArray = np.cumsum(edges.reshape(self.rows + 1, self.columns)[:-1], axis=0) > 0
        return depth

    def segments(self, x0: Array, y0: Array, x1: Array, y1: Array, colour: int) -> None:
        """Straight lines from (x0[i], y0[i]) to (x1[i], y1[i])."""
        self.spans(*strokes(x0, y0, x1, y1, self.columns), colour)

    def polyline(self, x: Array, y: Array, colour: int) -> None:
        """A line through all (x[i], y[i]), broken where one is NaN."""
        self.segments(x[:-1], y[:-1], x[1:], y[1:], colour)

    def draw(self, cells: Cells, row: int, column: int, style: int = 0) -> None:
        """Put the lit cells onto `cells` with the upper left one at (row, column); backgrounds stay."""
        height, width = self.bits.shape
        area = (slice(row, row + height), slice(column, column + width))
        lit = self.bits > 0
        cells.glyphs[area][lit] = _BLANK + self.bits[lit].astype(np.uint32)
        cells.colours[area][lit] = self.colours[lit]
        cells.styles[area][lit] = style


def strokes(x0: Array, y0: Array, x1: Array, y1: Array, columns: int) -> tuple[Array, Array, Array]:
    """Lines cut into one vertical stroke for each of the `columns` they cross: columns, starts, stops."""
    known = np.isfinite(x0) & np.isfinite(y0) & np.isfinite(x1) & np.isfinite(y1)
    turned = x0 > x1
    x0, x1 = np.where(turned, x1, x0)[known], np.where(turned, x0, x1)[known]
    y0, y1 = np.where(turned[known], y1[known], y0[known]), np.where(turned[known], y0[known], y1[known])
    first = np.clip(np.rint(x0), 0, columns)
    counts = np.maximum(np.clip(np.rint(x1), -1, columns - 1) - first + 1, 0).astype(np.intp)
    line = np.repeat(np.arange(len(x0)), counts)
    place = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts) + first[line]
    slope = np.divide(y1 - y0, x1 - x0, out=np.zeros(len(x0)), where=x1 > x0)[line]
    gentle = (np.abs(slope) <= 1) & (x1 > x0)[line]
    left = np.maximum(np.where(gentle, place, place - 0.5), x0[line])
    right = np.minimum(np.where(gentle, place, place + 0.5), x1[line])
    upright = (x1 <= x0)[line]
    starts = np.where(upright, y0[line], y0[line] + slope * (left - x0[line]))
    stops = np.where(upright, y1[line], y0[line] + slope * (right - x0[line]))
    return place, starts, stops
