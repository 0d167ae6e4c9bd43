"""Units of a network in columns: where each of them stands, and how it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.figure import figure
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.shades import diverging, legible, mixed, neutral
from tui_lab.canvas.text import clipped, text_width

CARD, LEAST_CARD = 9, 5
"""Widths of a unit that shows its number."""
CARDS = 0.6
"""The part of the width that cards may take from the edges."""
LEAST_PITCH = 3
"""Cells from one column of dots to the next."""


@dataclass(frozen=True, slots=True)
class Column:
    """The units of one layer: the middles of those shown at `rows`, `width` cells wide from `left`, `tall` rows high,
    or dots where `width` is 1; every unit has `pitch` rows to itself. `rest` more have no place but `rest_row`."""

    left: int
    width: int
    tall: int
    pitch: int
    rows: list[int]
    rest: int
    rest_row: int

    @property
    def right(self) -> int:
        """The first cell after it."""
        return self.left + self.width


def columns(counts: Sequence[int], left: int, width: int, top: int, height: int) -> list[Column]:
    """Columns of units from edge to edge of a rectangle of cells; of more layers than fit, the first ones."""
    card = min(CARD, int(width * CARDS) // max(len(counts), 1))
    card = card if card >= LEAST_CARD else 1
    counts = counts[: max((width - card) // LEAST_PITCH + 1, 0)]
    lefts = np.rint(np.linspace(left, left + width - card, max(len(counts), 2))).astype(int).tolist()
    return [_column(count, start, card, top, height) for count, start in zip(counts, lefts, strict=False)]


def _column(count: int, left: int, width: int, top: int, height: int) -> Column:
    shown = count if count <= height else max(height - 1, 0)
    slots = max(shown + (shown < count), 1)
    # Whole rows, so that units stand evenly.
    pitch = height // slots
    first = top + (height - pitch * slots) // 2 + pitch // 2
    rows = [first + pitch * place for place in range(shown)]
    return Column(left, width, max(1, min(3, pitch - 1)), pitch, rows, count - shown, top + height - 1)


def draw_units(
    cells: Cells, column: Column, names: Sequence[str], values: Array, biases: Array, palette: Palette
) -> None:
    """The units of one layer with their values and biases (each empty for none), and names where there is room."""
    shades = _shades(values, len(column.rows), palette)
    for place, row in enumerate(column.rows):
        if column.width == 1:
            cells.write(row, column.left, "●", mixed(palette.muted, shades[place], 0.8))
            continue
        value = figure(values[place], column.width) if place < len(values) else ""
        bias = _bias(biases[place], column.width) if place < len(biases) else ""
        _card(cells, column, row, names[place] if place < len(names) else "", value, bias, shades[place])
        if column.tall == 1 and column.pitch > 1 and bias:
            cells.write(row + 1, _middle(column, bias), bias, palette.muted)
    if column.rest:
        more = clipped(f"… {column.rest} more", max(cells.width - column.left, 0))
        cells.write(column.rest_row, min(column.left, cells.width - text_width(more)), more, palette.muted)


def _shades(values: Array, shown: int, palette: Palette) -> list[int]:
    """A colour for each unit, the strongest for the layer's largest value or 1; neutral where none is known."""
    known = np.full(shown, np.nan)
    known[: len(values)] = values[:shown]
    size = max(float(np.abs(values[np.isfinite(values)]).max(initial=0.0)), 1.0)
    return [int(shade) for shade in np.where(np.isnan(known), neutral(palette), diverging(known / size, palette))]


def _card(cells: Cells, column: Column, row: int, name: str, value: str, bias: str, shade: int) -> None:
    """The value at `row`, the bias below it and the name above, where there are rows for them."""
    ink = legible(shade)
    first = row - 1 if column.tall == 3 else row
    ground = cells.part(first, column.left, column.width, column.tall)
    ground.glyphs[:], ground.backgrounds[:] = ord(" "), shade
    cells.write(row, _middle(column, value), value, ink, BOLD)
    if column.tall > 1:
        cells.write(row + 1, _middle(column, bias), bias, ink)
    if column.tall == 3:
        name = clipped(name, column.width)
        cells.write(row - 1, _middle(column, name), name, ink)


def _bias(value: float, width: int) -> str:
    text = figure(value, width - 1)
    return f"b {text}" if len(text) + 2 <= width else f"b{text}"


def _middle(column: Column, text: str) -> int:
    return column.left + (column.width - text_width(text)) // 2
