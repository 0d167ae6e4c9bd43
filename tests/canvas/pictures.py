"""What the tests of drawings look for in cells."""

import numpy as np

from tui_lab.canvas.arrays import BoolArray
from tui_lab.canvas.cells import CONTINUED, Cells
from tui_lab.canvas.palette import Palette

PALETTE = Palette()


def dots(cells: Cells, colour: int | None = None) -> BoolArray:
    """The lit braille dots, of shape (4 × height, 2 × width); those of one colour alone where it is given."""
    bits = cells.glyphs.astype(np.int64) - 0x2800
    bits = np.where((bits >= 0) & (bits < 256), bits, 0)
    if colour is not None:
        bits = np.where(cells.colours == colour, bits, 0)
    lit = np.zeros((4 * cells.height, 2 * cells.width), bool)
    for place, (row, column) in enumerate([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]):
        lit[row::4, column::2] = bits >> place & 1
    return lit


def where(cells: Cells, glyph: str) -> list[tuple[int, int]]:
    """The (row, column) of every cell with that character."""
    return [(int(row), int(column)) for row, column in np.argwhere(cells.glyphs == ord(glyph))]


def check(cells: Cells, width: int, height: int) -> None:
    """The picture has exactly that size, holds nothing that moves a cursor, and no half of a wide character."""
    assert (cells.width, cells.height) == (width, height)
    for part in (cells.colours, cells.backgrounds, cells.styles):
        assert part.shape == (height, width)
    for row, line in enumerate(cells.lines()):
        assert line.isprintable()
        assert "".join(run.text for run in cells.runs(row)) == line
        assert CONTINUED not in cells.glyphs[row, :1]
