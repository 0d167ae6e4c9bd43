"""Where vectors have been: how they stood before training and at a few moments since."""

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.scenario import Array, State

from .plane import Plane

_MOMENTS = 8
"""So many moments are kept: when they are full every second one is dropped."""
_LARGEST = 1e30
"""Entries beyond this are those of a run that diverges: no plane is laid through them."""
_FIRST_GAP = 10
"""Steps between two moments at first."""


class Trail:
    """Vectors (v, d) at step 0, g, 2g, … for the smallest g = 10·2ⁱ with which there are at most eight moments; and the
    plane in which the latest moment was drawn, so that the next picture is turned like it."""

    def __init__(self, shape: tuple[int, ...], shown: NDArray[np.intp]) -> None:
        """`shown` (s,) are the vectors that the plane is laid through."""
        self.shown = shown
        self.steps = np.full(_MOMENTS, -1)
        self.places = np.zeros((_MOMENTS, *shape), np.float32)
        self.plane = Plane(np.zeros(shape[1]), np.eye(shape[1], 2))

    def pass_by(self, step: int, vectors: Array) -> None:
        """The vectors after `step` steps: kept if it is time for it."""
        gap = _gap(step)
        if step % gap:
            return
        self.plane = self.now(vectors)
        kept = np.flatnonzero((self.steps >= 0) & (self.steps % gap == 0) & (self.steps < step))
        self.steps[: len(kept)], self.places[: len(kept)] = self.steps[kept], self.places[kept]
        self.steps[len(kept) :] = -1
        self.steps[len(kept)], self.places[len(kept)] = step, vectors

    def now(self, vectors: Array) -> Plane:
        """The plane for vectors as they stand, turned to show them as little moved since the latest moment as it
        can."""
        points = vectors[self.shown]
        if not np.abs(points).max() < _LARGEST:  # nor where it is no number
            return self.plane
        plane = Plane.through(points)
        return plane.turned_like(points, self.plane.of(self.latest[self.shown])) if self.moments else plane

    @property
    def moments(self) -> int:
        """How many are kept."""
        return int((self.steps >= 0).sum())

    @property
    def before_training(self) -> Array | None:
        """The vectors at step 0; None before the first step."""
        return self.places[0].astype(np.float64) if self.moments else None

    @property
    def latest(self) -> Array:
        """The vectors at the latest moment."""
        latest: Array = self.places[self.moments - 1].astype(np.float64)
        return latest

    def state(self) -> State:
        """Copies of all of it."""
        return {
            "trail_steps": self.steps.copy(),
            "trail_places": self.places.copy(),
            "trail_middle": self.plane.middle.copy(),
            "trail_axes": self.plane.axes.copy(),
        }

    def restore(self, state: State) -> None:
        """Continue from a `state`."""
        self.steps[:], self.places[:] = state["trail_steps"], state["trail_places"]
        self.plane = Plane(state["trail_middle"].copy(), state["trail_axes"].copy())


def _gap(step: int) -> int:
    gap = _FIRST_GAP
    while step >= _MOMENTS * gap:
        gap *= 2
    return gap
