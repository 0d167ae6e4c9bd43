"""A rectangle of terminal cells: what every drawing of the canvas returns."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.cells import get_character_cell_size

DEFAULT = -1
"""The colour of whatever lies beneath; other colours are 0xRRGGBB."""
BOLD, DIM, REVERSE, UNDERLINE = 1, 2, 4, 8
CONTINUED = 0
"""The glyph of a cell that a wide character to its left already fills."""


class Run(NamedTuple):
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
        return int(self.glyphs.shape[1])

    @property
    def height(self) -> int:
        return int(self.glyphs.shape[0])

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
        codes = _codes(text, self.width - column)
        end = column + len(codes)
        if not 0 <= row < self.height or end <= max(column, 0):
            return end
        start = max(column, 0)
        # Halves of wide characters, CONTINUED is 0, are rare, and mending them costs more than looking for them.
        halves = start > column or not self.glyphs[row, max(start - 1, 0) : end + 1].all()
        if halves:
            self._split(slice(row, row + 1), start)
        cell = (row, slice(start, end))
        self.glyphs[cell] = codes[start - column :]
        self.colours[cell] = colour
        self.styles[cell] = style
        if background is not None:
            self.backgrounds[cell] = background
        if halves:
            for edge in (start, end):
                self._mend(slice(row, row + 1), edge)
        return end

    def fill(self, row: int, column: int, width: int, height: int, glyph: str, colour: int = DEFAULT) -> None:
        """Put one character of one cell's width all over a rectangle; backgrounds stay."""
        area = self.part(row, column, max(width, 0), max(height, 0))
        area.glyphs[:] = ord(glyph)
        area.colours[:] = colour
        area.styles[:] = 0

    def _split(self, rows: slice, column: int) -> None:
        """Blank the wide characters that an edge left of `column` cuts in two: a half would shift its row."""
        if 0 < column < self.width:
            left = self.glyphs[rows, column - 1]
            left[self.glyphs[rows, column] == CONTINUED] = ord(" ")
            self._mend(rows, column)

    def _mend(self, rows: slice, column: int) -> None:
        """Blank the right halves in `column` that have lost their left ones."""
        if 0 <= column < self.width:
            right = self.glyphs[rows, column]
            right[right == CONTINUED] = ord(" ")

    def paste(self, other: "Cells", row: int, column: int) -> None:
        """Copy `other` with its upper left cell at (row, column); what does not fit is cut."""
        if row < 0 or column < 0:
            above, left = max(-row, 0), max(-column, 0)
            other, row, column = other.part(above, left, other.width, other.height), max(row, 0), max(column, 0)
        height, width = min(other.height, self.height - row), min(other.width, self.width - column)
        if height <= 0 or width <= 0:
            return
        rows = slice(row, row + height)
        self._split(rows, column)
        self._split(rows, column + width)
        here, there = (slice(row, row + height), slice(column, column + width)), (slice(height), slice(width))
        self.glyphs[here] = other.glyphs[there]
        self.colours[here] = other.colours[there]
        self.backgrounds[here] = other.backgrounds[there]
        self.styles[here] = other.styles[there]
        self._mend(rows, column)
        if width < other.width:
            # A wide character that the edge cuts in two would stick out of its row.
            self.glyphs[rows, column + width - 1][other.glyphs[:height, width] == CONTINUED] = ord(" ")

    def copy(self) -> "Cells":
        """The same picture in arrays of its own."""
        return Cells(self.glyphs.copy(), self.colours.copy(), self.backgrounds.copy(), self.styles.copy())

    def part(self, row: int, column: int, width: int, height: int) -> "Cells":
        """A rectangle of these cells, not a copy: what is written into it is written here."""
        area = (slice(row, row + height), slice(column, column + width))
        return Cells(self.glyphs[area], self.colours[area], self.backgrounds[area], self.styles[area])

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
        edges = colours[1:] != colours[:-1]
        edges |= backgrounds[1:] != backgrounds[:-1]
        edges |= styles[1:] != styles[:-1]
        starts = np.flatnonzero(np.concatenate(([self.width > 0], edges)))
        text = _text(self.glyphs[row])
        looks = zip(*(part[starts].tolist() for part in (colours, backgrounds, styles)), strict=True)
        for (start, stop), look in zip(pairwise([*starts.tolist(), self.width]), looks, strict=True):
            yield Run(text[start:stop].replace(_CONTINUED, ""), *look)

    def lines(self) -> list[str]:
        """The characters alone, a string a row."""
        return [_text(row).replace(_CONTINUED, "") for row in self.glyphs]


_CONTINUED = chr(CONTINUED)


def _text(glyphs: NDArray[np.uint32]) -> str:
    return str(glyphs.astype("<u4").tobytes(), "utf-32-le")


def _codes(text: str, room: int) -> NDArray[np.uint32]:
    """The code points of the cells that `text` fills, at most `room`."""
    if text.isascii() and text.isprintable():
        return np.frombuffer(text[: max(room, 0)].encode("utf-32-le"), "<u4")
    codes: list[int] = []
    for character in text:
        size = get_character_cell_size(character)
        if not character.isprintable():
            character, size = "·", 1
        if len(codes) + size > room:
            break
        codes += [ord(character), CONTINUED][:size]
    return np.array(codes, np.uint32)
