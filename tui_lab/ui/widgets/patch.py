"""A row on its way to the terminal that sends only what changed in it.

Textual 8 crops a changed stretch of a widget's row on the right only: from the widget's left edge to the stretch's end.
In a coloured picture that is a kilobyte where a few bytes changed.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from rich.control import Control
from textual.strip import Strip

Span = tuple[int, int]
"""The cells from a first one up to, and without, an end."""


class Patch(Strip):
    """A whole row. Asked for the part from its left edge to the end of a changed span, it gives a jump to where the
    span starts, then the span; asked for anything else it gives what a strip gives."""

    __slots__ = ("_spans",)

    def __init__(self, strip: Strip, spans: Iterable[Span]) -> None:
        super().__init__(strip, strip.cell_length)
        self._spans = {end: start for start, end in spans}

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """The row cut up where other widgets begin; each part knows its spans."""
        ends = list(cuts)
        parts = super().divide(ends)
        bounds = pairwise(accumulate((part.cell_length for part in parts), initial=0))
        return [Patch(part, self._within(*bound)) for part, bound in zip(parts, bounds, strict=True)]

    def crop(self, start: int, end: int | None = None) -> Strip:
        """The cells from `start` to `end`: see the class for when there are fewer."""
        first = self._spans.get(self.cell_length if end is None else end, 0)
        if start > 0 or first == 0:
            return super().crop(start, end)
        span = super().crop(first, end)
        return Strip([Control.move(x=first).segment, *span], span.cell_length)

    def _within(self, left: int, right: int) -> Iterable[Span]:
        for end, start in self._spans.items():
            if start < right and end > left:
                yield max(start, left) - left, min(end, right) - left


def merge(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap or touch are one, as Textual joins the regions that it repaints."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
