"""A trail: the way of a descent so far, over a picture."""

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.braille import Dots

MOST_SEGMENTS = 3000
"""Longer ways are drawn as dots and joined at their end only: a million lines would fill the picture."""


def trail(dots: Dots, columns: Array, rows: Array, colour: int) -> None:
    """The way through (columns[i], rows[i]), broken where one is NaN. Steps within one dot are one."""
    columns, rows = np.rint(np.asarray(columns, float)), np.rint(np.asarray(rows, float))
    if not len(columns):
        return
    moved = np.ones(len(columns), bool)
    moved[1:] = (np.diff(columns) != 0) | (np.diff(rows) != 0)
    columns, rows = columns[moved], rows[moved]
    dots.points(columns, rows, colour)
    dots.polyline(columns[-MOST_SEGMENTS:], rows[-MOST_SEGMENTS:], colour)
