"""A vector: an arrow where it has two components, else bars; and always its numbers."""

import math
from collections.abc import Sequence

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.axis import LARGEST, Axis, rough_label, snapped
from tui_lab.canvas.bar import signed_bar
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.frame import Frame, heading
from tui_lab.canvas.number import format_number
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, text_width

HEADS = "→↗↑↖←↙↓↘"
LEAST_PLANE = 5
"""Rows from which on the plane of a vector of two components is drawn."""


def arrow(names: Sequence[str], values: Array, width: int, height: int, palette: Palette, *, title: str = "") -> Cells:
    """The vector of `values`, 1-D with a name each. Numbers that are not finite are said, not drawn. The plane ends at
    a power of two, so that an arrow that shrinks is seen to shrink."""
    values = np.asarray(values, float).ravel()
    cells = Cells.blank(width, height)
    top = int(height > 1 and bool(title))
    if top:
        heading(cells, title, (), palette)
    figures = _figures(names, values)
    room = max((text_width(name) + text_width(number) + 1 for name, number in figures), default=0)
    rows = cells.height - top
    plane = min(2 * rows, cells.width - room - 2)
    area = cells.part(top, 0, cells.width, rows)
    if len(values) == 2 and plane >= 2 * LEAST_PLANE and rows >= LEAST_PLANE:
        _plane(area.part(0, 0, plane, rows), names, values, palette)
        _write_figures(area.part(0, plane + 2, cells.width - plane - 2, rows), figures, values, palette)
    else:
        _bars(area, figures, values, palette)
    return cells


def head(right: float, up: float) -> str:
    """The arrow head of a direction as it is on the screen, in dots."""
    return HEADS[round(math.atan2(up, right) / math.pi * 4) % 8]


def _figures(names: Sequence[str], values: Array) -> list[tuple[str, str]]:
    with np.errstate(over="ignore", invalid="ignore"):
        largest = float(np.abs(values).max(initial=0.0))
        # Scaled first, so that squares neither overflow nor vanish.
        scaled = np.linalg.norm(values / largest) if 0 < largest < math.inf else 1.0
    figures = [(name, format_number(value)) for name, value in zip(names, values.tolist(), strict=True)]
    return [*figures, ("norm", format_number(largest * float(scaled)))]


def _sign_colour(value: float, palette: Palette) -> int:
    if not math.isfinite(value):
        return palette.bad
    return palette.negative if value < 0 else palette.positive


def _write_figures(area: Cells, figures: Sequence[tuple[str, str]], values: Array, palette: Palette) -> None:
    colours = [*(_sign_colour(value, palette) for value in values.tolist()), palette.text]
    widest = max(text_width(name) for name, _ in figures)
    numbers = max(len(number) for _, number in figures)
    start = max((area.height - len(figures)) // 2, 0)
    for row, ((name, number), colour) in enumerate(zip(figures, colours, strict=True), start):
        area.write(row, 0, name, palette.muted)
        area.write(row, widest + 1 + numbers - len(number), number, colour, BOLD)


def _plane(area: Cells, names: Sequence[str], values: Array, palette: Palette) -> None:
    finite = bool(np.isfinite(values).all())
    reach = snapped(0.0, min(float(np.abs(values).max()), LARGEST))[1] if finite else 1.0
    plane = Frame(area, 0, 0, area.width, area.height, Axis(-reach, reach), Axis(-reach, reach))
    middle = area.height // 2, area.width // 2
    area.fill(middle[0], 0, area.width, 1, "─", palette.grid)
    area.fill(0, middle[1], 1, area.height, "│", palette.grid)
    area.write(middle[0], middle[1], "┼", palette.grid)
    area.write(0, middle[1] + 1, clipped(names[1], area.width - middle[1] - 1), palette.muted)
    edge = clipped(rough_label(reach), middle[1])
    area.write(middle[0] + 1, area.width - len(edge), edge, palette.muted)
    name = clipped(names[0], middle[1])
    area.write(middle[0] - 1, area.width - text_width(name), name, palette.muted)
    if not finite:
        area.write(middle[0] + 2, 0, clipped("not finite", area.width), palette.bad, BOLD)
    elif values.any():
        _stroke(plane, values, middle, palette)


def _stroke(plane: Frame, values: Array, middle: tuple[int, int], palette: Palette) -> None:
    start = np.array([2 * middle[1] + 0.5, 4 * middle[0] + 1.5])
    reach = min(middle[1], plane.width - 1 - middle[1]), min(middle[0], plane.height - 1 - middle[0])
    room = np.array([2.0 * reach[0], 4.0 * reach[1]])
    way = values / plane.x.high * room
    tip = start + way * (1, -1)
    dots = Dots(plane.width, plane.height)
    dots.segments(start[:1], start[1:], tip[:1], tip[1:], palette.accent)
    dots.draw(plane.cells, 0, 0, BOLD)
    if np.abs(way).max() >= 2:
        plane.mark(
            int(np.rint(tip[1]) // 4),
            int(np.rint(tip[0]) // 2),
            head(float(way[0]), float(way[1])),
            palette.accent,
            BOLD,
        )


def _bars(area: Cells, figures: Sequence[tuple[str, str]], values: Array, palette: Palette) -> None:
    """A row for each component, then the norm; where rows are short, the components that fit and the norm."""
    if area.height < 1:
        return
    kept = min(len(values), max(area.height - 1, 0))
    rows = [*zip(figures[:kept], values[:kept].tolist(), strict=True), (figures[-1], math.nan)]
    widest = min(max(text_width(name) for (name, _), _ in rows), area.width // 3)
    numbers = max(len(number) for (_, number), _ in rows)
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    for row, ((name, number), value) in enumerate(rows):
        last = row == len(rows) - 1
        area.write(row, 0, clipped(name, widest), palette.muted)
        colour = palette.text if last else _sign_colour(value, palette)
        area.write(row, widest + 1 + numbers - len(number), number, colour, BOLD)
        column = widest + numbers + 3
        if not last and math.isfinite(value) and largest > 0 and area.width - column >= 7:
            signed_bar(area, row, column, area.width - column, value / largest, colour, palette.grid)
