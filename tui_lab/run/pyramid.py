"""A metric's values as a min/max pyramid: arithmetic on arrays, no files.

Level 0 is the values themselves. A bin of level k covers the 16^k step numbers from a multiple of 16^k on, and is
computed from the bins of the level below. Every level is kept in chunks: only the last chunk of each can still change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.views import Array

IntArray = NDArray[np.int64]
Bins = NDArray[np.void]
"""A 1-D array of BIN, one for each bin that has a value, in order."""

FANOUT = 16
BIN = np.dtype([("step", "<i8"), ("low", "<f8"), ("high", "<f8"), ("last", "<f8"), ("broken", "<i8")])
"""`low` and `high` over the finite values, NaN if there is none; `last` is the value at `step`, the last step with a
value; `broken` counts the values that are not finite."""

_RAW_STEPS = 1024
_BINS = 96  # 96 · 40 bytes fill one database page of 4096
_NO_BINS: Bins = np.empty(0, BIN)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A row of the history. At level 0 `data` is float64 and `steps` int64, only the first where the others follow on
    it without a gap; above, `data` is BIN."""

    level: int
    number: int
    steps: bytes | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Tail:
    """What values to come can still change: the last chunk of level 0 and of each level above."""

    steps: IntArray
    values: Array
    levels: tuple[Bins, ...] = ()


def empty_tail() -> Tail:
    """Where a metric begins."""
    return Tail(np.empty(0, np.int64), np.empty(0))


def width(level: int) -> int:
    """How many step numbers a bin covers."""
    return int(FANOUT**level)


def span(level: int) -> int:
    """How many step numbers a chunk covers: a multiple of 16 bins, so that no bin has parts in two chunks."""
    return _BINS * width(level) if level else _RAW_STEPS


def levels(last: int) -> range:
    """The levels of a metric whose last step is `last`.

    Level k begins when a step reaches 16^k: until then one bin of it would hold everything.
    """
    return range(len(f"{last:x}"))


def extend(tail: Tail, steps: IntArray, values: Array) -> tuple[Tail, list[Chunk]]:
    """The tail after more values, and every chunk that changed. `steps` rise, and lie after those of `tail`."""
    first = int(steps[0])
    steps, values = np.concatenate([tail.steps, steps]), np.concatenate([tail.values, values])
    chunks = [_raw_chunk(part, values[at]) for part, at in _parts(steps, first, 0)]
    last = slice(np.searchsorted(steps, steps[-1] // _RAW_STEPS * _RAW_STEPS), None)
    opened, below = [], each_a_bin(steps, values)
    for level in levels(int(steps[-1]))[1:]:
        known = tail.levels[level - 1] if level <= len(tail.levels) else _NO_BINS
        touched = first // width(level) * width(level) if len(known) else 0
        above = merge(below[np.searchsorted(below["step"], touched) :], width(level))
        below = np.concatenate([known[: np.searchsorted(known["step"], touched)], above])
        parts = list(_parts(below["step"], touched, level))
        chunks += [_bin_chunk(below[at], level) for _, at in parts]
        opened.append(below[parts[-1][1]])
    return Tail(steps[last], values[last], tuple(opened)), chunks


def each_a_bin(steps: IntArray, values: Array) -> Bins:
    """Values as bins of one step each."""
    bins: Bins = np.empty(len(steps), BIN)
    finite = np.isfinite(values)
    bins["step"], bins["last"], bins["broken"] = steps, values, ~finite
    bins["low"] = bins["high"] = np.where(finite, values, np.nan)
    return bins


def merge(bins: Bins, steps: int) -> Bins:
    """The bins that cover `steps` step numbers each, from finer ones (at least one)."""
    number = bins["step"] // steps
    starts = np.concatenate([[0], np.flatnonzero(np.diff(number)) + 1])
    merged: Bins = bins[np.append(starts[1:], len(bins)) - 1]
    merged["low"] = np.fmin.reduceat(bins["low"], starts)
    merged["high"] = np.fmax.reduceat(bins["high"], starts)
    merged["broken"] = np.add.reduceat(bins["broken"], starts)
    return merged


def finest(first: int, last: int, most: int) -> int:
    """The finest level at which the steps `first` to `last` touch no more than `most` bins.

    `most` is taken as at least 16: then a metric whose last step is `last` has that level.
    """
    level = 0
    while last // width(level) - first // width(level) >= max(most, FANOUT):
        level += 1
    return level


def read_raw(steps: bytes, data: bytes) -> tuple[IntArray, Array]:
    """The steps and values of a chunk of level 0."""
    known, values = np.frombuffer(steps, "<i8"), np.frombuffer(data, "<f8")
    return (known if len(known) == len(values) else known[0] + np.arange(len(values))), values


def _raw_chunk(steps: IntArray, values: Array) -> Chunk:
    gapless = steps[-1] - steps[0] == len(steps) - 1
    return Chunk(0, int(steps[0]) // span(0), steps[: 1 if gapless else None].tobytes(), values.tobytes())


def _bin_chunk(bins: Bins, level: int) -> Chunk:
    return Chunk(level, int(bins["step"][0]) // span(level), None, bins.tobytes())


def _parts(steps: NDArray[Any], first: int, level: int) -> Iterator[tuple[IntArray, slice]]:
    """`steps` cut into chunks, from the one on that holds `first`."""
    number = steps // span(level)
    start = int(np.searchsorted(number, first // span(level)))
    cuts = [start, *(np.flatnonzero(np.diff(number[start:])) + start + 1).tolist(), len(steps)]
    for begin, end in pairwise(cuts):
        yield steps[begin:end], slice(begin, end)
