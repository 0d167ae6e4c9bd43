"""A trail: the way of a descent so far, over a picture."""

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray
from tui_lab.canvas.braille import Dots

MOST_SEGMENTS = 3000
"""Longer ways are drawn as dots and joined at their end only: a million lines would fill the picture."""


def trail(dots: Dots, columns: Array, rows: Array, colour: int) -> None:
    """The way through (columns[i], rows[i]), broken where one is NaN. Steps within one dot are one."""
    columns, rows = np.rint(np.asarray(columns, float)), np.rint(np.asarray(rows, float))
    kept = moved(columns, rows)
    columns, rows = columns[kept], rows[kept]
    dots.points(columns, rows, colour)
    dots.polyline(columns[-MOST_SEGMENTS:], rows[-MOST_SEGMENTS:], colour)


def moved(x: Array, y: Array) -> BoolArray:
    """Which points of a way differ from the one before."""
    kept = np.ones(len(x), bool)
    kept[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    return kept
