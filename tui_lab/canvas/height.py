"""Heights: a function on a grid, read between its points, and put on a scale that shows its shape."""

import math
from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray
from tui_lab.canvas.axis import LARGEST

EVEN = 0.7
"""A half spaces the rings of a bowl evenly, one the lines of a straight valley."""

SAME = 1e-12
"""As a part of the whole range: heights that differ by less are one."""
LEVEL_DIGITS = 9
"""Decimal places of the distance between two levels down to which heights are told apart."""
ROOTS = {1: "", 2: "√", 3: "∛", 4: "∜"}
OFF_GROUND = 0.2
"""Where half of a surface is lower than this, its shape is not seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """z[j, i] at (x[i], y[j]), x and y ascending, with at least one value each."""

    x: Array
    y: Array
    z: Array

    @classmethod
    def of(cls, x: Array, y: Array, z: Array) -> "Heights":
        """The arrays checked: z of shape (len(y), len(x)), not empty. Infinite values become NaN."""
        x, y, z = np.asarray(x, float), np.asarray(y, float), np.asarray(z, float)
        if z.shape != (len(y), len(x)) or not z.size:
            raise ValueError(f"z must have the shape (len(y), len(x)) = {(len(y), len(x))}, not {z.shape}")
        return cls(x, y, np.where(np.isfinite(z), np.clip(z, -LARGEST, LARGEST), np.nan))

    def at(self, x: Array, y: Array) -> Array:
        """z at (x, y), of their common shape, linear between the four nearest points of the grid."""
        return interpolated(self.z, self.columns(x), self.rows(y))

    def columns(self, x: Array) -> Array:
        """The place of each x among the grid's columns, as a float."""
        return np.interp(x, self.x, np.arange(len(self.x)))

    def rows(self, y: Array) -> Array:
        """The place of each y among the grid's rows, as a float."""
        return np.interp(y, self.y, np.arange(len(self.y)))

    def evened(self) -> "Heights":
        """The heights on a scale 0..1 whose equal steps take up about equal widths of the picture, whatever the
        function: a power of the part of the grid that lies lower."""
        known = self.z[np.isfinite(self.z)]
        if not known.size or known.min() == known.max():
            return Heights(self.x, self.y, np.where(np.isnan(self.z), np.nan, 0.0))
        parts = np.linspace(0, 1, 129) ** 2  # closer together near the minimum, where z bends most
        levels = np.quantile(known, parts)
        # Two sides of a bowl are as high but for rounding: between such levels there must be no step.
        apart = np.diff(levels, prepend=-np.inf) > SAME * (levels[-1] - levels[0])
        return Heights(self.x, self.y, np.interp(self.z, levels[apart], parts[apart] ** EVEN))

    def evenly(self, fraction: float) -> float:
        """The z at a place of the scale of `evened`; NaN where no z is known."""
        known = self.z[np.isfinite(self.z)]
        return float(np.quantile(known, fraction ** (1 / EVEN))) if known.size else math.nan

    def rooted(self) -> tuple["Heights", str]:
        """The heights on a scale 0..1, and the sign of the root that keeps half of them off the ground ("" for none).
        Unknown ones are at the top: a function overflows where it is high."""
        low, high = np.nanmin(self.z, initial=np.inf), np.nanmax(self.z, initial=-np.inf)
        parts = (self.z - low) / (high - low) if high > low else np.zeros(self.z.shape)
        parts = np.where(np.isnan(parts), 1.0, parts)
        middle = float(np.median(parts))
        root = next((root for root in ROOTS if middle ** (1 / root) > OFF_GROUND), max(ROOTS)) if high > low else 1
        return Heights(self.x, self.y, parts ** (1 / root)), ROOTS[root]


def interpolated(z: Array, columns: Array, rows: Array) -> Array:
    """z at fractional places of its grid."""
    left = np.clip(np.floor(columns).astype(np.intp), 0, max(z.shape[1] - 2, 0))
    top = np.clip(np.floor(rows).astype(np.intp), 0, max(z.shape[0] - 2, 0))
    right, bottom = np.minimum(left + 1, z.shape[1] - 1), np.minimum(top + 1, z.shape[0] - 1)
    across, down = columns - left, rows - top
    upper = z[top, left] * (1 - across) + z[top, right] * across
    lower = z[bottom, left] * (1 - across) + z[bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down)


def level_lines(fractions: Array, count: int) -> BoolArray:
    """Where one of `count` evenly spaced levels is crossed on a picture of shape (rows, columns) of fractions 0..1."""
    with np.errstate(invalid="ignore"):
        # What lies on a level is above it on every processor, whatever the last bits of its height are.
        bands = np.floor(np.round(fractions * count, LEVEL_DIGITS))
        bands = np.nan_to_num(np.minimum(bands, count - 1), nan=-1).astype(np.int16)
    lines = np.zeros(bands.shape, bool)
    lines[:-1] |= bands[:-1] != bands[1:]
    lines[:, :-1] |= bands[:, :-1] != bands[:, 1:]
    return lines
