"""Texts in pieces, laid out: which pieces stand in which row, and which are left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import eq
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tui_lab.canvas.arrays import Array, IntArray
from tui_lab.canvas.pieces import Flow

Row = tuple[int, int]
"""The first and the last cell, not included, of what stands in a row."""
MOST_CELLS = 20_000
"""Twice the cells of a large screen: what is behind them in a text is not looked at."""
LEAST_ROWS = 2
"""Rows that a text has where it needs them: rather fewer texts than some of which nothing can be told."""
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
    """The rows of a passage that are shown, each the first and the last cell (not included) of its flow, and where not
    all are, those of its end in `tail`. `marks` and `shades` belong to the flow's pieces (n,); `firsts` (n + 1,) is the
    number, among `total`, of the first piece that each of them stands for, then that of the piece after them."""

    caption: str
    flow: Flow
    rows: list[Row]
    tail: list[Row]
    marks: IntArray
    shades: Array
    firsts: IntArray
    total: int
    whole: bool

    @classmethod
    def of(cls, passage: Passage, width: int) -> "Text":
        """All rows of a passage, but for what is longer than MOST_CELLS. Pieces without a mark have mark 0."""
        count = len(passage.pieces)
        marks = np.append(np.asarray(passage.marks).ravel()[:count], np.zeros(count)).astype(np.intp)[:count]
        shades = np.append(np.asarray(passage.shades, float).ravel()[:count], np.full(count, np.nan))[:count]
        pieces, firsts = _told(list(passage.pieces), marks, shades)
        # Each fills a cell at least.
        kept = int(np.searchsorted(np.cumsum(np.maximum(_lengths(pieces), 1)), MOST_CELLS)) + 1
        whole = kept >= len(pieces) and all(len(piece) <= MOST_CELLS for piece in pieces[-1:])
        flow = Flow.of([*pieces[: kept - 1], *(piece[:MOST_CELLS] for piece in pieces[kept - 1 : kept])])
        rows, numbers = flow.rows(width), np.append(firsts, count)[: kept + 1]
        return cls(passage.caption, flow, rows, [], marks[firsts], shades[firsts], numbers, count, whole)

    @property
    def height(self) -> int:
        """Its rows, with that of its caption."""
        return len(self.rows) + len(self.tail) + bool(self.caption)

    def cut(self, height: int) -> "Text":
        """The same with so many rows at most: the first and the last ones, for a text grows at its end."""
        room = max(height - bool(self.caption), 0)
        if len(self.rows) <= room:
            return self
        last = room // 2 if self.whole else 0
        return replace(self, rows=self.rows[: room - last], tail=self.rows[len(self.rows) - last :], whole=False)

    def noted(self, width: int) -> tuple["Text", str]:
        """The same with the end of its first rows, in whole pieces, making room for a note of how many pieces are not
        shown; no note where all are."""
        if self.whole or not self.rows:
            return self, ""
        start, stop = self.rows[-1]
        room = start + max(width - len(f" … {self.total} more"), 0)
        if stop > room:
            whole = self.flow.starts[np.searchsorted(self.flow.starts, room, "right") - 1]
            stop = max(int(whole), start)
        after = self.firsts[self.flow.pieces[self.tail[0][0]]] if self.tail else self.total
        missing = int(after - (self.firsts[self.flow.pieces[stop - 1] + 1] if stop else 0))
        return replace(self, rows=[*self.rows[:-1], (start, stop)]), f" … {missing} more" if missing > 0 else " …"


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
    if width < 1 or height < 1:
        return [], 0
    gap = int(not all(passage.caption for passage in passages))
    texts, room = _leading(passages, width, height, gap)
    heights = [text.height for text in texts]
    if not gap and sum(heights) + len(texts) - 1 <= room:
        return texts, 1
    shares = shared(heights, room - gap * (len(texts) - 1))
    return [text.cut(share) for text, share in zip(texts, shares, strict=True)], gap


def _leading(passages: Sequence[Passage], width: int, height: int, gap: int) -> tuple[list[Text], int]:
    """As many passages as can each have two rows, their beginning and their end, and the rows for all of them."""
    texts: list[Text] = []
    ends: list[int] = []
    for passage in passages:
        texts.append(Text.of(passage, width))
        least = min(texts[-1].height, bool(passage.caption) + LEAST_ROWS)
        ends.append((ends[-1] + gap if ends else 0) + least)
        if ends[-1] > height:
            break
    room = height if len(passages) < 2 or ends[-1] <= height else height - 1
    return texts[: max(sum(end <= room for end in ends), 1)], room


def shared(needs: Sequence[int], room: int) -> list[int]:
    """What each gets of `room`: all that it needs, or as much as any other that does not get all."""
    shares = [0] * len(needs)
    for done, place in enumerate(sorted(range(len(needs)), key=lambda place: needs[place])):
        shares[place] = min(needs[place], room // (len(needs) - done))
        room -= shares[place]
    return shares
