"""A function of two numbers seen from above: colours for its height, lines of equal height, and the way down."""

import numpy as np

from tui_lab.canvas.arrays import Array, ColourArray
from tui_lab.canvas.arrow import head
from tui_lab.canvas.axis import Axis, rough_label
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.frame import Frame, frame
from tui_lab.canvas.height import Heights, interpolated, level_lines
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pixels import flattened, half_blocks
from tui_lab.canvas.ramp import colours, ramp
from tui_lab.canvas.trail import trail

MOST_LEVELS = 12
LINE = 0.55
"""How bright a line of equal height is beside its surroundings."""
WAY, HERE, OPTIMUM = 0xFFFFFF, 0xFFFFFF, 0xFF5C8A
"""The colours of what lies on the ramp's colours: none of them is near."""
SCALE_WIDTH = 11
"""Columns of the colour scale at the right, drawn from `SCALE_FROM` columns on."""
SCALE_FROM = 56
ARROW = 0.2
"""The arrow's length as a part of the picture's shorter side."""
FLAT = 1e-9
"""Below this part of the surface's height along the frame a gradient has no direction worth an arrow."""


def contour(
    x: Array,
    y: Array,
    z: Array,
    width: int,
    height: int,
    palette: Palette,
    *,
    path: tuple[Array, Array],
    point: Array,
    gradient: Array,
    optimum: Array,
    x_label: str = "",
    y_label: str = "",
    title: str = "",
) -> Cells:
    """z[j, i] at (x[i], y[j]) as colours and lines, the path so far, the point, an arrow along −gradient and the
    optimum, (2,) or empty each. Colours step evenly over the picture, not over z: the scale at the right tells z."""
    surface = Heights.of(x, y, z)
    keys = [("●", "here", HERE), ("→", "−gradient", palette.accent), ("⠒", "path", WAY)]
    keys += [("✚", "optimum", OPTIMUM)] if len(optimum) else []
    scaled = width >= SCALE_FROM
    area = frame(
        width,
        height,
        _axis(surface.x),
        _axis(surface.y),
        palette,
        title=title,
        keys=keys,
        x_label=x_label,
        y_label=y_label,
        right=SCALE_WIDTH if scaled else 0,
    )
    if area.width < 1 or area.height < 1:
        return area.cells
    even = surface.evened()
    pixels = _filled(area, even, palette)
    area.cells.paste(half_blocks(pixels), area.row, area.column)
    _draw_lines(area, even)
    way = Dots(area.width, area.height)
    trail(way, area.dot_columns(path[0]), area.dot_rows(path[1]), WAY)
    way.draw(area.cells, area.row, area.column, BOLD)
    _arrow(area, surface, point, gradient, palette)
    _marks(area, point, optimum)
    inner = area.cells.part(area.row, area.column, area.width, area.height)
    flattened(inner, pixels)
    if scaled:
        _scale(area, surface, palette)
    return area.cells


def _filled(area: Frame, even: Heights, palette: Palette) -> ColourArray:
    columns, rows = _grid(area.width, 2 * area.height, even)
    fractions = interpolated(even.z, columns, rows)
    return np.where(np.isnan(fractions), palette.bad, colours(ramp(fractions)))


def _grid(width: int, height: int, surface: Heights) -> tuple[Array, Array]:
    """The place in the surface's grid of each point of a picture, the first row being the highest y."""
    x = np.linspace(surface.x[0], surface.x[-1], width)
    y = np.linspace(surface.y[-1], surface.y[0], height)
    columns, rows = np.meshgrid(surface.columns(x), surface.rows(y))
    return columns, rows


def _draw_lines(area: Frame, even: Heights) -> None:
    dots = Dots(area.width, area.height)
    fractions = interpolated(even.z, *_grid(dots.columns, dots.rows, even))
    dots.mask(level_lines(fractions, max(4, min(MOST_LEVELS, area.height // 2))), 0)
    dark = colours(ramp(fractions[2::4, 1::2]) * LINE)
    dots.colours[:] = dark
    dots.draw(area.cells, area.row, area.column)


def _arrow(area: Frame, surface: Heights, point: Array, gradient: Array, palette: Palette) -> None:
    """From the point along −gradient as it looks on these axes, shorter where the surface is flatter."""
    spans = np.array([area.x.high - area.x.low, area.y.high - area.y.low])
    relief = np.nanmax(surface.z) - np.nanmin(surface.z)
    if len(point) != 2 or len(gradient) != 2 or not np.all(np.isfinite([point, gradient])) or not relief > 0:
        return
    steepness = float(np.abs(gradient / relief * spans).sum())
    largest = np.abs(gradient).max()
    if not steepness > FLAT:
        return
    dots = Dots(area.width, area.height)
    start = np.array([area.dot_columns(point[:1])[0], area.dot_rows(point[1:])[0]])
    way = -gradient / largest / spans * (dots.columns, -dots.rows)
    way *= ARROW * min(dots.columns, dots.rows) * min(max(steepness**0.25, 0.4), 1.2) / np.hypot(*way)
    tip = start + way
    dots.segments(start[:1], start[1:], tip[:1], tip[1:], palette.accent)
    dots.draw(area.cells, area.row, area.column)
    row, column = np.rint(tip[::-1]).astype(int) // (4, 2)
    area.mark(int(row), int(column), head(float(way[0]), float(-way[1])), palette.accent, BOLD)


def _marks(area: Frame, point: Array, optimum: Array) -> None:
    for place, glyph, colour in ((optimum, "✚", OPTIMUM), (point, "●", HERE)):
        if len(place) == 2 and np.all(np.isfinite(place)):
            column, row = np.rint(area.dot_columns(place[:1])[0]) // 2, np.rint(area.dot_rows(place[1:])[0]) // 4
            area.mark(int(row), int(column), glyph, colour, BOLD)


def _scale(area: Frame, surface: Heights, palette: Palette) -> None:
    """What the colours mean: a column of them with the z of some."""
    fractions = np.linspace(1, 0, 2 * area.height)
    bar = half_blocks(np.repeat(colours(ramp(fractions))[:, None], 2, axis=1))
    column = area.column + area.width + 1
    area.cells.paste(bar, area.row, column)
    for row in np.unique(np.rint(np.linspace(0, area.height - 1, min(7, (area.height + 1) // 2)))).astype(int).tolist():
        fraction = 1 - row / max(area.height - 1, 1)
        area.cells.write(area.row + row, column + 3, rough_label(surface.evenly(fraction)), palette.muted)


def _axis(values: Array) -> Axis:
    low, high = float(values[0]), float(values[-1])
    return Axis(low, high) if high > low else Axis(low - 0.5, low + 0.5)
