"""A function of one variable, the point where it is working, and its slope there."""

import math

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.axis import Axis
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.figure import figure
from tui_lab.canvas.frame import Frame, frame
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.scatter import around
from tui_lab.canvas.text import text_width

TANGENT = 0.2
"""Half of the tangent's length, as a part of the picture's shorter side."""


def curve(
    x: Array,
    y: Array,
    point: Array,
    slope: float,
    width: int,
    height: int,
    palette: Palette,
    *,
    x_label: str = "",
    y_label: str = "",
    title: str = "",
    steps: bool = False,
) -> Cells:
    """y[i] at x[i], both 1-D, x ascending; `point` (2,), NaN or empty while there is none, with a tangent of `slope`.
    With `steps` every value holds until half-way to its neighbours, and nothing joins two values."""
    x, y, point = (np.asarray(values, float).ravel() for values in (x, y, point))
    here = point if len(point) == 2 else np.full(2, np.nan)
    known = np.isfinite(x) & np.isfinite(y)
    keys = [("●", "", palette.accent), ("╱", "", palette.muted)]
    for texts in _numbers(here, slope, x_label or "x", y_label or "y"):
        keys = [(sign, text, colour) for (sign, _, colour), text in zip(keys, texts, strict=True)]
        if text_width(title + "".join(texts)) + 8 <= width:
            break
    area = frame(
        width,
        height,
        _axis(x[known]),
        around(y[known]),
        palette,
        title=title,
        keys=keys,
        x_label=x_label,
        y_label=y_label,
    )
    _draw_zero(area, palette)
    dots = Dots(area.width, area.height)
    columns, rows = area.dot_columns(np.where(known, x, np.nan)), area.dot_rows(np.where(known, y, np.nan))
    if steps:
        edges = np.concatenate([columns[:1], (columns[:-1] + columns[1:]) / 2, columns[-1:]])
        dots.segments(edges[:-1], rows, edges[1:], rows, palette.series[0])
    else:
        dots.polyline(columns, rows, palette.series[0])
    if np.isfinite(here).all() and math.isfinite(slope) and dots.bits.size:
        _draw_tangent(area, dots, here, slope, palette)
    dots.draw(area.cells, area.row, area.column, BOLD)
    if np.isfinite(here).all():
        _draw_point(area, here, palette)
    return area.cells


def _axis(x: Array) -> Axis:
    """From end to end of the curve, without room beside it."""
    return Axis(float(x.min()), float(x.max())) if len(x) and x.min() < x.max() else around(x)


def _numbers(here: Array, slope: float, x_label: str, y_label: str) -> tuple[tuple[str, str], ...]:
    """Point and slope as text, the longer form first."""
    x, y, steepness = figure(here[0]), figure(here[1]), figure(slope)
    return (f"{x_label} {x}  {y_label} {y}", f"slope {steepness}"), (f"{x}, {y}", steepness)


def _draw_zero(area: Frame, palette: Palette) -> None:
    """A fine line where x is 0 and one where y is 0."""
    dots = Dots(area.width, area.height)
    column, row = np.rint(area.dot_columns(np.zeros(1))), np.rint(area.dot_rows(np.zeros(1)))
    across, down = np.arange(0.0, dots.columns, 2), np.arange(0.0, dots.rows, 2)
    dots.points(across, np.repeat(row, len(across)), palette.grid)
    dots.points(np.repeat(column, len(down)), down, palette.grid)
    dots.draw(area.cells, area.row, area.column)


def _draw_point(area: Frame, here: Array, palette: Palette) -> None:
    """A dot, or at the edge an arrow to where it lies outside."""
    column, row = float(area.dot_columns(here[:1])[0]), float(area.dot_rows(here[1:])[0])
    wide, high = 2 * area.width - 1, 4 * area.height - 1
    inside = -0.5 <= column <= wide + 0.5 and -0.5 <= row <= high + 0.5
    glyph = "●" if inside else "◀" if column < -0.5 else "▶" if column > wide + 0.5 else "▲" if row < 0 else "▼"
    area.mark(
        min(max(round(row) // 4, 0), area.height - 1),
        min(max(round(column) // 2, 0), area.width - 1),
        glyph,
        palette.accent,
        BOLD,
    )


def _draw_tangent(area: Frame, dots: Dots, here: Array, slope: float, palette: Palette) -> None:
    place = np.array([area.dot_columns(here[:1])[0], area.dot_rows(here[1:])[0]])
    # The slope as it looks on these axes.
    across, up = dots.columns / (area.x.high - area.x.low), dots.rows / (area.y.high - area.y.low)
    way = np.array([1.0, np.clip(-slope * up / across, -1e6, 1e6)])
    way *= TANGENT * min(dots.columns, dots.rows) / np.hypot(*way)
    start, stop = place - way, place + way
    dots.segments(start[:1], start[1:], stop[:1], stop[1:], palette.muted)
