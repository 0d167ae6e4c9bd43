"""A strip of colours between two numbers: what shades mean, in a row."""

from tui_lab.canvas.arrays import ColourArray
from tui_lab.canvas.axis import rough_label
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, text_width

SHADES = 8
"""Cells of the strip."""
GAP = 2
"""Cells between it and the title before it."""


def strip_width(label: str, low: float, high: float) -> int:
    """How many cells a strip takes with its label and its numbers."""
    return SHADES + sum(text_width(text) + 1 for text in (label, rough_label(low), rough_label(high)) if text)


def write_strip(
    cells: Cells, row: int, column: int, label: str, low: float, high: float, shades: ColourArray, palette: Palette
) -> int:
    """The label, the low number, the shades (SHADES,) from low to high, the high number; the column after them."""
    if label:
        column = cells.write(row, column, label, palette.muted) + 1
    column = cells.write(row, column, rough_label(low), palette.muted) + 1
    for shade in shades.tolist():
        column = cells.write(row, column, "█", shade)
    return cells.write(row, column + 1, rough_label(high), palette.muted)


def strip_heading(
    cells: Cells, title: str, note: str, low: float, high: float, shades: ColourArray, palette: Palette
) -> None:
    """A first row with the title at its left and a strip at its right, where there is room for both, and a note after
    the title where there is still room."""
    wide = strip_width("", low, high)
    fits = wide + min(text_width(title), cells.width // 3) + GAP * bool(title) <= cells.width
    room = cells.width - (wide + GAP) * fits
    end = cells.write(0, 0, clipped(title, room), palette.text, BOLD)
    start = end + GAP * bool(title)
    if start + text_width(note) <= room:
        cells.write(0, start, note, palette.muted)
    if fits:
        write_strip(cells, 0, cells.width - wide, "", low, high, shades, palette)
