"""A line chart that loses nothing: every column shows the whole range of the numbers that fall into it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from tui_lab.canvas.arrays import Array, BoolArray, IntArray
from tui_lab.canvas.axis import Axis, snapped, snapped_log
from tui_lab.canvas.braille import Dots, strokes
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.frame import Frame, frame
from tui_lab.canvas.palette import Palette

MOST_BINS = 2048
"""Raw arrays are cut to so many bins: more than a terminal has dot columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One value per bin: `x` the bins' first steps, ascending; `low` and `high` the least and the largest finite value,
    `last` the last one; `broken` where a value is NaN or infinite (`low` and `high` are NaN where no other is)."""

    name: str
    x: Array
    low: Array
    high: Array
    last: Array
    broken: BoolArray

    @classmethod
    def of(cls, name: str, first: ArrayLike, second: ArrayLike | None = None) -> "Series":
        """The series of raw values y, or of x and y, both 1-D and of one length, x ascending (default 0, 1, 2, …)."""
        y = np.asarray(first if second is None else second, float)
        x = None if second is None else np.asarray(first, float)
        if y.ndim != 1 or np.shape(first) != y.shape:
            raise ValueError(f"x and y of a series must be 1-D and of one length, not {np.shape(first)} and {y.shape}")
        if len(y) <= MOST_BINS:
            broken = ~np.isfinite(y)
            values = np.where(broken, np.nan, y)
            return cls(name, np.arange(len(y), dtype=float) if x is None else x, values, values, values, broken)
        starts = np.linspace(0, len(y), MOST_BINS, endpoint=False).astype(np.intp)
        low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
        # Unlike fmin and fmax these pass NaN on, at half the cost.
        broken = ~(np.isfinite(low) & np.isfinite(high))
        if broken.any():
            y = np.where(np.isfinite(y), y, np.nan)
            low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
        last = y[np.append(starts[1:], len(y)) - 1]
        return cls(name, starts.astype(float) if x is None else x[starts], low, high, last, broken)


def chart(
    series: Sequence[Series],
    width: int,
    height: int,
    palette: Palette,
    *,
    x_range: tuple[float, float] | None = None,
    log_y: bool = False,
    cursor: float | None = None,
    title: str = "",
    x_label: str = "",
) -> Cells:
    """Lines over common axes. Where a bin is broken the line is too, and a `×` at the upper edge says so (on a
    logarithmic axis a `×` at the lower edge: values that are not positive). `cursor` is a dotted line at a step."""
    shown = [_positive(one) if log_y else one for one in series]
    x = _x_axis(series, x_range)
    colours = [palette.series[place % len(palette.series)] for place in range(len(series))]
    keys = [("━", one.name, colour) for one, colour in zip(series, colours, strict=True)]
    area = frame(width, height, x, _y_axis(shown, x, log_y), palette, title=title, keys=keys, x_label=x_label)
    if cursor is not None and x.low <= cursor <= x.high:
        _cursor(area, cursor, palette)
    dots = Dots(area.width, area.height)
    for one, colour in zip(shown, colours, strict=True):
        dots.spans(*_strokes(one, area), colour)
    dots.draw(area.cells, area.row, area.column)
    for one, raw in zip(shown, series, strict=True):
        _mark(area, raw.x[raw.broken], 0, palette)
        _mark(area, one.x[one.broken & ~raw.broken], area.height - 1, palette)
    if not any(len(one.x) for one in series):
        text = "no data yet"
        column = max((area.width - len(text)) // 2, 0)
        area.cells.write(area.row + area.height // 2, area.column + column, text, palette.muted)
    return area.cells


def _positive(one: Series) -> Series:
    with np.errstate(invalid="ignore"):
        high, last = (np.where(values > 0, values, np.nan) for values in (one.high, one.last))
        low = np.where(one.low > 0, one.low, high)
        return replace(one, low=low, high=high, last=last, broken=one.broken | (one.low <= 0))


def _x_axis(series: Sequence[Series], x_range: tuple[float, float] | None) -> Axis:
    filled = [one.x for one in series if len(one.x)]
    low, high = x_range or (min((x[0] for x in filled), default=0.0), max((x[-1] for x in filled), default=1.0))
    whole = all(float(x[place]).is_integer() for x in filled for place in (0, len(x) // 2, -1))
    return Axis(float(low), float(high) if high > low else float(low) + 1, whole=whole)


def _y_axis(series: Sequence[Series], x: Axis, log: bool) -> Axis:
    lows, highs = [], []
    for one in series:
        start, stop = np.searchsorted(one.x, x.low), np.searchsorted(one.x, x.high, side="right")
        if stop > start:
            lows.append(np.fmin.reduce(one.low[start:stop]))
            highs.append(np.fmax.reduce(one.high[start:stop]))
    if np.all(np.isnan(lows)):
        return Axis(0.1, 1.0, log) if log else Axis(0.0, 1.0)
    limits = float(np.fmin.reduce(lows)), float(np.fmax.reduce(highs))
    return Axis(*snapped_log(*limits), log=True) if log else Axis(*snapped(*limits))


def _strokes(one: Series, area: Frame) -> tuple[Array, Array, Array]:
    """The vertical strokes of one series: the range of every dot column, and the lines between neighbours."""
    columns = np.rint(area.dot_columns(one.x))
    starts = np.flatnonzero(np.diff(columns, prepend=np.nan) != 0)
    if not len(starts):
        return columns, columns, columns
    low, high = np.fmin.reduceat(one.low, starts), np.fmax.reduceat(one.high, starts)
    bottom, top = area.dot_rows(low), area.dot_rows(high)
    last = area.dot_rows(one.last[_ends(starts, len(columns))])
    broken = np.logical_or.reduceat(one.broken, starts)
    joined = ~(broken[1:] | broken[:-1])
    # The line goes on from a column's last value to the nearest value of the next.
    near = np.clip(last[:-1], top[1:], bottom[1:])
    place = columns[starts]
    before, after = np.flatnonzero(joined), np.flatnonzero(joined) + 1
    lines = strokes(place[before], last[before], place[after], near[joined], 2 * area.width)
    return (
        np.concatenate((place, lines[0])),
        np.concatenate((top, lines[1])),
        np.concatenate((bottom, lines[2])),
    )


def _ends(starts: IntArray, length: int) -> IntArray:
    return np.append(starts[1:], length) - 1


def _mark(area: Frame, steps: Array, row: int, palette: Palette) -> None:
    columns = np.unique(np.rint(area.dot_columns(steps))) // 2
    for column in np.unique(columns[(columns >= 0) & (columns < area.width)]).astype(int).tolist():
        area.mark(row, column, "×", palette.bad, BOLD)


def _cursor(area: Frame, cursor: float, palette: Palette) -> None:
    column = int(np.rint(area.dot_columns(np.array([cursor])))[0]) // 2
    area.cells.fill(area.row, area.column + column, 1, area.height, "┊", palette.accent)
