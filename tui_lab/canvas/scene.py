"""A scene: a block whose top is a function of two numbers, and which of its points a camera sees at each pixel."""

from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray
from tui_lab.canvas.camera import TALLEST, Camera
from tui_lab.canvas.height import Heights

DEPTHS = 160
"""How many points of the surface are looked at along each plane of sight."""
NEAR = 0.1
"""What lies less than this behind the surface is on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The block's `top` over its base of 2 by 2, and in `hits`, of shape (rows, columns), how far away each pixel meets
    the top; -inf on the block's walls, NaN where it meets nothing."""

    camera: Camera
    top: Heights
    hits: Array

    @classmethod
    def of(cls, heights: Heights, camera: Camera, width: int, height: int) -> "Scene":
        """A picture of width by height pixels of heights 0..1."""
        top = Heights(_based(heights.x, heights.x), _based(heights.y, heights.y), heights.z * TALLEST)
        return cls(camera, top, _hits(top, camera, width, height))

    def right(self) -> Array:
        """How far right each pixel column is, of shape (columns,)."""
        return np.asarray((np.arange(self.hits.shape[1]) - self.camera.column) / self.camera.wide, float)

    def projected(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        """Pixel columns and rows of points of the top, given on the base, and how far away they are; NaN beside it."""
        right, away = self.camera.seen(x, y)
        up = self.top.at(np.nan_to_num(x), np.nan_to_num(y))
        return self.camera.columns(right), self.camera.rows(away, up), away

    def visible(self, columns: Array, rows: Array, away: Array) -> BoolArray:
        """Whether points so far away, at these pixels, are hidden by nothing."""
        height, width = self.hits.shape
        known = np.isfinite(columns) & np.isfinite(rows)
        row = np.clip(np.rint(np.where(known, rows, 0)), 0, height - 1).astype(np.intp)
        column = np.clip(np.rint(np.where(known, columns, 0)), 0, width - 1).astype(np.intp)
        return np.asarray(known & ~(away > self.hits[row, column] + NEAR))


def on_base(numbers: Array, values: Array) -> Array:
    """Numbers as places -1..1 along an edge of the base that spans `values`; NaN outside."""
    numbers = np.asarray(numbers, float)
    inside = (numbers >= values[0]) & (numbers <= values[-1])
    return _based(np.where(inside, numbers, np.nan), values)


def _based(numbers: Array, values: Array) -> Array:
    span = float(values[-1] - values[0])
    return np.asarray(2 * (numbers - values[0]) / span - 1 if span else 0 * numbers)


def _hits(top: Heights, camera: Camera, width: int, height: int) -> Array:
    """Along each plane of sight, from front to back, a pixel meets the first point that stands higher on the picture
    than all before it."""
    enter, leave = camera.crossing(np.arange(width, dtype=float))
    away = enter[:, None] + np.linspace(0, 1, DEPTHS) * np.maximum(leave - enter, 0)[:, None]
    right = (np.arange(width) - camera.column) / camera.wide
    x, y = camera.base(np.broadcast_to(right[:, None], away.shape), away)
    rows = camera.rows(away, top.at(x, y))
    pixel = np.arange(height, dtype=float)
    hits = _first(rows, away, pixel)
    front = pixel > rows[:, :1]
    hits[front] = np.nan
    hits[front & (pixel <= camera.rows(enter, 0.0)[:, None])] = -np.inf
    hits[leave <= enter] = np.nan
    return np.asarray(hits.T)


def _first(rows: Array, away: Array, pixel: Array) -> Array:
    """How far away each pixel's first point is, of shape (planes, pixels): between the last point of its plane that
    stays below the pixel and the next; NaN where all stay below."""
    planes, height = len(rows), len(pixel)
    reached = np.minimum.accumulate(rows, axis=1)
    # Counting, pixel by pixel, the points that stay below it takes the place of a search in every plane.
    cut = np.clip(np.ceil(reached), 0, height).astype(np.intp)
    plane = np.arange(planes)[:, None]
    counts = np.bincount((cut + plane * (height + 1)).ravel(), minlength=planes * (height + 1))
    below = np.cumsum(counts.reshape(planes, height + 1)[:, :0:-1], axis=1)[:, ::-1]
    after = np.clip(below, 1, DEPTHS - 1)
    first, second = rows[plane, after - 1], rows[plane, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.clip(np.nan_to_num((first - pixel) / (first - second)), 0, 1)
    found = away[plane, after - 1] + part * (away[plane, after] - away[plane, after - 1])
    return np.where(below >= DEPTHS, np.nan, found)
