"""Passages of text below each other, wrapped and scrolled: equations with all their terms and what belongs to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import text_width, wrapped

Tone = Literal["heading", "text", "numbers", "remark"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text and how it looks."""

    text: str
    tone: Tone = "text"


def passages(texts: Sequence[Passage], width: int, height: int, palette: Palette, *, first: int = 0) -> Cells:
    """The rows from `first` on; where more follow below, the last row says how many."""
    cells = Cells.blank(width, height)
    rows = list(_rows(texts, width))
    first = max(0, min(first, len(rows) - height))
    for row, (text, tone) in enumerate(rows[first : first + height]):
        cells.write(row, 0, text, _colour(tone, palette), BOLD if tone == "heading" else 0)
    left = len(rows) - first - height
    if left > 0 and height > 1:
        said = f" … {left} more {'row' if left == 1 else 'rows'}"
        cells.write(height - 1, max(width - text_width(said), 0), said, palette.accent)
    return cells


def row_count(texts: Sequence[Passage], width: int) -> int:
    """How many rows they fill."""
    return sum(1 for _ in _rows(texts, width))


def _rows(texts: Sequence[Passage], width: int) -> Iterator[tuple[str, Tone]]:
    for place, passage in enumerate(texts):
        if place and passage.tone == "heading":
            yield "", "text"
        for line in wrapped(passage.text, max(width, 1)):
            yield line, passage.tone


def _colour(tone: Tone, palette: Palette) -> int:
    match tone:
        case "heading":
            return palette.positive
        case "numbers":
            return palette.accent
        case "remark":
            return palette.muted
    return palette.text
