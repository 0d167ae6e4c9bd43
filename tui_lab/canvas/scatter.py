"""Points with lines over them, and the residuals between."""

from collections.abc import Sequence

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.axis import LARGEST, Axis
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.frame import frame
from tui_lab.canvas.palette import Palette

MARGIN = 0.06
"""Room around the points, as a part of their range."""
MOST_MARKS = 400
"""More points than this are drawn as single dots, and without residuals: they would only fill the picture."""


def scatter(
    x: Array,
    y: Array,
    fitted: Array,
    lines: Sequence[tuple[str, Array, Array]],
    width: int,
    height: int,
    palette: Palette,
    *,
    x_label: str = "",
    y_label: str = "",
    title: str = "",
) -> Cells:
    """Points (x[i], y[i]), lines as (name, x, y) cut at the frame, and a thin stroke from every point to fitted[i]
    (empty for none). The axes fit the points, never a line that has run away."""
    x, y, fitted = (np.asarray(values, float).ravel() for values in (x, y, fitted))
    known = np.isfinite(x) & np.isfinite(y)
    missing = len(x) - int(known.sum())
    title = f"{title} ({missing} not finite)" if missing else title
    colours = [palette.series[(place + 1) % len(palette.series)] for place in range(len(lines))]
    keys = [("━", name, colour) for (name, _, _), colour in zip(lines, colours, strict=True)]
    area = frame(
        width,
        height,
        around(x[known]),
        around(y[known]),
        palette,
        title=title,
        keys=keys,
        x_label=x_label,
        y_label=y_label,
    )
    dots = Dots(area.width, area.height)
    columns, rows = np.rint(area.dot_columns(x[known])), np.rint(area.dot_rows(y[known]))
    if len(fitted) == len(x) <= MOST_MARKS:
        dots.spans(columns, area.dot_rows(y[known]), area.dot_rows(fitted[known]), palette.muted)
    if len(x) > MOST_MARKS:
        dots.points(columns, rows, palette.series[0])
    for (_, line_x, line_y), colour in zip(lines, colours, strict=True):
        dots.polyline(area.dot_columns(line_x), area.dot_rows(line_y), colour)
    dots.draw(area.cells, area.row, area.column)
    if len(x) <= MOST_MARKS:
        for row, column in zip((rows // 4).astype(int).tolist(), (columns // 2).astype(int).tolist(), strict=True):
            area.mark(row, column, "●", palette.series[0], BOLD)
    return area.cells


def around(values: Array) -> Axis:
    """An axis that fits finite values with a little room on both sides."""
    if not len(values):
        return Axis(0.0, 1.0)
    low, high = (float(limit) for limit in np.clip((values.min(), values.max()), -LARGEST, LARGEST))
    room = (high - low) * MARGIN or abs(low) * MARGIN or 1.0
    return Axis(low - room, high + room)
