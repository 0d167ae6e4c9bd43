"""A rectangle of terminal cells: what every drawing of the canvas returns."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.cells import get_character_cell_size

DEFAULT = -1
"""The colour of whatever lies beneath; other colours are 0xRRGGBB."""
BOLD, DIM, REVERSE, UNDERLINE = 1, 2, 4, 8
CONTINUED = 0
"""The glyph of a cell that a wide character to its left already fills."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring cells of one row that look alike."""

    text: str
    colour: int
    background: int
    style: int


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Four arrays of shape (height, width): code points, colours, backgrounds and style bits."""

    glyphs: NDArray[np.uint32]
    colours: NDArray[np.int32]
    backgrounds: NDArray[np.int32]
    styles: NDArray[np.uint8]

    @classmethod
    def blank(cls, width: int, height: int, background: int = DEFAULT) -> "Cells":
        """Spaces."""
        shape = (max(height, 0), max(width, 0))
        return cls(
            np.full(shape, ord(" "), np.uint32),
            np.full(shape, DEFAULT, np.int32),
            np.full(shape, background, np.int32),
            np.zeros(shape, np.uint8),
        )

    @property
    def width(self) -> int:
        return self.glyphs.shape[1]

    @property
    def height(self) -> int:
        return self.glyphs.shape[0]

    def write(
        self,
        row: int,
        column: int,
        text: str,
        colour: int = DEFAULT,
        style: int = 0,
        background: int | None = None,
    ) -> int:
        """Put `text` at a cell, cut at the right edge; the column after it. Control characters become `·`, so that text
        from outside cannot reach the terminal as anything but text. `background` None keeps what is there."""
        if not 0 <= row < self.height:
            return column
        for character in text:
            size = get_character_cell_size(character)
            if not character.isprintable():
                character, size = "·", 1
            if size == 0:
                continue
            if column + size > self.width:
                break
            if column >= 0:
                cell = (row, slice(column, column + size))
                self.glyphs[cell] = CONTINUED
                self.glyphs[row, column] = ord(character)
                self.colours[cell] = colour
                self.styles[cell] = style
                if background is not None:
                    self.backgrounds[cell] = background
            column += size
        return column

    def paste(self, other: "Cells", row: int, column: int) -> None:
        """Copy `other` with its upper left cell at (row, column); what does not fit is cut."""
        height, width = min(other.height, self.height - row), min(other.width, self.width - column)
        if height <= 0 or width <= 0:
            return
        here, there = (slice(row, row + height), slice(column, column + width)), (slice(height), slice(width))
        self.glyphs[here] = other.glyphs[there]
        self.colours[here] = other.colours[there]
        self.backgrounds[here] = other.backgrounds[there]
        self.styles[here] = other.styles[there]

    def changed(self, before: "Cells", gap: int = 3) -> Iterator[tuple[int, int, int]]:
        """The (row, column, width) of every stretch that differs from `before`, a picture of the same size. Stretches
        at most `gap` cells apart are one: moving the cursor costs as many bytes as those cells."""
        differs = (
            (self.glyphs != before.glyphs)
            | (self.colours != before.colours)
            | (self.backgrounds != before.backgrounds)
            | (self.styles != before.styles)
        )
        for row in np.flatnonzero(differs.any(axis=1)):
            columns = np.flatnonzero(differs[row])
            for part in np.split(columns, np.flatnonzero(np.diff(columns) > gap + 1) + 1):
                yield int(row), int(part[0]), int(part[-1] - part[0] + 1)

    def runs(self, row: int) -> Iterator[Run]:
        """The row from left to right in stretches of one look."""
        colours, backgrounds, styles = self.colours[row], self.backgrounds[row], self.styles[row]
        edges = (np.diff(colours) != 0) | (np.diff(backgrounds) != 0) | (np.diff(styles) != 0)
        bounds = [0, *(np.flatnonzero(edges) + 1).tolist(), self.width]
        for start, stop in pairwise(bounds):
            if stop > start:
                look = int(colours[start]), int(backgrounds[start]), int(styles[start])
                yield Run(_characters(self.glyphs[row, start:stop]), *look)

    def lines(self) -> list[str]:
        """The characters alone, a string a row."""
        return [_characters(row) for row in self.glyphs]


def _characters(glyphs: NDArray[np.uint32]) -> str:
    return glyphs[glyphs != CONTINUED].astype("<u4").tobytes().decode("utf-32-le")
