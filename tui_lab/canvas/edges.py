"""The edges between two layers of units: lines whose colour is a weight's sign and whose strength is its size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray
from tui_lab.canvas.braille import Dots, strokes
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.figure import figure
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.shades import mixed
from tui_lab.canvas.units import Column

MOST_LINES = 240
"""Of more edges only the strongest are drawn: the others would be a grey wall."""
MOST_DOUBLE = 40
"""With more edges than this between two layers a strong one is not drawn double: lines would touch."""
MOST_NUMBERS = 12
"""The most edges between two layers that have their numbers written on them."""
LEVELS = (0.15, 0.35, 0.6, 0.8)
"""Sizes beside the largest at which an edge looks stronger; from the last on it is drawn double."""
LOOKS = ((0.3, 4, 1), (0.4, 4, 2), (0.5, 1, 1), (0.75, 1, 1), (1.0, 1, 1))
"""For each of these looks how bright it is, and of how many dots how many are lit."""
GRADIENT_GAP = 24
"""Cells between two layers from which on the gradient stands beside the weight."""
PLACES = (0.3, 0.36, 0.24, 0.42, 0.5, 0.18, 0.46, 0.55, 0.6, 0.65, 0.7, 0.76, 0.82)
"""Where on an edge its number may stand, the best first, counted from the side of more units: there edges are apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The edges between two columns of units: lines[i] is x0, y0, x1, y1 in dots. `plain` ones have no weights: there
    the second layer transforms the first unit by unit."""

    lines: Array
    weights: Array
    gradients: Array
    plain: bool


def edges(left: Column, right: Column, weights: Array, gradients: Array) -> Edges:
    """The edges between the units in sight. weights is (n, m), or empty for plain ones; gradients too."""
    if weights.size:
        shown = min(len(left.rows), weights.shape[0]), min(len(right.rows), weights.shape[1])
        sources, targets = np.indices(shown).reshape(2, -1)
    else:
        sources = targets = np.arange(min(len(left.rows), len(right.rows)))
    lines = np.empty((len(sources), 4))
    lines[:, 0::2] = 2 * left.right, 2 * right.left - 1
    lines[:, 1] = 4 * np.array(left.rows, float)[sources] + 1.5
    lines[:, 3] = 4 * np.array(right.rows, float)[targets] + 1.5
    unknown = np.full(len(sources), np.nan)
    return Edges(
        lines,
        weights[sources, targets] if weights.size else unknown,
        gradients[sources, targets] if weights.size and gradients.shape == weights.shape else unknown,
        not weights.size,
    )


def draw_lines(cells: Cells, gaps: Sequence[Edges], largest: float, palette: Palette) -> None:
    """All edges of a network, the strongest on top; a weight of size `largest` is the strongest there is."""
    dots = Dots(cells.width, cells.height)
    for gap in gaps:
        if gap.plain:
            x0, y0, x1, y1 = gap.lines.T
            dots.segments(x0, y0, x1, y1, palette.muted)
    weighted = [gap for gap in gaps if not gap.plain]
    if weighted:
        lines = np.concatenate([gap.lines for gap in weighted])
        weights = np.concatenate([gap.weights for gap in weighted])
        double = np.concatenate([np.full(len(gap.lines), len(gap.lines) <= MOST_DOUBLE) for gap in weighted])
        _draw_weighted(dots, lines, weights / largest, double, palette)
    dots.draw(cells, 0, 0)


def _draw_weighted(dots: Dots, lines: Array, sizes: Array, double: BoolArray, palette: Palette) -> None:
    known = np.isfinite(sizes)
    strength = np.where(known, np.abs(np.nan_to_num(sizes)), 1.0)
    kept = np.zeros(len(lines), bool)
    kept[np.argsort(-strength, kind="stable")[:MOST_LINES]] = True
    levels = np.searchsorted(LEVELS, strength, side="right")
    for level, (bright, every, lit) in enumerate(LOOKS):
        here = kept & (levels == level) & known
        for colour, chosen in ((palette.negative, here & (sizes < 0)), (palette.positive, here & (sizes >= 0))):
            if chosen.any():
                second = lines[chosen & double & (level == len(LEVELS))]
                strong = np.concatenate([lines[chosen], _beside(second)])
                _stroke(dots, strong, mixed(palette.background, colour, bright), every, lit)
    if not known.all():
        _stroke(dots, lines[kept & ~known], palette.bad, 1, 1)


def _stroke(dots: Dots, lines: Array, colour: int, every: int, lit: int) -> None:
    """Lines of which `lit` of `every` dots across are drawn."""
    x0, y0, x1, y1 = lines.T
    columns, starts, stops = strokes(x0, y0, x1, y1, dots.columns)
    shown = columns % every < lit
    dots.spans(columns[shown], starts[shown], stops[shown], colour)


def _beside(lines: Array) -> Array:
    """The same lines one dot further, across their direction."""
    steep = np.abs(lines[:, 3] - lines[:, 1]) > np.abs(lines[:, 2] - lines[:, 0])
    moved = lines.copy()
    moved[:, 0::2] += steep[:, None]
    moved[:, 1::2] += ~steep[:, None]
    return moved


def write_numbers(cells: Cells, gap: Edges, palette: Palette) -> None:
    """The weights on the edges, and the gradients beside them where there is room; the largest first, on the first of
    `PLACES` along its edge that is free. Edges that find none, or are too many, have no number."""
    count = len(gap.lines)
    if gap.plain or not 0 < count <= MOST_NUMBERS:
        return
    first, last = int(gap.lines[0, 0]) // 2, int(gap.lines[0, 2]) // 2
    sources, targets = len(np.unique(gap.lines[:, 1])), len(np.unique(gap.lines[:, 3]))
    taken: dict[int, list[tuple[int, int]]] = {}
    for place in np.argsort(-np.abs(np.nan_to_num(gap.weights)), kind="stable").tolist():
        line = gap.lines[place] if sources >= targets else gap.lines[place, [2, 3, 0, 1]]
        weight, gradient = float(gap.weights[place]), float(gap.gradients[place])
        text = f" {figure(weight)} "
        slope = f"∂ {figure(gradient)} " if last - first >= GRADIENT_GAP and not math.isnan(gradient) else ""
        found = _free(taken, line, len(text + slope), first, last)
        if found:
            row, column = found
            taken.setdefault(row, []).append((column, column + len(text + slope)))
            colour = palette.negative if weight < 0 else palette.positive
            end = cells.write(row, column, text, colour if math.isfinite(weight) else palette.bad, BOLD)
            cells.write(row, end, slope, palette.muted)


def _free(
    taken: dict[int, list[tuple[int, int]]], line: Array, width: int, first: int, last: int
) -> tuple[int, int] | None:
    """A cell along the line, from `first` to `last`, from which `width` cells are free."""
    x0, y0, x1, y1 = line.tolist()
    for part in PLACES:
        row = round(y0 + (y1 - y0) * part) // 4
        column = round(x0 + (x1 - x0) * part) // 2 - width // 2
        column = min(max(column, first + 1), last - width - 1)
        clear = all(column >= stop or column + width <= start for start, stop in taken.get(row, []))
        if 2 * (width - 2) <= last - first + 1 and clear:
            return row, column
    return None
