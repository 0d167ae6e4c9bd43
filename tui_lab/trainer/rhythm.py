"""The rhythm of a trainer's chores, and its speed."""

from time import perf_counter

_SNAPSHOT = 0.01
_SNAPSHOT_SHARE = 50
_FLUSH = 0.25
_SAVE = 10.0


class Rhythm:
    """When a snapshot, a flush of the history and a snapshot on disk are due; times in seconds of perf_counter.

    Snapshots lie about 10 ms of training apart, so that no way back takes much longer than that; but never so
    close that making them takes more than a fiftieth of the time.
    """

    def __init__(self) -> None:
        self._snapshot_due = self._flush_due = self._save_due = self._began = perf_counter()
        self._step = 0

    @property
    def next_chore(self) -> float:
        """When training has to look up from its steps."""
        return min(self._snapshot_due, self._flush_due)

    def begin(self, step: int) -> None:
        """Training begins at `step`."""
        self._began, self._step = perf_counter(), step
        self._snapshot_due, self._flush_due = self._began + _SNAPSHOT, self._began + _FLUSH
        self._save_due = max(self._save_due, self._began + _SAVE)

    def speed(self, step: int) -> float:
        """Steps a second since the last time this was asked."""
        now = perf_counter()
        speed = (step - self._step) / (now - self._began)
        self._began, self._step = now, step
        return speed

    def snapshot_due(self, now: float) -> bool:
        return now >= self._snapshot_due

    def snapshot_done(self, began: float) -> None:
        """A snapshot begun at `began` is made; the next one is due after a while that its cost decides."""
        cost = perf_counter() - began
        self._snapshot_due = began + max(_SNAPSHOT, _SNAPSHOT_SHARE * cost)

    def flush_due(self, now: float) -> bool:
        due = now >= self._flush_due
        if due:
            self._flush_due = now + _FLUSH
        return due

    def save_due(self, now: float) -> bool:
        due = now >= self._save_due
        if due:
            self._save_due = now + _SAVE
        return due
