"""A move: what the trainer has been told to do, until it is done or told otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from tui_lab.run.messages import AnyReply, Grain


@dataclass(slots=True)
class Move:
    """Go on by `grain`: until step `until`, and at most `count` times if that is given.

    `interval` is the time between two of them in seconds, None for no time at all. `answer` is told when it is over.
    """

    grain: Grain
    until: int
    count: int | None = None
    interval: float | None = None
    answer: Callable[[AnyReply], None] | None = None
    _due: float = field(default_factory=monotonic)

    @property
    def whole_steps(self) -> bool:
        """Whether it may be done in one go, without looking inside the steps."""
        return self.count is None and self.interval is None and self.grain in ("step", "epoch")

    def wait(self) -> float:
        """Seconds until the next one is due."""
        return max(0.0, self._due - monotonic())

    def tick(self) -> None:
        """One is done. What could not be kept up with is not caught up with."""
        if self.interval is not None:
            self._due = max(self._due + self.interval, monotonic() - self.interval)
        if self.count is not None:
            self.count -= 1
