"""A camera: where points of a block of 2 by 2 units appear on a picture that looks at it from a side."""

from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array

TALLEST = 0.85
"""The block's height."""
WIDEST = 1.7
"""How much wider than deep a picture may make the block to fill its frame."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks from `azimuth` and `elevation`, in radians, without perspective. A unit is `wide` pixels across and `tall`
    pixels upright; the centre of the base is at pixel (`column`, `row`). Pixels are half a cell."""

    azimuth: float
    elevation: float
    wide: float
    tall: float
    column: float
    row: float

    @classmethod
    def fitting(cls, width: int, height: int, azimuth: float, elevation: float) -> "Camera":
        """For a picture of width by height pixels. The block is of one size from every azimuth: one that grew and
        shrank while it turns would be hard to follow."""
        across = 2 * np.sqrt(2)
        upright = TALLEST * np.cos(elevation) + across * np.sin(elevation)
        tall = min((height - 1) / upright, (width - 1) / across)
        wide = min((width - 1) / across, WIDEST * tall)
        row = (height - 1) / 2 + tall * TALLEST * np.cos(elevation) / 2
        return cls(azimuth, elevation, float(wide), float(tall), (width - 1) / 2, float(row))

    def seen(self, x: Array, y: Array) -> tuple[Array, Array]:
        """How far right and how far away, as seen from here, points of the base are."""
        sine, cosine = np.sin(self.azimuth), np.cos(self.azimuth)
        return x * cosine + y * sine, y * cosine - x * sine

    def base(self, right: Array, away: Array) -> tuple[Array, Array]:
        """The points of the base that are seen there."""
        sine, cosine = np.sin(self.azimuth), np.cos(self.azimuth)
        return right * cosine - away * sine, right * sine + away * cosine

    def columns(self, right: Array) -> Array:
        """Pixel columns, as floats."""
        return np.asarray(self.column + self.wide * right)

    def rows(self, away: Array, up: Array | float) -> Array:
        """Pixel rows, as floats, of points `up` units over the base."""
        return np.asarray(self.row - self.tall * (up * np.cos(self.elevation) + away * np.sin(self.elevation)))

    def crossing(self, columns: Array) -> tuple[Array, Array]:
        """How far away each pixel column's plane of sight enters and leaves the base; it misses where enter > leave."""
        right = (columns - self.column) / self.wide
        enter, leave = np.full(len(right), -2.0), np.full(len(right), 2.0)
        for offset, slope in zip(self.base(right, 0 * right), self.base(np.zeros(1), np.ones(1)), strict=True):
            if abs(slope[0]) > 1e-9:
                bounds = (-1 - offset) / slope, (1 - offset) / slope
                enter, leave = np.maximum(enter, np.minimum(*bounds)), np.minimum(leave, np.maximum(*bounds))
            else:
                leave = np.where(np.abs(offset) > 1 + 1e-9, -3.0, leave)
        return enter, leave
