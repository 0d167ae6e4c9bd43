"""Pieces of a text as one flow of characters, broken into rows between words where it can be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lab.canvas.arrays import IntArray
from tui_lab.canvas.cells import CONTINUED
from tui_lab.canvas.text import printable, text_width
from tui_lab.canvas.visible import NOTHING, SIGNS

LEAST_ROW = 0.5
"""A row is rather broken inside a word than left with less than this part of it filled."""


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What pieces of text look like behind each other, a row of cells without an end: `glyphs` and the index of the
    piece that each cell belongs to, both (n,). `ends` and `words` are the cells before which a row ends or may end, and
    `starts` those where a piece begins; all ascend, and the last of `ends` is n."""

    glyphs: NDArray[np.uint32]
    pieces: IntArray
    ends: IntArray
    words: IntArray
    starts: IntArray

    @classmethod
    def of(cls, pieces: Sequence[str]) -> "Flow":
        """Line ends are ⏎, tabs ⇥ and other control characters `·`; marks without a width are left out, and a piece of
        which nothing can be seen is ∅."""
        codes = np.frombuffer("".join(pieces).encode("utf-32-le", "surrogatepass"), "<u4")
        owners = np.repeat(np.arange(len(pieces)), np.fromiter(map(len, pieces), np.intp, len(pieces)))
        known, which = np.unique(codes, return_inverse=True)
        shown = [printable(chr(code).translate(SIGNS)) for code in known.tolist()]
        widths = np.array([text_width(text) for text in shown], np.intp)[which]
        counts = np.bincount(owners, widths, len(pieces))
        if not counts.all():
            return cls.of([piece if count else NOTHING for piece, count in zip(pieces, counts, strict=True)])
        return cls._of(codes, np.array([ord(text or " ") for text in shown], np.uint32)[which], widths, owners)

    @classmethod
    def _of(cls, codes: NDArray[np.uint32], shown: NDArray[np.uint32], widths: IntArray, owners: IntArray) -> "Flow":
        seen = widths > 0
        codes, shown, widths, owners = codes[seen], shown[seen], widths[seen], owners[seen]
        cells = np.cumsum(widths) - widths
        glyphs = np.full(int(widths.sum()), CONTINUED, np.uint32)
        glyphs[cells] = shown
        space, line = codes == ord(" "), codes == ord("\n")
        first = np.diff(owners, prepend=-1) > 0
        # After spaces, but not after the one that a token such as " the" begins with; and before such a token.
        after = space[:-1] & ~space[1:] & (first[1:] | ~first[:-1])
        before = space[1:] & ~space[:-1] & first[1:] & ~np.append(first[2:], True)
        words, ends = np.flatnonzero(after | before) + 1, np.flatnonzero(line[:-1] & ~line[1:]) + 1
        return cls(glyphs, np.repeat(owners, widths), np.append(cells[ends], len(glyphs)), cells[words], cells[first])

    def rows(self, width: int) -> list[tuple[int, int]]:
        """The first and the last cell (not included) of each row of at most `width` cells; a wide character may stick
        out of a row of one cell."""
        rows: list[tuple[int, int]] = []
        start = 0
        while start < len(self.glyphs):
            end = int(self.ends[np.searchsorted(self.ends, start, "right")])
            stop = end if end <= start + width else self._before(start, start + width)
            rows.append((start, stop))
            start = stop
        return rows

    def _before(self, start: int, limit: int) -> int:
        """Where a row is best broken that starts at one cell and has no room for another one and what follows."""
        least = start + max((limit - start) * LEAST_ROW, 1)
        for breaks in (self.words, self.starts):
            place = int(np.searchsorted(breaks, limit, "right")) - 1
            if place >= 0 and breaks[place] >= least:
                return int(breaks[place])
        # The right half of a wide character belongs to the left one.
        limit -= int(self.glyphs[limit] == CONTINUED)
        return limit if limit > start else start + 2
