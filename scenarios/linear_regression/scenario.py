"""Linear regression: the line ŷ = a·x + b that is least wrong about n points, found by walking downhill.

"Wrong" is the mean of the squared errors, L = Σ(ŷ − y)²/n. Seen as a function of a and b, with the points fixed, L is
a surface: a bowl whose bottom is the best line. Its slopes ∂L/∂a and ∂L/∂b point uphill; each step goes the other way.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tui_lab.lab.batches import Batches
from tui_lab.lab.descent import MomentumDescent
from tui_lab.lab.errors import BadInput
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.operations import mean, square
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.quadratic import Quadratic, measure
from tui_lab.lab.scenario import Array, GradientCheck, Moment, Parameter, State
from tui_lab.lab.tape import Tape
from tui_lab.lab.tape_scenario import TapeScenario
from tui_lab.lab.views import View

from .pictures import Pictures
from .points import read_points
from .remarks import Remarks


class LinearRegression(TapeScenario):
    """Two parameters, a and b; everything else here is data or bookkeeping."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        # Data: n points, x and y of shape (n,). x is standardised if you wish: then a and b are equally easy to learn.
        self.points = read_points(settings)
        self.x, self.y = self.points.inputs, self.points.y
        self.batches = Batches(len(self.x), batch_size(settings, len(self.x)), settings["shuffle"], seed)
        self.steps_per_epoch = self.batches.per_epoch

        # Model: a slope and an intercept, each one number.
        self.weights = ParameterVector(initial_values(settings, seed, self.x, self.y))
        self.start = self.weights.values.copy()

        # Optimizer: gradient descent with momentum.
        self.descent = MomentumDescent(self.weights, settings["learning_rate"], settings["momentum"])

        # A tape for each size of batch, over buffers that each step fills with its points. All share a and b.
        self.buffers = {n: (np.zeros(n), np.zeros(n)) for n in self.batches.sizes}
        self.tapes = {n: self.model(self.weights, x, y) for n, (x, y) in self.buffers.items()}
        for tape in self.tapes.values():
            self.descent.record(tape)
        self.tape = self.draw_batch()

    def model(self, parameters: ParameterVector, x: Array, y: Array) -> Tape:
        """The line and its loss over the points of one batch, x and y (n,)."""
        tape = Tape(parameters, pace=self)
        inputs, labels = tape.input("x", x), tape.input("y", y)  # (n,) and (n,)
        a, b = tape.parameter("a"), tape.parameter("b")  # () and ()

        with tape.phase("forward"):
            product = tape.name("u", a * inputs)  # (n,): one slope for all points
            prediction = tape.name("ŷ", product + b)  # (n,): b lifts every prediction by the same

        with tape.phase("loss"):
            error = tape.name("e", prediction - labels)  # (n,): above the point is positive
            squares = tape.name("q", square(error))  # (n,): above and below are equally wrong, far is much worse
            loss = tape.name("L", mean(squares))  # (): one number for the whole batch

        # Backward: the same operations in reverse order, each multiplying by its slope.
        tape.differentiate(loss)
        return tape

    def step(self) -> Iterator[Moment]:
        """One batch: predict, measure, find the slopes, move a and b against them."""
        if self.steps_per_epoch > 1:
            self.tape = self.draw_batch()
        yield from self.tape.forward()  # ŷ = a·x + b
        yield from self.tape.loss()  # L = Σ(ŷ − y)²/n
        yield from self.tape.backward()  # ∂L/∂a = Σ x·∂L/∂u and ∂L/∂b = Σ ∂L/∂ŷ
        yield from self.tape.update()  # v ← μ·v + ∂L/∂w, then w ← w − η·v, for w = a and b
        self.metrics = self.measured()

    def measured(self) -> dict[str, float]:
        """What the tape has computed, in figures."""
        a, b = self.weights.values.tolist()
        slopes = self.weights.gradient.tolist()
        return {"loss": self.tape.objective.value.item(), "grad_norm": math.hypot(*slopes), "a": a, "b": b}

    def draw_batch(self) -> Tape:
        """The tape for this step's points, with the points in its buffers."""
        self.rows = self.batches.rows(self.descent.steps)
        x, y = self.buffers[len(self.rows)]
        np.take(self.x, self.rows, out=x, mode="clip")  # all rows are valid: "clip" only spares numpy a copy
        np.take(self.y, self.rows, out=y, mode="clip")
        return self.tapes[len(self.rows)]

    def change(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self.descent.learning_rate = value
        elif name == "momentum":
            self.descent.momentum = value
        else:
            super().change(name, value)

    def state(self) -> State:
        # The batch of a step follows from the seed and the number of the step, which the optimizer counts.
        return self.descent.state()

    def restore(self, state: State) -> None:
        self.descent.restore(state)
        self.tape = self.draw_batch()
        for tape in self.tapes.values():
            tape.reached = -1
        vars(self).pop("pictures", None)  # new ones need show no more than lies around here

    def parameters(self) -> list[Parameter]:
        return self.descent.described()

    def check_gradients(self) -> list[GradientCheck]:
        with np.errstate(all="ignore"):
            return check_gradients(self.model(self.weights.copy(), self.x[self.rows], self.y[self.rows]))

    def views(self) -> list[View]:
        values, slopes = self.weights.values, self.weights.gradient
        rates = (self.descent.learning_rate, self.descent.momentum)
        with np.errstate(all="ignore"):
            return self.pictures.views(values.copy(), slopes.copy(), rates)

    def notes(self) -> list[str]:
        with np.errstate(all="ignore"):
            return list(self.remarks.sentences(self.descent))

    @cached_property
    def bowl(self) -> Quadratic:
        """The loss of all points as a function of (a, b), which is exactly quadratic; and its closed-form minimum."""
        return self.curvature(self.x, self.y, self.points.best)

    def curvature(self, x: Array, y: Array, around: Array) -> Quadratic:
        """The loss surface over some points, measured on a tape of its own: training notices nothing."""
        with np.errstate(all="ignore"):
            return measure(self.model(self.weights.copy(), x, y), around, self.points.reach())

    @cached_property
    def pictures(self) -> Pictures:
        """What draws this fit."""
        return Pictures(self.points, self.bowl, self.start)

    @cached_property
    def remarks(self) -> Remarks:
        """What there is to say about this fit."""
        return Remarks(self.points, self.bowl, self.start, self.batches.size, self.curvature)


def batch_size(settings: Mapping[str, Any], points: int) -> int:
    """The number of points a step looks at. Raises BadInput for more than there are."""
    size: int = points if settings["batch_size"] == "all" else settings["batch_size"]
    if size > points:
        count = "is only 1 point" if points == 1 else f"are only {points} points"
        raise BadInput(f"batch_size is {size}, but there {count}: give {points} or fewer, or all.")
    return size


def initial_values(settings: Mapping[str, Any], seed: int, x: Array, y: Array) -> dict[str, float]:
    """Where the walk starts. Random values are as large as the data suggest: two seeds then start visibly apart."""
    height, width = float(np.std(y)) or 1.0, float(np.std(x)) or 1.0
    slope, intercept = np.random.default_rng(seed).normal(size=2).tolist()
    drawn = {"a": slope * height / width, "b": intercept * height}
    return {
        name: drawn[name] if settings[f"initial_{name}"] == "random" else settings[f"initial_{name}"] for name in drawn
    }
