"""Texts in pieces, laid out: which pieces stand in which row, and which are left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import eq
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tui_lab.canvas.arrays import Array, IntArray
from tui_lab.canvas.pieces import Flow

REPEATED, LEAST_REPEATED = 4, 3
"""So many equal pieces in a row, of at least so many characters (padding, say), are told as one and how often."""


class Passage(Protocol):
    """A text: its caption, its pieces, and for each piece a mark, an index, and a shade in 0..1 or NaN."""

    @property
    def caption(self) -> str: ...
    @property
    def pieces(self) -> Sequence[str]: ...
    @property
    def marks(self) -> NDArray[np.intp]: ...
    @property
    def shades(self) -> Array: ...


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """The rows of a passage that are shown, each the first and the last cell (not included) of its flow. `marks` and
    `shades` belong to the flow's pieces; `after` is the number of the piece behind each of them, of `total`."""

    caption: str
    flow: Flow
    rows: list[tuple[int, int]]
    marks: IntArray
    shades: Array
    after: IntArray
    total: int

    @classmethod
    def of(cls, passage: Passage, width: int, most: int) -> "Text":
        """The first rows of a passage, at most so many. Pieces without a mark have mark 0."""
        count = len(passage.pieces)
        marks = np.append(np.asarray(passage.marks).ravel()[:count], np.zeros(count)).astype(np.intp)[:count]
        shades = np.append(np.asarray(passage.shades, float).ravel()[:count], np.full(count, np.nan))[:count]
        pieces, firsts = _told(list(passage.pieces), marks, shades)
        # No more of them than there are cells: each fills one at least.
        cells = width * most
        kept = int(np.searchsorted(np.cumsum(np.maximum(_lengths(pieces), 1)), cells)) + 1
        flow = Flow.of([*pieces[: kept - 1], *(piece[:cells] for piece in pieces[kept - 1 : kept])])
        after = np.append(firsts, count)[1 : kept + 1]
        return cls(passage.caption, flow, flow.rows(width, most), marks[firsts], shades[firsts], after, count)

    @property
    def height(self) -> int:
        """Its rows, with that of its caption."""
        return len(self.rows) + bool(self.caption)

    @property
    def missing(self) -> int:
        """How many pieces follow those that are shown."""
        return self._after(self.rows[-1][1]) if self.rows else self.total

    def _after(self, cell: int) -> int:
        """How many pieces begin behind the one that fills the cell before this one."""
        return self.total - (int(self.after[self.flow.pieces[cell - 1]]) if cell else 0)

    def noted(self, width: int) -> tuple["Text", str]:
        """The same with the end of its last row, in whole pieces, making room for a note of how many more there are."""
        if not (self.missing and self.rows):
            return self, ""
        start, stop = self.rows[-1]
        room = start + max(width - len(f" … {self.total} more"), 0)
        if stop > room:
            whole = self.flow.starts[np.searchsorted(self.flow.starts, room, "right") - 1]
            stop = max(int(whole), start)
        return replace(self, rows=[*self.rows[:-1], (start, stop)]), f" … {self._after(stop)} more"

    def cut(self, height: int) -> "Text":
        """The same with so many rows at most."""
        return replace(self, rows=self.rows[: max(height - bool(self.caption), 0)])


def _lengths(pieces: Sequence[str]) -> IntArray:
    return np.fromiter(map(len, pieces), np.intp, len(pieces))


def _told(pieces: list[str], marks: IntArray, shades: Array) -> tuple[list[str], IntArray]:
    """The pieces with long repetitions told as one, and the number of the first piece of each."""
    bare = np.isnan(shades)
    differ = ~np.fromiter(map(eq, pieces[1:], pieces), bool, max(len(pieces) - 1, 0))
    differ |= (marks[1:] != marks[:-1]) | ~bare[1:] | ~bare[:-1]
    starts = np.flatnonzero(np.append(np.ones(min(len(pieces), 1), bool), differ))
    counts = np.diff(np.append(starts, len(pieces)))
    long = (counts >= REPEATED) & (_lengths(pieces)[starts] >= LEAST_REPEATED)
    told: list[str] = []
    kept, done = np.ones(len(pieces), bool), 0
    for start, count in zip(starts[long].tolist(), counts[long].tolist(), strict=True):
        told += [*pieces[done:start], f"{pieces[start]} × {count}"]
        done = start + count
        kept[start + 1 : done] = False
    return told + pieces[done:], np.flatnonzero(kept)


def fitted(passages: Sequence[Passage], width: int, height: int) -> tuple[list[Text], int]:
    """The passages that fit below each other in so many rows, each with as many as the others leave it, and the rows
    between two of them. Where there are more, a row is left free."""
    gap = int(not all(passage.caption for passage in passages))
    least = [1 + bool(passage.caption) for passage in passages]
    ends = np.cumsum(least) + gap * np.arange(len(least))
    room = height if len(ends) and ends[-1] <= height else height - 1
    count = int(np.searchsorted(ends, room, "right"))
    if not (count and width > 0):
        return [], gap
    most = room - int(ends[count - 1]) + 1
    texts = [Text.of(passage, width, most) for passage in passages[:count]]
    heights = [text.height for text in texts]
    if not gap and sum(heights) + count - 1 <= room:
        return texts, 1
    shares = shared(heights, room - gap * (count - 1))
    return [text.cut(share) for text, share in zip(texts, shares, strict=True)], gap


def shared(needs: Sequence[int], room: int) -> list[int]:
    """What each gets of `room`: all that it needs, or as much as any other that does not get all."""
    shares = [0] * len(needs)
    for done, place in enumerate(sorted(range(len(needs)), key=lambda place: needs[place])):
        shares[place] = min(needs[place], room // (len(needs) - done))
        room -= shares[place]
    return shares
