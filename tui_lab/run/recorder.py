"""The write side of a run's history."""

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import chain
from operator import itemgetter
from pathlib import Path

import numpy as np

from tui_lab.lab.views import Array
from tui_lab.run.database import open_writer, transaction
from tui_lab.run.history import Change, read_changes
from tui_lab.run.pyramid import BIN, Chunk, IntArray, Tail, empty_tail, extend, levels, read_raw, span

_KEEP_METRIC = "INSERT INTO metric VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET last = excluded.last"
_KEEP_CHUNK = """INSERT INTO chunk VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (metric, level, number) DO UPDATE SET steps = excluded.steps, data = excluded.data"""


class Recorder:
    """Writes the history of a run: there is one, in the trainer, used by one thread.

    What is recorded reaches the disk with `flush`. `head` is the furthest step recorded, `recorded` the furthest on
    disk. If a flush fails nothing is lost: the next one writes it.
    """

    def __init__(self, path: Path) -> None:
        """Open the history at `path` or make it, and continue after what is there. Raises BadInput if it is something
        else, sqlite3.OperationalError or OSError if it cannot be opened or made."""
        self._connection = open_writer(path)
        self.recorded: int = self._connection.execute("SELECT step FROM head").fetchone()[0]
        self.head: int = self.recorded
        self._tails = _tails(self._connection)
        self._steps: list[int] = []
        self._rows: list[Mapping[str, float]] = []

    def record(self, step: int, metrics: Mapping[str, float]) -> None:
        """Keep the metrics of a step, unless it was recorded before. `metrics` is the history's from then on."""
        if step > self.head:
            self.head = step
            self._steps.append(step)
            self._rows.append(metrics)

    def flush(self) -> None:
        """Put what is new on disk, all or nothing. Raises sqlite3.OperationalError on a full disk."""
        if not self._steps:
            return
        tails = dict(self._tails)
        with transaction(self._connection):
            for name, steps, values in _by_metric(self._steps, self._rows):
                number = tails[name][0] if name in tails else len(tails) + 1
                tail, chunks = extend(tails[name][1] if name in tails else empty_tail(), steps, values)
                tails[name] = number, tail
                self._write(number, name, int(steps[-1]), chunks)
            self._connection.execute("UPDATE head SET step = ?", (self.head,))
        self._tails = tails
        self._steps, self._rows = [], []
        self.recorded = self.head

    def note_change(self, change: Change) -> None:
        """Put a change on disk at once, with the steps that led to it."""
        self.flush()
        self._connection.execute(
            "INSERT INTO change (step, name, value) VALUES (?, ?, ?)",
            (change.step, change.name, change.value),
        )

    def changes(self) -> list[Change]:
        """Every change, in the order in which they were noted."""
        return read_changes(self._connection)

    def close(self) -> None:
        """Flush and close; closes even if the flush fails."""
        try:
            self.flush()
        finally:
            self._connection.close()

    def _write(self, number: int, name: str, last: int, chunks: list[Chunk]) -> None:
        self._connection.execute(_KEEP_METRIC, (number, name, last))
        self._connection.executemany(
            _KEEP_CHUNK, [(number, chunk.level, chunk.number, chunk.steps, chunk.data) for chunk in chunks]
        )


def _by_metric(steps: list[int], rows: list[Mapping[str, float]]) -> Iterator[tuple[str, IntArray, Array]]:
    """Each metric that was recorded, in order of first appearance, with its steps and values."""
    layouts = dict.fromkeys(map(tuple, rows))
    every = np.array(steps, np.int64)
    for name in dict.fromkeys(chain.from_iterable(layouts)):
        if all(name in layout for layout in layouts):
            yield name, every, np.fromiter(map(itemgetter(name), rows), np.float64, len(rows))
        else:
            held = np.fromiter((name in row for row in rows), np.bool_, len(rows))
            yield name, every[held], np.fromiter((row[name] for row in rows if name in row), np.float64)


def _tails(connection: sqlite3.Connection) -> dict[str, tuple[int, Tail]]:
    """By its name each metric's number, and what of it is still open."""
    metrics = connection.execute("SELECT name, id, last FROM metric ORDER BY id").fetchall()
    return {name: (number, _tail(connection, number, last)) for name, number, last in metrics}


def _tail(connection: sqlite3.Connection, metric: int, last: int) -> Tail:
    (steps, data), *above = [
        connection.execute(
            "SELECT steps, data FROM chunk WHERE metric = ? AND level = ? AND number = ?",
            (metric, level, last // span(level)),
        ).fetchone()
        for level in levels(last)
    ]
    return Tail(*read_raw(steps, data), tuple(np.frombuffer(data, BIN) for _, data in above))
