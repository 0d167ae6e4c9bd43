"""A network from left to right: units with their values in columns, weights as edges between them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.edges import draw_lines, edges, write_numbers
from tui_lab.canvas.frame import heading
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, text_width
from tui_lab.canvas.units import Column, columns, draw_units

NAMED_FROM = 30
"""The width from which on the names of inputs and outputs stand beside their units."""
MOST_NAME = 12
"""Cells at most for such a name."""
HEADS_FROM, EXAMPLE_FROM = 6, 10
"""Heights from which on the layers' names and the example are written."""


class Layer(Protocol):
    """A column of the network: units by name, and their values (n,) or none (0,)."""

    @property
    def name(self) -> str: ...
    @property
    def units(self) -> Sequence[str]: ...
    @property
    def values(self) -> Array: ...


def network(
    layers: Sequence[Layer],
    weights: Sequence[Array],
    gradients: Sequence[Array],
    biases: Sequence[Array],
    width: int,
    height: int,
    palette: Palette,
    *,
    title: str = "",
    example: str = "",
) -> Cells:
    """weights[k] is (n_k, n_k+1) from layer k to the next, gradients[k] likewise, biases[k] (n_k+1,). An edge's colour
    is its weight's sign and its strength the size beside the network's largest. An empty weights[k] joins two layers
    unit by unit: an activation, say. Where there is no room, `…` says how many units are not drawn."""
    cells = Cells.blank(width, height)
    top = int(height > 2 and bool(title))
    if top:
        heading(cells, title, [("━", "positive", palette.positive), ("━", "negative", palette.negative)], palette)
    heads, below = int(height >= HEADS_FROM), int(height >= EXAMPLE_FROM and bool(example))
    if below:
        cells.write(cells.height - 1, 0, clipped(example, cells.width), palette.muted)
    left, right = _margins(layers, width)
    counts = [len(layer.units) for layer in layers]
    placed = columns(counts, left, width - left - right, top + heads, cells.height - top - heads - below)
    _draw_edges(cells, placed, weights, gradients, palette)
    for place, (column, layer) in enumerate(zip(placed, layers, strict=False)):
        bias = _at(biases, place - 1).ravel() if place else np.empty(0)
        beside = left if place == 0 else right if place == len(layers) - 1 else 0
        draw_units(cells, column, () if beside else layer.units, np.asarray(layer.values, float).ravel(), bias, palette)
    if heads:
        _write_heads(cells, top, placed, layers, palette)
    if placed and left:
        _write_names(cells, placed[0], layers[0].units, left, palette)
    if right and len(placed) == len(layers):
        _write_names(cells, placed[-1], layers[-1].units, -right, palette)
    return cells


def _margins(layers: Sequence[Layer], width: int) -> tuple[int, int]:
    """Cells at the left and right for the names of inputs and outputs."""
    if not layers or width < NAMED_FROM:
        return 0, 0
    most = min(MOST_NAME, width // 6)
    left, right = (max((text_width(name) for name in layer.units), default=0) for layer in (layers[0], layers[-1]))
    return min(left, most) + (left > 0), min(right, most) + (right > 0)


def _draw_edges(
    cells: Cells, placed: Sequence[Column], weights: Sequence[Array], gradients: Sequence[Array], palette: Palette
) -> None:
    gaps = [
        edges(left, right, _at(weights, place), _at(gradients, place))
        for place, (left, right) in enumerate(pairwise(placed))
    ]
    sizes = np.abs(np.concatenate([np.empty(0), *(np.ravel(weight) for weight in weights)]))
    largest = float(sizes[np.isfinite(sizes)].max(initial=0.0)) or 1.0
    draw_lines(cells, gaps, largest, palette)
    for gap in gaps:
        write_numbers(cells, gap, palette)


def _at(arrays: Sequence[Array], place: int) -> Array:
    return np.asarray(arrays[place], float) if place < len(arrays) else np.empty((0, 0))


def _write_heads(cells: Cells, row: int, placed: Sequence[Column], layers: Sequence[Layer], palette: Palette) -> None:
    """The layers' names over their columns; of those that would touch, the first."""
    missing = len(layers) - len(placed)
    more = clipped(f"… {missing} more layers" if missing else "", cells.width)
    free, last = 0, cells.width - text_width(more)
    cells.write(row, last, more, palette.text)
    for column, layer in zip(placed, layers, strict=False):
        name = clipped(layer.name, cells.width)
        start = min(max(column.left + (column.width - text_width(name)) // 2, 0), cells.width - text_width(name))
        if name and start >= free and start + text_width(name) < last + (not more):
            free = cells.write(row, start, name, palette.muted) + 1


def _write_names(cells: Cells, column: Column, names: Sequence[str], room: int, palette: Palette) -> None:
    """The units' names, `room` cells at the left of the column for a positive one, at the right for a negative one."""
    for name, row in zip(names, column.rows, strict=False):
        name = clipped(name, abs(room) - 1)
        place = column.left - 1 - text_width(name) if room > 0 else column.right + 1
        cells.write(row, place, name, palette.muted)
