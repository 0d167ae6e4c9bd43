"""Several polylines over each other on common axes, each told by its name and its last value."""

from collections.abc import Sequence

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray
from tui_lab.canvas.axis import FINEST, LARGEST, SMALLEST, Axis
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.close import close
from tui_lab.canvas.figure import figure
from tui_lab.canvas.frame import Frame, Key, frame, heading
from tui_lab.canvas.keys import GAP, spread, upward, write_keys
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.shades import class_colours
from tui_lab.canvas.text import clipped, text_width

SIGNS = "●◆▲■○◇△□"
"""The marks at the lines' ends, also in the key: lines are told apart without colours too."""
NUMBER = 6
"""Cells of a line's last value."""
BESIDE_FROM = 64
"""The width from which on the key stands at the right, each entry as near to its line's end as the others let it."""
MOST_NAME, MOST_KEY = 18, 0.3
"""Cells of a name beside the lines, and the part of the height that a key above them may take."""

Line = tuple[str, Array, Array]
"""A name, x and y; what has no place on the axes is NaN."""


def curves(
    lines: Sequence[Line],
    width: int,
    height: int,
    palette: Palette,
    *,
    log_x: bool = False,
    log_y: bool = False,
    x_label: str = "",
    y_label: str = "",
    title: str = "",
) -> Cells:
    """Lines through (x[i], y[i]) in their order, both 1-D and of one length, broken where one of the two is not finite
    or, on a logarithmic axis, not positive. The axis of y moves by doublings or decades, that of x fits."""
    lines = [_placed(line, log_x, log_y) for line in lines]
    axes = _x_axis(lines, log_x), close(np.concatenate([np.empty(0), *(y for _, _, y in lines)]), log_y)
    cells = Cells.blank(width, height)
    if width >= BESIDE_FROM and lines:
        keys = _keys(lines, MOST_NAME, palette)
        right = 3 + max(text_width(name) for _, name, _ in keys)
        y_label, told = upward(y_label, title, [], width, palette)
        area = frame(
            width, height, *axes, palette, title=title, keys=told, x_label=x_label, y_label=y_label, right=right
        )
        _write_beside(area, _draw(area, lines, keys, palette), keys, palette)
        return area.cells
    keys = _keys(lines, width // 2, palette)
    above = _write_above(cells, title, keys, palette)
    area = frame(width, height - above, *axes, palette, x_label=x_label, y_label=y_label)
    _draw(area, lines, keys, palette)
    cells.paste(area.cells, above, 0)
    return cells


def _placed(line: Line, log_x: bool, log_y: bool) -> Line:
    """The line with NaN where it is broken; of arrays that differ in length the common part."""
    name, x, y = line[0], np.asarray(line[1], float).ravel(), np.asarray(line[2], float).ravel()
    x, y = x[: len(y)], y[: len(x)]
    known = np.isfinite(x) & np.isfinite(y) & ((x > 0) | (not log_x)) & ((y > 0) | (not log_y))
    return name, np.where(known, x, np.nan), np.where(known, y, np.nan)


def _x_axis(lines: Sequence[Line], log: bool) -> Axis:
    """From end to end of the lines, without room beside them."""
    values = np.concatenate([np.empty(0), *(x for _, x, _ in lines)])
    known = np.clip(values[np.isfinite(values)], SMALLEST if log else -LARGEST, LARGEST)
    low, high = float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
    if not high - low > max(abs(low), abs(high)) * FINEST:
        return close(known, log)
    return Axis(low, high, log=log, whole=not log and low.is_integer() and high.is_integer())


def _last(line: Line) -> int:
    """The index of the last point that has a place, −1 for none."""
    known = np.flatnonzero(np.isfinite(line[2]))
    return int(known[-1]) if len(known) else -1


def _keys(lines: Sequence[Line], most: int, palette: Palette) -> list[Key]:
    """A sign, a name of at most so many cells and the last value, and a colour for each line."""
    colours = class_colours(len(lines), palette)
    values = [line[2][_last(line)] if _last(line) >= 0 else np.nan for line in lines]
    return [
        (SIGNS[place % len(SIGNS)], f"{clipped(line[0], most)} {figure(values[place], NUMBER)}", colours[place])
        for place, line in enumerate(lines)
    ]


def _draw(area: Frame, lines: Sequence[Line], keys: Sequence[Key], palette: Palette) -> list[int]:
    """The lines, and a mark at the end of each; the rows of the ends, the last row for a line that has none."""
    dots = Dots(area.width, area.height)
    ends = [(area.height - 1, -1)] * len(lines)
    for place, (line, key) in enumerate(zip(lines, keys, strict=True)):
        columns, rows = area.dot_columns(line[1]), area.dot_rows(line[2])
        dots.polyline(columns, rows, key[2])
        if (alone := _alone(rows)).any():
            dots.points(columns[alone], rows[alone], key[2])
        if (last := _last(line)) >= 0:
            ends[place] = int(rows[last]) // 4, int(columns[last]) // 2
    dots.draw(area.cells, area.row, area.column)
    if not dots.bits.any():
        area.cells.write(area.row + area.height // 2, area.column + 1, "no data yet", palette.muted)
    for end, (sign, _, colour) in zip(ends, keys, strict=True):
        area.mark(*end, sign, colour, BOLD)
    return [row for row, _ in ends]


def _alone(rows: Array) -> BoolArray:
    """Which points have no line to them: those between two gaps."""
    known = np.pad(np.isfinite(rows), 1)
    alone: BoolArray = known[1:-1] & ~known[:-2] & ~known[2:]
    return alone


def _write_beside(area: Frame, ends: Sequence[int], keys: Sequence[Key], palette: Palette) -> None:
    """The key right of the lines, each entry in or near the row where its line ends; of too many the first ones."""
    left = area.column + area.width + 1
    shown = len(keys) if len(keys) <= area.height else max(area.height - 1, 0)
    room = area.height - (shown < len(keys))
    for row, (sign, text, colour) in zip(spread(ends[:shown], room), keys, strict=False):
        end = area.cells.write(area.row + row, left, sign, colour, BOLD)
        area.cells.write(area.row + row, end + 1, text, palette.text)
    if shown < len(keys):
        area.cells.write(area.row + room, left, f"… {len(keys) - shown} more", palette.muted)


def _write_above(cells: Cells, title: str, keys: Sequence[Key], palette: Palette) -> int:
    """Title and key in one row where they fit, else the key in rows of its own; how many rows they take."""
    room = cells.width - text_width(title)
    if cells.height <= 3 or not (title or keys):
        return 0
    if sum(text_width(f"{sign} {text}") + GAP for sign, text, _ in keys) <= room:
        heading(cells, title, keys, palette)
        return 1
    heading(cells, title, (), palette)
    top = int(bool(title))
    return top + write_keys(cells, top, int(cells.height * MOST_KEY) - top, keys, palette)
