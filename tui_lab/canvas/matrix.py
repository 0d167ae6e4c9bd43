"""A matrix under names, as colours with the numbers in them: a confusion matrix, say."""

from collections.abc import Sequence

import numpy as np

from tui_lab.canvas.arrays import Array, ColourArray, IntArray
from tui_lab.canvas.cells import BOLD, DEFAULT, Cells
from tui_lab.canvas.figure import figure
from tui_lab.canvas.frame import heading
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pixels import half_blocks
from tui_lab.canvas.shades import diverging, legible, neutral, shaded
from tui_lab.canvas.text import clipped, text_width

WIDEST, TALLEST = 11, 3
"""Cells of a number's field at most."""
NUMBER = 6
"""Cells of the longest number."""
MOST_NAME = 0.25
"""The part of the width that row names may take."""


def matrix(
    row_label: str,
    column_label: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Array,
    width: int,
    height: int,
    palette: Palette,
    *,
    title: str = "",
) -> Cells:
    """values (r, c) as a heat map with the numbers in it, or as pixels where there is no room for them. Numbers of both
    signs have colours of their own; so have, where rows and columns have the same names, the diagonal and the rest."""
    values = np.asarray(values, float)
    values = values if values.ndim == 2 else np.zeros((0, 0))
    cells = Cells.blank(width, height)
    top = int(height > 2 and bool(title))
    if top:
        heading(cells, title, (), palette)
    if not values.size:
        return cells
    shades = _shades(values, len(rows) > 1 and list(rows) == list(columns), palette)
    texts = [[figure(value, NUMBER) for value in row] for row in values.tolist()]
    names = [*rows, f"{row_label} ↓"] if row_label else rows
    margin = min(max(map(text_width, names), default=0), int(cells.width * MOST_NAME)) + 1
    heads = int(bool(column_label)) + 1
    wide = min((cells.width - margin) // values.shape[1], WIDEST)
    tall = min((cells.height - top - heads) // values.shape[0], TALLEST)
    longest = max(len(text) for row in texts for text in row)
    if tall >= 1 and wide > longest:
        _write_heads(cells.part(top, 0, cells.width, heads), margin, wide, row_label, column_label, columns, palette)
        _draw_numbers(cells, top + heads, margin, wide, tall, rows, texts, shades, palette)
    else:
        _draw_pixels(cells.part(top, 0, cells.width, cells.height - top), values, shades)
    return cells


def _shades(values: Array, compared: bool, palette: Palette) -> ColourArray:
    """A colour for each value. Roots are shown, not values: few mistakes beside many hits must be seen."""
    known = np.isfinite(values)
    size = float(np.abs(values[known]).max(initial=0.0)) or 1.0
    parts = np.sqrt(np.abs(np.where(known, values, 0)) / size)
    ground = neutral(palette)
    shades = shaded(ground, palette.bad if compared else palette.positive, parts)
    if (values[known] < 0).any():
        shades = diverging(np.copysign(parts, np.where(known, values, 0)), palette)
    elif compared:
        np.fill_diagonal(shades, shaded(ground, palette.good, parts).diagonal())
    return np.where(np.isnan(values), ground, np.where(known, shades, palette.bad)).astype(np.int32)


def _write_heads(
    area: Cells,
    margin: int,
    wide: int,
    row_label: str,
    column_label: str,
    columns: Sequence[str],
    palette: Palette,
) -> None:
    if column_label:
        area.write(0, margin, clipped(f"{column_label} →", area.width - margin), palette.muted)
    area.write(area.height - 1, 0, clipped(f"{row_label} ↓" if row_label else "", margin - 1), palette.muted)
    for place, name in enumerate(columns):
        name = clipped(name, wide - 1)
        area.write(area.height - 1, margin + place * wide + (wide - text_width(name)) // 2, name, palette.text)


def _draw_numbers(
    cells: Cells,
    top: int,
    left: int,
    wide: int,
    tall: int,
    rows: Sequence[str],
    texts: Sequence[Sequence[str]],
    shades: ColourArray,
    palette: Palette,
) -> None:
    for j, row in enumerate(texts):
        middle = top + j * tall + (tall - 1) // 2
        name = clipped(rows[j] if j < len(rows) else "", left - 1)
        cells.write(middle, left - 1 - text_width(name), name, palette.text)
        for i, text in enumerate(row):
            shade, column = int(shades[j, i]), left + i * wide
            cells.part(top + j * tall, column, wide, tall).backgrounds[:] = shade
            ink = palette.muted if text == "0" else legible(shade)
            cells.write(middle, column + (wide - len(text)) // 2, text, ink, BOLD if text != "0" else 0)


def _draw_pixels(area: Cells, values: Array, shades: ColourArray) -> None:
    """Every value as a pixel as large as fits; of more values than pixels the largest are shown."""
    if not area.width or not area.height:
        return
    rows, columns = min(len(values), 2 * area.height), min(values.shape[1], area.width)
    picked = _largest(values, rows, columns)
    tall = 2 * area.height // rows
    wide = min(area.width // columns, 2 * tall)
    pixels = np.repeat(np.repeat(shades.ravel()[picked], min(tall, 2 * wide), axis=0), wide, axis=1)
    pixels = np.pad(pixels, ((0, len(pixels) % 2), (0, 0)), constant_values=DEFAULT)
    area.paste(half_blocks(pixels), 0, 0)


def _largest(values: Array, rows: int, columns: int) -> IntArray:
    """For each part of a matrix cut into rows × columns the flat index of its largest value."""
    parts = np.arange(len(values)) * rows // len(values), np.arange(values.shape[1]) * columns // values.shape[1]
    place = (parts[0][:, None] * columns + parts[1]).ravel()
    order = np.argsort(np.abs(np.nan_to_num(values)).ravel(), kind="stable")
    picked = np.zeros(rows * columns, np.intp)
    # Of values that go to the same part the last one stays.
    picked[place[order]] = order
    return picked.reshape(rows, columns)
