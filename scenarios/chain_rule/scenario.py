"""The chain rule: functions inside functions, y = h(g(f(x))), and how each weight inside affects the loss around them.

Every layer of a network is a function of what the layer before it gives. Here the layers are single numbers, so that
everything can be checked in the head: u = f(w1·x), v = g(w2·u), y = h(w3·v), and the loss L = (y − t)². Going forward
we compute values and keep them; going backward we multiply slopes, from the outermost function in.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tui_lab.lab.activations import Function, exp, sigmoid, sin, tanh
from tui_lab.lab.descent import PlainDescent
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.operations import square
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import GradientCheck, Moment, Parameter, State
from tui_lab.lab.tape import Tape
from tui_lab.lab.tape_scenario import TapeScenario
from tui_lab.lab.tensor import Tensor
from tui_lab.lab.views import View

from .pictures import Pictures
from .remarks import Remarks

WEIGHTS = ("w1", "w2", "w3")
FUNCTIONS: dict[str, Function] = {"square": square, "sin": sin, "exp": exp, "tanh": tanh, "sigmoid": sigmoid}
"""Of one number each. A linear function is missing: multiplying by the weight is all that it does."""


class ChainRule(TapeScenario):
    """Three functions, each with one weight."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        # Data: one number in, and the number that should come out.
        self.x, self.target = np.array(settings["x"]), np.array(settings["target"])

        # Model: three functions and a weight, one number, for each.
        self.functions = [settings["f"], settings["g"], settings["h"]]
        self.weights = ParameterVector(initial_weights(settings, seed))
        self.start = self.weights.values.copy()

        # Optimizer: gradient descent.
        self.descent = PlainDescent(self.weights, settings["learning_rate"])
        self.tape = self.model(self.weights)
        self.descent.record(self.tape)

    def compute(self, parameters: ParameterVector) -> tuple[Tape, Tensor]:
        """The functions inside each other and the loss around them, recorded operation by operation."""
        tape = Tape(parameters, pace=self)
        x, target = tape.input("x", self.x), tape.input("t", self.target)
        w1, w2, w3 = (tape.parameter(name) for name in WEIGHTS)
        f, g, h = self.functions

        with tape.phase("forward"):
            u = layer(f, w1, x, ("a", "u"))  # u = f(a) of a = w1·x
            v = layer(g, w2, u, ("b", "v"))  # v = g(b) of b = w2·u
            y = layer(h, w3, v, ("c", "y"))  # y = h(c) of c = w3·v

        with tape.phase("loss"):
            error = tape.name("e", y - target)  # above the target is positive
            loss = tape.name("L", square(error))  # above and below are equally wrong, far is much worse
        return tape, loss

    def model(self, parameters: ParameterVector) -> Tape:
        """Forward and loss, then backward: the same operations in reverse order, each multiplying by its slope."""
        tape, loss = self.compute(parameters)
        tape.differentiate(loss)
        return tape

    def step(self) -> Iterator[Moment]:
        """Values from the inside out, slopes from the outside in, then every weight goes against its gradient."""
        yield from self.tape.forward()  # y = h(g(f(x)))
        yield from self.tape.loss()  # L = (y − t)²
        yield from self.tape.backward()  # ∂L/∂w1 = ∂L/∂y · ∂y/∂v · ∂v/∂u · ∂u/∂w1, and what it meets on its way
        yield from self.tape.update()  # w ← w − η·∂L/∂w
        self.metrics = self.measured()

    def measured(self) -> dict[str, float]:
        """What the tape has computed, in figures."""
        norm = math.hypot(*self.weights.gradient.tolist())
        weights = dict(zip(WEIGHTS, self.weights.values.tolist(), strict=True))
        return {"loss": self.tape.objective.value.item(), "grad_norm": norm, **weights}

    def change(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self.descent.learning_rate = value
        else:
            super().change(name, value)

    def state(self) -> State:
        return self.descent.state()

    def restore(self, state: State) -> None:
        self.descent.restore(state)
        self.tape.reached = -1
        vars(self).pop("pictures", None)  # new ones need show no more than lies around here

    def parameters(self) -> list[Parameter]:
        return self.descent.described()

    def check_gradients(self) -> list[GradientCheck]:
        with np.errstate(all="ignore"):
            return check_gradients(self.model(self.weights.copy()))

    def views(self) -> list[View]:
        with np.errstate(all="ignore"):
            return self.pictures.views(self.tape, self.weights.values, self.check_gradients())

    def notes(self) -> list[str]:
        with np.errstate(all="ignore"):
            here = self.model(self.weights.copy())
            here.run()
            return list(self.remarks.sentences(here, self.metrics if self.descent.steps else {}))

    @cached_property
    def pictures(self) -> Pictures:
        """What draws this chain."""
        return Pictures(self.functions, self.compute, self.start)

    @cached_property
    def remarks(self) -> Remarks:
        """What there is to say about this chain."""
        return Remarks(self.functions[-1], float(self.target))


def layer(function: str, weight: Tensor, before: Tensor, names: tuple[str, str]) -> Tensor:
    """One function of weight times what comes before it. `names` are those of the product and of the result."""
    tape, (product_name, name) = weight.tape, names
    product = weight * before
    if function == "linear":
        return tape.name(name, product)
    return tape.name(name, FUNCTIONS[function](tape.name(product_name, product)))


def initial_weights(settings: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Where the walk starts: what the settings say, or drawn from the normal distribution."""
    drawn = np.random.default_rng(seed).normal(size=len(WEIGHTS)).tolist()
    given = [settings[f"initial_{name}"] for name in WEIGHTS]
    return {name: d if g == "random" else g for name, d, g in zip(WEIGHTS, drawn, given, strict=True)}
