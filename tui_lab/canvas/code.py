"""Program text: numbered lines in colours, wrapped, with one of them marked."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, printable, text_width

Tone = Literal["text", "keyword", "name", "string", "number", "comment"]
GUTTER = 6
"""The cells for the mark and the number of a line."""
_HANGING = 4
_NARROWEST = 10
"""With less room than this, lines are cut and not wrapped."""


class Piece(NamedTuple):
    """A stretch of a line that looks alike."""

    text: str
    tone: Tone = "text"


class Row(NamedTuple):
    """What stands in one row: a line of the text (counted from 1), or what is left of it from the row above."""

    line: int
    begins: bool
    pieces: tuple[Piece, ...]


def laid_out(lines: Sequence[Sequence[Piece]], width: int) -> list[Row]:
    """The rows that the lines fill, broken between words where they are too long."""
    room = width - GUTTER
    return [
        Row(number, place == 0, pieces)
        for number, line in enumerate(lines, start=1)
        for place, pieces in enumerate(_broken(line, room) if room >= _NARROWEST else [tuple(line)])
    ]


def code(rows: Sequence[Row], first: int, marked: int, width: int, height: int, palette: Palette) -> Cells:
    """The rows from `first` on; `marked` is the line, from 1, that is being run, or 0."""
    cells = Cells.blank(width, height)
    for place, row in enumerate(rows[first : first + height]):
        here = row.line == marked
        if here:
            cells.part(place, 0, width, 1).backgrounds[:] = palette.grid
        if row.begins:
            cells.write(place, 0, "▸" if here else " ", palette.accent, BOLD)
            cells.write(place, 1, f"{row.line:>{GUTTER - 2}}", palette.accent if here else palette.muted)
        column = GUTTER
        for piece in row.pieces:
            column = cells.write(place, column, piece.text, _colour(piece.tone, palette), BOLD if here else 0)
    return cells


def names(files: Sequence[str], chosen: int, width: int, palette: Palette) -> Cells:
    """The names of files in one row, the chosen one first in sight and marked."""
    cells = Cells.blank(width, 1)
    widths = [text_width(name) + 2 for name in files]
    first = chosen
    while first > 0 and sum(widths[first - 1 : chosen + 1]) <= width:
        first -= 1
    column = 0
    for place, name in enumerate(files[first:], start=first):
        here = place == chosen
        shown = clipped(name, max(width - column, 0))
        column = cells.write(0, column, shown, palette.accent if here else palette.muted, BOLD if here else 0) + 2
    return cells


def _broken(line: Sequence[Piece], room: int) -> Iterator[tuple[Piece, ...]]:
    """The line in pieces of at most `room` cells; what comes later stands a little further in than the line."""
    words = [Piece(word, piece.tone) for piece in line for word in _words(printable(piece.text), room)]
    indent = _indent(words)
    inset = min(indent + _HANGING, room // 2)
    row, used = list[Piece](), 0
    for unit in _units(words, room - inset):
        if row and used + text_width("".join(word.text for word in unit).rstrip()) > room:
            yield tuple(row)
            row, used = [Piece(" " * inset)], inset
        row += unit
        used += sum(text_width(word.text) for word in unit)
    yield tuple(row)


def _units(words: Sequence[Piece], room: int) -> Iterator[list[Piece]]:
    """What stays together: words without a space between them, as far as one row holds them."""
    unit, used = list[Piece](), 0
    for word in words:
        width = text_width(word.text)
        if unit and (unit[-1].text.endswith(" ") or used + width > room):
            yield unit
            unit, used = [], 0
        unit.append(word)
        used += width
    if unit:
        yield unit


def _words(text: str, room: int) -> list[str]:
    """Words with the spaces after them; one longer than half a row is cut up."""
    return re.findall(rf"\S{{1,{room // 2}}} *| +", text)


def _indent(words: Sequence[Piece]) -> int:
    text = "".join(word.text for word in words)
    return len(text) - len(text.lstrip(" "))


def _colour(tone: Tone, palette: Palette) -> int:
    match tone:
        case "keyword":
            return palette.positive
        case "name":
            return palette.negative
        case "string":
            return palette.good
        case "number":
            return palette.series[3]
        case "comment":
            return palette.muted
    return palette.text
