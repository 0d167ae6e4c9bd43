"""How long a step takes, without the time that somebody stands still in the middle of it."""

from collections.abc import Iterator
from time import perf_counter

from tui_lab.lab.scenario import Moment


class Watch:
    """Runs while a step computes, and stands while it is stopped at a moment."""

    def __init__(self) -> None:
        self._before = 0.0
        self._since = 0.0

    def over(self, moments: Iterator[Moment]) -> Iterator[Moment]:
        """The same moments, timed between one another."""
        self._before, self._since = 0.0, perf_counter()
        for moment in moments:
            self._before += perf_counter() - self._since
            yield moment
            self._since = perf_counter()

    @property
    def seconds(self) -> float:
        """That the step has taken so far."""
        return self._before + perf_counter() - self._since
