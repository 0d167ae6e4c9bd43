"""Bars of eighths of a cell."""

import math

from tui_lab.canvas.cells import Cells

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(fraction: float, width: int) -> str:
    """A bar from the left that fills `fraction` (0..1, NaN is 0) of `width` cells, padded with spaces."""
    width = max(width, 0)
    filled = round(min(max(fraction, 0.0), 1.0) * width * 8) if not math.isnan(fraction) else 0
    whole, part = divmod(filled, 8)
    return ("█" * whole + _EIGHTHS[part] * (part > 0)).ljust(width)


def signed_bar(cells: Cells, row: int, column: int, width: int, fraction: float, colour: int, axis: int) -> None:
    """A bar from an axis in the middle of `width` cells: to the right for 0..1, to the left for -1..0. Left bars are
    drawn to half a cell, for terminals have no eighths from the right."""
    middle = width // 2
    if fraction < 0:
        halves = round(min(-fraction, 1.0) * middle * 2)
        text = "▐" * (halves % 2) + "█" * (halves // 2)
        cells.write(row, column + middle - len(text), text, colour)
    cells.write(row, column + middle, "│", axis)
    if fraction > 0:
        cells.write(row, column + middle + 1, bar(fraction, width - middle - 1).rstrip(), colour)
