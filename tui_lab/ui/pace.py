"""How a person moves through a run: in which grain, and how fast it plays."""

from dataclasses import dataclass

from tui_lab.run.messages import GRAINS, Grain

SPEEDS: tuple[float | None, ...] = (1, 2, 5, 10, 30, 100, 1000, None)
"""Moves a second; None is flat out."""


@dataclass
class Pace:
    """The lab's grain and speed."""

    grain: Grain = "step"
    speed: float | None = 10.0

    def coarsen(self, by: int) -> None:
        """Move along operation, phase, step, epoch; to finer grains with a negative number."""
        place = GRAINS.index(self.grain) + by
        self.grain = GRAINS[min(max(place, 0), len(GRAINS) - 1)]

    def hasten(self, by: int) -> None:
        """Take the next speed of the ladder in that direction, also from a speed that is not on it."""
        now = self.speed if self.speed is not None else float("inf")
        ladder = [speed if speed is not None else float("inf") for speed in SPEEDS]
        beyond = [speed for speed in ladder if (speed > now if by > 0 else speed < now)]
        if beyond:
            chosen = min(beyond) if by > 0 else max(beyond)
            self.speed = None if chosen == float("inf") else chosen
