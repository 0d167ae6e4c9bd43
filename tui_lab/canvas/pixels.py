"""Pixels: two in a cell, one over the other, drawn with half blocks."""

import numpy as np

from tui_lab.canvas.arrays import ColourArray
from tui_lab.canvas.cells import DEFAULT, Cells

_UPPER, _LOWER, _SPACE = ord("▀"), ord("▄"), ord(" ")


def half_blocks(pixels: ColourArray) -> Cells:
    """Cells for pixels of shape (2 × height, width); a pixel of DEFAULT shows what lies beneath."""
    upper, lower = pixels[0::2], pixels[1::2]
    cells = Cells.blank(pixels.shape[1], pixels.shape[0] // 2)
    only_lower = (upper == DEFAULT) & (lower != DEFAULT)
    differ = upper != lower
    cells.glyphs[:] = np.where(only_lower, _LOWER, np.where(differ, _UPPER, _SPACE))
    cells.colours[:] = np.where(only_lower, lower, np.where(differ, upper, DEFAULT))
    cells.backgrounds[:] = np.where(only_lower, DEFAULT, lower)
    return cells


def flattened(cells: Cells, pixels: ColourArray) -> None:
    """Give the cells that hold something other than half blocks the mean colour of their two pixels as background."""
    covered = ~np.isin(cells.glyphs, (_UPPER, _LOWER, _SPACE))
    upper, lower = pixels[0::2], pixels[1::2]
    # The mean of each byte without carries: shared bits plus half of those that differ.
    mean = (upper & lower) + (((upper ^ lower) & 0xFEFEFE) >> 1)
    mean = np.where(upper == DEFAULT, lower, np.where(lower == DEFAULT, upper, mean))
    cells.backgrounds[covered] = mean[covered]
