"""What a model answers over two inputs: its answers as colours, the boundary between them, the data on top."""

from collections.abc import Sequence

import numpy as np

from tui_lab.canvas.answers import STRENGTH, Answers, Choices, Scores, boundary
from tui_lab.canvas.arrays import Array, BoolArray
from tui_lab.canvas.axis import Axis, rough_label
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.cells import BOLD, DEFAULT, Cells
from tui_lab.canvas.frame import Frame, frame
from tui_lab.canvas.height import Heights
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pixels import flattened, half_blocks
from tui_lab.canvas.scatter import around
from tui_lab.canvas.shades import diverging, usable

SCALE_WIDTH, SCALE_FROM = 7, 56
"""Columns of the colour scale at the right, and the width from which on it is drawn."""
CROWDED = 8
"""With more than one point in so many cells, points are drawn small."""


def region(
    x: Array,
    y: Array,
    z: Array,
    low: float,
    high: float,
    points_x: Array,
    points_y: Array,
    labels: Array,
    held_out: BoolArray,
    classes: Sequence[str],
    certainty: Array,
    width: int,
    height: int,
    palette: Palette,
    *,
    x_label: str = "",
    y_label: str = "",
    title: str = "",
) -> Cells:
    """z[j, i] at (x[i], y[j]), from `low` (the palette's negative) to `high` (its positive), the line where it crosses
    their middle, and the points by label. With `classes`, z and labels are class indices, and certainty[j, i] in 0..1
    (or empty) is a colour's strength. x and y ascend; an empty z is not drawn. Raises ValueError for another shape
    of z."""
    grid = Heights.of(x, y, z) if np.size(z) else _unanswered(points_x, points_y)
    answers = _answers(grid.z, low, high, classes, certainty, palette)
    keys = answers.keys() + ([("○", "held out", palette.muted)] if np.any(held_out) else [])
    scaled = width >= SCALE_FROM and not classes
    area = frame(
        width,
        height,
        _axis(grid.x),
        _axis(grid.y),
        palette,
        title=title,
        keys=keys,
        x_label=x_label,
        y_label=y_label,
        right=SCALE_WIDTH if scaled else 0,
    )
    if area.width < 1 or area.height < 1:
        return area.cells
    pixels = np.full((2 * area.height, area.width), DEFAULT, np.int32)
    if grid.z.size:
        pixels = answers.colours(*_places(area.width, 2 * area.height, grid))
        area.cells.paste(half_blocks(pixels), area.row, area.column)
        lines = Dots(area.width, area.height)
        lines.mask(boundary(answers.sides(*_places(lines.columns, lines.rows, grid))), palette.text)
        lines.draw(area.cells, area.row, area.column)
    points = np.array([points_x, points_y], float)
    _draw_points(area, points, np.asarray(labels, float), np.asarray(held_out, bool), answers, grid)
    flattened(area.cells.part(area.row, area.column, area.width, area.height), pixels)
    if scaled and isinstance(answers, Scores):
        _draw_scale(area, answers)
    return area.cells


def _answers(z: Array, low: float, high: float, classes: Sequence[str], certainty: Array, palette: Palette) -> Answers:
    if classes:
        return Choices(z, certainty, classes, palette)
    return Scores(z, *usable(low, high, (-1.0, 1.0)), palette)


def _unanswered(points_x: Array, points_y: Array) -> Heights:
    """The place of the points, with no answers over it."""
    limits = [around(np.asarray(values, float)[np.isfinite(values)]) for values in (points_x, points_y)]
    x, y = (np.array([axis.low, axis.high]) for axis in limits)
    return Heights(x, y, np.zeros((0, 0)))


def _axis(values: Array) -> Axis:
    low, high = float(values[0]), float(values[-1])
    if not (np.isfinite([low, high]).all() and high >= low):
        return Axis(-1.0, 1.0)
    return Axis(low, high) if high > low else around(values[:1])


def _places(width: int, height: int, grid: Heights) -> tuple[Array, Array]:
    """The columns and rows of the grid that a picture shows, the first row being the highest y."""
    x, y = np.linspace(grid.x[0], grid.x[-1], width), np.linspace(grid.y[-1], grid.y[0], height)
    return grid.columns(x), grid.rows(y)


def _draw_points(
    area: Frame, points: Array, labels: Array, held_out: BoolArray, answers: Answers, grid: Heights
) -> None:
    columns, rows = np.floor(area.dot_columns(points[0]) / 2), np.floor(area.dot_rows(points[1]) / 4)
    inside = (columns >= 0) & (columns < area.width) & (rows >= 0) & (rows < area.height)
    # Wrong points last: a right one must not cover them.
    order = np.flatnonzero(inside)[np.argsort(_wrong(points[:, inside], labels[inside], answers, grid), kind="stable")]
    places = rows[order].astype(np.intp), columns[order].astype(np.intp)
    crowded = len(order) * CROWDED > area.width * area.height
    marks = np.array([ord(glyph) for glyph in ("•◦" if crowded else "●○")], np.uint32)
    cells = area.cells.part(area.row, area.column, area.width, area.height)
    cells.glyphs[places] = marks[held_out[order].astype(np.intp)]
    cells.colours[places] = answers.label_colours(labels[order])
    cells.styles[places] = BOLD


def _wrong(points: Array, labels: Array, answers: Answers, grid: Heights) -> BoolArray:
    """Whether the answer at each point is on another side than its label."""
    if not grid.z.size:
        return np.zeros(len(labels), bool)
    columns, rows = np.rint(grid.columns(points[0])).astype(np.intp), np.rint(grid.rows(points[1])).astype(np.intp)
    return np.asarray(answers.side(grid.z[rows, columns]) != answers.side(labels))


def _draw_scale(area: Frame, answers: Scores) -> None:
    """What the colours mean: a column of them with the numbers at both ends and in the middle."""
    column, last = area.column + area.width + 1, area.height - 1
    shades = diverging(np.linspace(1, -1, 2 * area.height)[:, None], answers.palette, STRENGTH)
    area.cells.paste(half_blocks(shades), area.row, column)
    middle = answers.low / 2 + answers.high / 2
    for row, value in {last: answers.low, last // 2: middle, 0: answers.high}.items():
        area.cells.write(area.row + row, column + 2, rough_label(value), answers.palette.muted)
