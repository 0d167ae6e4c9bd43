"""What the rules over several steps look at: the latest steps' raw numbers, and what was measured now and then."""

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .unstable import Array, Evaluated

STEPS = 128
"""Steps that are remembered."""
MEASURED = 64
"""Evaluations that are remembered."""
_PART = 4
"""An epoch's first and last part are so many-th parts of it."""


class Trace:
    """A short memory. It is part of a run's state, so that what is told after going back is what was told then."""

    def __init__(self, steps_per_epoch: int) -> None:
        self._length = steps_per_epoch
        self._steps: deque[tuple[float, float]] = deque(maxlen=STEPS)
        self._evaluated: deque[tuple[float, float, float]] = deque(maxlen=MEASURED)
        self._changes: deque[tuple[float, float, float]] = deque(maxlen=MEASURED)
        self._epochs: deque[tuple[float, float]] = deque(maxlen=_PART)
        self._sums = np.zeros(2)
        """The losses of the present epoch's first and last part so far, added up."""
        self._since = np.zeros(2)
        """The sum of the losses since the last evaluation, and how many they are."""

    def add(self, step: int, loss: float, gradient_norm: float) -> None:
        """Keep step number `step`, the first one being 1."""
        self._steps.append((loss, gradient_norm))
        self._since += (loss, 1.0)
        place, part = (step - 1) % self._length, max(self._length // _PART, 1)
        self._sums += (loss * (place < part), loss * (place >= self._length - part))
        if place == self._length - 1:
            self._epochs.append((float(self._sums[0] / part), float(self._sums[1] / part)))
            self._sums[:] = 0.0

    def evaluated(self, step: int, held_out: float) -> None:
        """Keep an evaluation after `step` steps."""
        if self._since[1]:
            self._evaluated.append((float(step), held_out, float(self._since[0] / self._since[1])))
            self._since[:] = 0.0

    def changed(self, step: int, layer: int, ratio: float) -> None:
        """Keep the largest ‖ΔW‖/‖W‖ after `step` steps, and the number of the layer that has it."""
        self._changes.append((float(step), float(layer), ratio))

    @property
    def losses(self) -> Array:
        """Of the latest steps, oldest first."""
        return np.array([loss for loss, _ in self._steps])

    @property
    def gradient_norms(self) -> Array:
        """Likewise, before clipping."""
        return np.array([norm for _, norm in self._steps])

    @property
    def evaluations(self) -> list[Evaluated]:
        """The latest evaluations, oldest first."""
        return [Evaluated(int(step), held_out, training) for step, held_out, training in self._evaluated]

    @property
    def changes(self) -> list[tuple[int, int, float]]:
        """Step, layer and ‖ΔW‖/‖W‖, oldest first."""
        return [(int(step), int(layer), ratio) for step, layer, ratio in self._changes]

    @property
    def epochs(self) -> list[tuple[float, float]]:
        """The mean losses of the first and the last part of each of the latest epochs; nothing where an epoch is too
        short to have parts."""
        return list(self._epochs) if self._length >= 2 * _PART else []

    def state(self) -> dict[str, NDArray[Any]]:
        """As arrays."""
        return {
            "trace/steps": _array(self._steps, 2),
            "trace/evaluated": _array(self._evaluated, 3),
            "trace/changes": _array(self._changes, 3),
            "trace/epochs": _array(self._epochs, 2),
            "trace/sums": np.concatenate([self._sums, self._since]),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """What `state` told."""
        for rows, name in (
            (self._steps, "steps"),
            (self._evaluated, "evaluated"),
            (self._changes, "changes"),
            (self._epochs, "epochs"),
        ):
            rows.clear()
            rows.extend(map(tuple, state[f"trace/{name}"].tolist()))
        self._sums, self._since = state["trace/sums"][:2].copy(), state["trace/sums"][2:].copy()


def _array(rows: deque[Any], width: int) -> NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(-1, width)
