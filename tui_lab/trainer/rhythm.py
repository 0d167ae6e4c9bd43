"""The rhythm of a trainer's chores, and its speed."""

from time import perf_counter

_SNAPSHOT = 0.01
_FLUSH = 0.25
_SAVE = 10.0
_SHARE = 200
"""A chore is done again after so many times as long as it took: together they cost a few hundredths of the time."""
_SCENERY_SHARE = 100


class Rhythm:
    """When a snapshot, a flush of the history, a snapshot on disk and a frame for the viewers are due; times in seconds
    of perf_counter.

    Snapshots lie about 10 ms of training apart, so that no way back takes much longer than that; but no chore is done
    so often that it takes more than half a hundredth of the time; the scenery of frames, which is what people look at,
    gets twice as much.
    """

    def __init__(self) -> None:
        self._snapshot_due = self._flush_due = self._save_due = self._frame_due = self._began = perf_counter()
        self._scenery_due, self._scenery_cost = self._began, 0.0
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
        self._snapshot_due = began + max(_SNAPSHOT, _SHARE * cost)

    def flush_due(self, now: float) -> bool:
        return now >= self._flush_due

    def flush_done(self, began: float) -> None:
        """History and report, begun at `began`, are on disk."""
        self._flush_due = began + max(_FLUSH, _SHARE * (perf_counter() - began))

    def save_due(self, now: float) -> bool:
        return now >= self._save_due

    def save_done(self, began: float) -> None:
        """A snapshot begun at `began` is on disk."""
        self._save_due = began + max(_SAVE, _SHARE * (perf_counter() - began))

    def frame_due(self, now: float) -> bool:
        return now >= self._frame_due

    def scenery_due(self, now: float) -> bool:
        return now >= self._scenery_due

    def frame_wanted(self) -> None:
        """Somebody has changed what is shown, and waits for it."""
        self._frame_due = self._scenery_due = self._began

    def frame_done(self, began: float) -> None:
        """A frame begun at `began` has been handed out, in front of scenery that there was."""
        self._frame_due = began + _SHARE * (perf_counter() - began)

    def scenery_done(self, began: float) -> None:
        """New scenery, begun at `began` while the run trained, is there. What is made of a run that stands still costs
        training nothing, and may be much dearer. One that is dearer than the one before, because it is the first or
        something in it is seldom made anew, does not put off the next."""
        before, self._scenery_cost = self._scenery_cost, perf_counter() - began
        self._scenery_due = began + _SCENERY_SHARE * min(before, self._scenery_cost)
