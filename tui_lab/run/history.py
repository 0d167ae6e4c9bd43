"""The read side of a run's history."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.views import Array
from tui_lab.run.database import open_reader
from tui_lab.run.pyramid import BIN, FANOUT, Bins, IntArray, each_a_bin, finest, read_raw, span, width

_CHUNKS = """SELECT chunk.steps, chunk.data FROM metric JOIN chunk ON chunk.metric = metric.id
    WHERE name = ? AND level = ? AND number BETWEEN ? AND ? ORDER BY number"""
_ROWS = """SELECT name, chunk.steps, chunk.data FROM metric CROSS JOIN chunk ON chunk.metric = metric.id
    WHERE level = 0 AND number = ? ORDER BY metric.id"""


class Change(msgspec.Struct, frozen=True):
    """At `step` somebody set the hyperparameter or parameter `name` to what `value` spells."""

    step: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A metric as bins in order, all arrays of one length. `x` is where a bin begins; `low` and `high` are over its
    finite values, NaN if it has none; `last` is its newest value; `broken` says whether one was NaN or infinite."""

    x: Array
    low: Array
    high: Array
    last: Array
    broken: NDArray[np.bool_]


class History:
    """Reads a run's history while, or after, a trainer writes it; used by one thread."""

    def __init__(self, path: Path) -> None:
        """Raises BadInput if there is no history at `path`."""
        self._connection = open_reader(path)

    def metrics(self) -> list[str]:
        """The metrics' names in order of first appearance."""
        return [name for (name,) in self._connection.execute("SELECT name FROM metric ORDER BY id").fetchall()]

    def head(self) -> int:
        """The furthest step on disk, 0 before the first."""
        step: int = self._connection.execute("SELECT step FROM head").fetchone()[0]
        return step

    def columns(self, metric: str, first: int, last: int, count: int) -> Columns:
        """The metric over the bins that `first` to `last` touch: at most 16 · `count` of them, and no fewer than
        about `count` where there are as many steps. Nothing for an unknown metric.

        Few values are not put into bins. A bin keeps its place while a run grows.
        """
        last = min(last, self._last(metric))
        level = finest(first, max(first, last), FANOUT * count)
        bins = self._bins(metric, level, first, last)
        x = bins["step"] // width(level) * width(level)
        x, low, high, newest = (each.astype(np.float64) for each in (x, bins["low"], bins["high"], bins["last"]))
        return Columns(x, low, high, newest, bins["broken"] > 0)

    def samples(self, metrics: Sequence[str], last: int, count: int) -> dict[str, Array]:
        """One metric or more at steps at which all of them were recorded, with those steps under `step`.

        Up to `last`, evenly, at most `count` (or 16); then denser up to the newest, which is exact. Every step where
        there are no more than `count`. Nothing if one of the metrics is unknown.
        """
        last = max(0, min(last, *(self._last(metric) for metric in metrics)))
        parts, start = [], 0
        for level in range(finest(0, last, count), -1, -1):
            end = (last + 1) // width(level) * width(level)
            if end > start:
                parts.append(self._joint(metrics, level, start, end - 1))
            start = end
        joint = np.concatenate(parts, axis=1)
        return dict(zip(["step", *metrics], joint, strict=True))

    def values(self, metric: str, first: int, last: int) -> tuple[IntArray, Array]:
        """Every step from `first` to `last` at which the metric was recorded, and its value there."""
        parts = [read_raw(*row) for row in self._chunks(metric, 0, first, last)]
        if not parts:
            return np.empty(0, np.int64), np.empty(0)
        steps, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        wanted = slice(*np.searchsorted(steps, [first, last + 1]))
        return steps[wanted], values[wanted]

    def rows(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Every step in order with the metrics recorded at it, read piece by piece; other reads may go between."""
        numbers = "SELECT DISTINCT number FROM chunk WHERE level = 0 ORDER BY number"
        for (number,) in self._connection.execute(numbers).fetchall():
            held: dict[int, dict[str, float]] = {}
            for name, *arrays in self._connection.execute(_ROWS, (number,)).fetchall():
                for step, value in zip(*(array.tolist() for array in read_raw(*arrays)), strict=True):
                    held.setdefault(step, {})[name] = value
            yield from sorted(held.items())

    def changes(self) -> list[Change]:
        """Every change by hand, in the order in which they were made."""
        return read_changes(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _last(self, metric: str) -> int:
        row = self._connection.execute("SELECT last FROM metric WHERE name = ?", (metric,)).fetchone()
        return row[0] if row else 0

    def _chunks(self, metric: str, level: int, first: int, last: int) -> list[tuple[bytes, bytes]]:
        covered = span(level)
        return self._connection.execute(_CHUNKS, (metric, level, first // covered, last // covered)).fetchall()

    def _bins(self, metric: str, level: int, first: int, last: int) -> Bins:
        if level == 0:
            return each_a_bin(*self.values(metric, first, last))
        data = b"".join(data for _, data in self._chunks(metric, level, first, last))
        bins: Bins = np.frombuffer(data, BIN)
        wanted = np.searchsorted(bins["step"] // width(level), [first // width(level), last // width(level) + 1])
        return bins[slice(*wanted)]

    def _joint(self, metrics: Sequence[str], level: int, first: int, last: int) -> Array:
        """Steps (first row) and the metrics at them: of each bin the earliest of the metrics' last steps."""
        bins = [self._bins(metric, level, first, last) for metric in metrics]
        shared = reduce(np.intersect1d, [each["step"] // width(level) for each in bins])
        bins = [each[np.isin(each["step"] // width(level), shared)] for each in bins]
        steps = np.min([each["step"] for each in bins], axis=0)
        values = [self._at(metric, each, steps) for metric, each in zip(metrics, bins, strict=True)]
        joint = np.array([steps, *(found for found, _ in values)], np.float64)
        return joint[:, np.all([known for _, known in values], axis=0)]

    def _at(self, metric: str, bins: Bins, steps: IntArray) -> tuple[Array, NDArray[np.bool_]]:
        """The metric's value at one step of each bin, and whether it has one there. Where it is not the bin's last,
        which happens when metrics are recorded at steps of their own, it is looked up."""
        values, known = bins["last"].astype(np.float64), bins["step"] == steps
        for place in np.flatnonzero(~known).tolist():
            found = self.values(metric, int(steps[place]), int(steps[place]))[1]
            known[place] = len(found) == 1
            values[place] = found[0] if len(found) else np.nan
        return values, known


def read_changes(connection: sqlite3.Connection) -> list[Change]:
    """Every change in a history, in order of insertion."""
    return [Change(*row) for row in connection.execute("SELECT step, name, value FROM change ORDER BY id").fetchall()]
