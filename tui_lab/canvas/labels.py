"""Labels beside points, none on top of another."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Label(NamedTuple):
    """Where the text of a point, by its number, begins."""

    point: int
    row: int
    column: int


def labels(points: Sequence[tuple[int, int]], sizes: Sequence[int], first: int, width: int, height: int) -> list[Label]:
    """A label of so many cells beside each point (row, column) of a rectangle, as long as there is room for it between
    the points and the labels that are there; the `first` so many are placed before the others are looked at, and may
    cover those. Points that are covered have none."""
    taken = [bytearray(width) for _ in range(height)]
    placed: list[Label] = []
    for group in (range(min(first, len(points))), range(first, len(points))):
        seen = [place for place in group if not taken[points[place][0]][points[place][1]]]
        for place in seen:
            row, column = points[place]
            taken[row][column] = 1
        # Points in one cell: each may have a label on another side of it.
        for place in group if group.start == 0 else seen:
            label = _label(place, *points[place], sizes[place], taken, width)
            if label:
                placed.append(label)
                taken[label.row][label.column : label.column + sizes[place]] = bytes([1]) * sizes[place]
    return placed


def _label(place: int, row: int, column: int, size: int, taken: list[bytearray], width: int) -> Label | None:
    """The first place for a label with a free cell, its own point or the edge on both sides."""
    for at, start, left, right in _sides(row, column, size):
        fits = 0 <= at < len(taken) and start >= 0 and start + size <= width
        if fits and not any(taken[at][max(start - left, 0) : start + size + right]):
            return Label(place, at, start)
    return None


def _sides(row: int, column: int, size: int) -> Iterator[tuple[int, int, int, int]]:
    """Row and first cell of a label on each side of its point, and the cells that must be free before and after it."""
    yield row, column + 1, 0, 1
    yield row, column - size, 1, 0
    for start in (column, column - size + 1):
        yield row - 1, start, 1, 1
        yield row + 1, start, 1, 1
