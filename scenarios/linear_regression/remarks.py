"""What a person should know about a fit right now, each in one sentence with its evidence."""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from tui_lab.lab.descent import MomentumDescent
from tui_lab.lab.quadratic import Quadratic
from tui_lab.lab.scenario import Array

from .points import Points

_CONVERGED = 1e-9
"""The part of the first loss above the least that may be left."""
_ROUNDING = 1 + 1e-12
"""By how much a rate must be above the limit to be called so: λmax is known up to rounding."""
_LONG = 100.0
"""λmax/λmin from which the surface is called a valley."""
_MOST_POINTS = 100_000
"""Points up to which all errors are looked at for a remark."""

Measure = Callable[[Array, Array, Array], Quadratic]
"""The loss surface over points x and y, measured around (a, b)."""


class Remarks:
    """Speaks about the line in a descent's parameters. `bowl` is the loss of all points as a function of (a, b)."""

    def __init__(self, points: Points, bowl: Quadratic, start: Array, batch_size: int, measure: Measure) -> None:
        self.points, self.bowl, self.batch_size = points, bowl, batch_size
        self.measure = measure
        self.excess_at_start = self._excess(start)

    def sentences(self, descent: MomentumDescent) -> Iterator[str]:
        """All that applies, the most urgent first."""
        values = descent.parameters.values
        too_fast = list(self.about_rate(descent.learning_rate, descent.momentum))
        yield from too_fast
        yield from self.about_shape()
        if self.converged(values):
            yield self.about_end(values)
        elif descent.steps > 0 and not too_fast:
            yield from self.about_step(descent.parameters.seen, values, descent.parameters.gradient)

    def about_rate(self, learning_rate: float, momentum: float) -> Iterator[str]:
        """Whether the learning rate is too large to converge."""
        limit = self.bowl.largest_stable_rate(momentum)
        formula = "2/λmax" if momentum == 0 else "2(1 + μ)/λmax"
        if learning_rate > limit * _ROUNDING:
            yield (
                f"The learning rate {learning_rate:.4g} is above {formula} = {limit:.4g}: "
                "each step overshoots by more than the last, and the fit will diverge."
            )
        elif self.batch_size < len(self.points.x):
            steepest = self.steepest_batch.largest_stable_rate(momentum)
            if learning_rate > steepest:
                yield (
                    f"The learning rate {learning_rate:.4g} is below {formula} = {limit:.4g} of all points, but above "
                    f"the {steepest:.4g} of the {_points(self.batch_size)} farthest out: a batch like that overshoots."
                )

    def converged(self, values: Array) -> bool:
        """Whether nothing that matters is left between the loss and its minimum."""
        return self._excess(values) <= _CONVERGED * self.excess_at_start

    def about_end(self, values: Array) -> str:
        """How near the minimum is."""
        norm = float(np.linalg.norm(self.bowl.gradient(values)))
        return (
            f"Converged: the gradient of all points has the norm {norm:.2g}, and the loss is within "
            f"{self._excess(values):.2g} of {self.bowl.least:.6g}, the least that any line has."
        )

    def about_shape(self) -> Iterator[str]:
        """Whether the surface has one minimum, and how stretched it is."""
        low, high = max(self.bowl.curvatures[0], 0.0), self.bowl.curvatures[-1]
        if not self.points.unique:
            x, y = float(self.points.inputs[0]), float(self.points.y[0])
            yield (
                "One point cannot settle two numbers: the surface is a valley, and every (a, b) with "
                f"{x:g}·a + b = {y:g} has the loss 0."
            )
        elif high > _LONG * low:
            yield (
                f"The surface is a long valley, λmax/λmin = {np.divide(high, low):.3g}: a rate stable across it "
                "is slow along it. Standardised x would make it round."
            )

    def about_step(self, before: Array, after: Array, slopes: Array) -> Iterator[str]:
        """Whom the latest step helped, and how its batch saw the surface."""
        count = len(self.points.x)
        if count == 1 or count > _MOST_POINTS or not np.isfinite(after).all():
            return
        change = self._errors(after) - self._errors(before)
        better, worse = int((change < 0).sum()), int((change > 0).sum())
        if self.batch_size < count:
            angle = _angle(slopes, self.bowl.gradient(before))
            start = f"The batch's gradient points {angle:.0f}° away from that of all {count} points; its step"
        else:
            start = "The latest step"
        if better + worse:
            yield f"{start} made the error of {_points(better)} smaller and that of {worse} larger."

    @cached_property
    def steepest_batch(self) -> Quadratic:
        """The loss surface of the points farthest out, as many as are in a batch."""
        rows = np.argsort(-np.abs(self.points.inputs), kind="stable")[: self.batch_size]
        return self.measure(self.points.inputs[rows], self.points.y[rows], self.points.best)

    def _excess(self, values: Array) -> float:
        return float(self.bowl.loss(values)) - self.bowl.least

    def _errors(self, values: Array) -> Array:
        error: Array = np.abs(values[0] * self.points.inputs + values[1] - self.points.y)
        return error


def _angle(left: Array, right: Array) -> float:
    """Degrees between two vectors (2,)."""
    turn = np.arctan2(left[1], left[0]) - np.arctan2(right[1], right[0])
    return float(np.degrees(np.abs(np.arctan2(np.sin(turn), np.cos(turn)))))


def _points(count: int) -> str:
    return "1 point" if count == 1 else f"{count} points"
