"""Words at their places in a plane, and the ways that they have come."""

from collections.abc import Sequence

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray, IntArray
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.close import close
from tui_lab.canvas.frame import Frame, frame
from tui_lab.canvas.keys import upward
from tui_lab.canvas.labels import labels
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.shades import mixed
from tui_lab.canvas.text import clipped, text_width
from tui_lab.canvas.visible import visible

LONGEST = 16
"""Cells of a word; longer ones are cut."""
MOST_NAMED = 1000
"""So many points are tried for room for their names: with more of them there is no room left."""
CROWDED = 60
"""With more than one way in so many cells only those of the chosen words are drawn: others would fill the picture."""
FAINT = 0.45
"""How strong the ways of the other words are."""


def words(
    names: Sequence[str],
    x: Array,
    y: Array,
    before_x: Array,
    before_y: Array,
    chosen: IntArray,
    width: int,
    height: int,
    palette: Palette,
    *,
    x_label: str = "",
    y_label: str = "",
    title: str = "",
) -> Cells:
    """A point for each name at (x[i], y[i]), both (n,), with the name beside it wherever it covers no other point or
    name; those of the `chosen` points, by index, first. before_x and before_y (n, t) are the ways to them, oldest place
    first. The axes fit the points, not the ways; what is not finite is not drawn."""
    x, y, known, first = _checked(names, x, y, chosen)
    ways = _ways(x, y, before_x, before_y)
    keys = [("●", "chosen", palette.accent)] if first.any() else []
    keys += [("⠒", "way so far", palette.muted)] if ways is not None else []
    title = title if known.all() else f"{title} ({(~known).sum()} not finite)"
    y_label, keys = upward(y_label, title, keys, width, palette)
    axes = close(x[known]), close(y[known])
    area = frame(width, height, *axes, palette, title=title, keys=keys, x_label=x_label, y_label=y_label)
    if ways is not None:
        _draw_ways(area, *ways, first, palette)
    # The chosen ones first, for their names.
    order = np.append(np.flatnonzero(first & known), np.flatnonzero(~first & known))
    ordered = [names[place] for place in order.tolist()]
    _draw_points(area, ordered, x[order], y[order], int((first & known).sum()), palette)
    return area.cells


def _checked(names: Sequence[str], x: Array, y: Array, chosen: IntArray) -> tuple[Array, Array, BoolArray, BoolArray]:
    """x and y of every point that has a name, which of them are finite, and which are chosen, all (n,)."""
    x, y = (np.asarray(values, float).ravel()[: len(names)] for values in (x, y))
    x, y = x[: len(y)], y[: len(x)]
    indices, first = np.asarray(chosen).ravel().astype(np.intp), np.zeros(len(x), bool)
    first[indices[(indices >= 0) & (indices < len(x))]] = True
    return x, y, np.isfinite(x) & np.isfinite(y), first


def _ways(x: Array, y: Array, before_x: Array, before_y: Array) -> tuple[Array, Array] | None:
    """The ways with the points at their ends, (n, t + 1) each; None where there are none."""
    before_x, before_y = np.asarray(before_x, float), np.asarray(before_y, float)
    if before_x.shape != before_y.shape or before_x.ndim != 2 or len(before_x) != len(x) or not before_x.size:
        return None
    return np.column_stack([before_x, x]), np.column_stack([before_y, y])


def _draw_ways(area: Frame, x: Array, y: Array, first: BoolArray, palette: Palette) -> None:
    """The ways of the chosen words over those of the others."""
    others = ~first if len(x) * CROWDED <= area.width * area.height else np.zeros(len(x), bool)
    faint = mixed(palette.background, palette.series[0], FAINT)
    for which, colour in ((others, faint), (first, palette.accent)):
        # One line through all of them, with a gap after each. A cell has one colour: the chosen ones' have their own.
        dots = Dots(area.width, area.height)
        columns, rows = (
            np.pad(places[which], ((0, 0), (0, 1)), constant_values=np.nan).ravel()
            for places in (area.dot_columns(x), area.dot_rows(y))
        )
        dots.polyline(columns, rows, colour)
        dots.draw(area.cells, area.row, area.column)


def _draw_points(area: Frame, names: Sequence[str], x: Array, y: Array, first: int, palette: Palette) -> None:
    """The points, then the names where there is room; the `first` so many stand out."""
    columns = np.clip(np.rint(area.dot_columns(x)) // 2, 0, max(area.width - 1, 0)).astype(np.intp)
    rows = np.clip(np.rint(area.dot_rows(y)) // 4, 0, max(area.height - 1, 0)).astype(np.intp)
    cells = area.cells.part(area.row, area.column, max(area.width, 0), max(area.height, 0))
    if not (cells.width and cells.height):
        return
    for part, sign, colour in ((slice(first, None), "•", palette.series[0]), (slice(first), "●", palette.accent)):
        places = rows[part], columns[part]
        cells.glyphs[places], cells.colours[places], cells.styles[places] = ord(sign), colour, BOLD
    texts = [clipped(visible(name), LONGEST) for name in names[:MOST_NAMED]]
    points = list(zip(rows.tolist(), columns.tolist(), strict=True))[:MOST_NAMED]
    for label in labels(points, [text_width(text) for text in texts], first, cells.width, cells.height):
        here = label.point < first
        ink, style = (palette.accent, BOLD) if here else (palette.text, 0)
        cells.write(label.row, label.column, texts[label.point], ink, style)
