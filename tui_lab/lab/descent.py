"""Gradient descent, plain and with momentum: v ← μ·v + ∂L/∂w, then w ← w − η·v, for all parameters at once.

B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational Mathematics and
Mathematical Physics 4(5), 1964; in this form, without dampening, in torch.optim.SGD. With μ = 0 it is plain descent.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tui_lab.lab.equation import factor, product
from tui_lab.lab.operations import Kernel, bound
from tui_lab.lab.optimizer import Optimizer, Part, Rule
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, State


class PlainDescent(Optimizer):
    """Gradient descent as A. Cauchy described it in 1847: w ← w − η·∂L/∂w."""

    def rules(self) -> Sequence[Rule]:
        return [Descend(self, self.parameters.gradient)]


class MomentumDescent(Optimizer):
    """The velocity v is a sum of gradients in which each step back counts μ times less. μ, too, may be changed between
    two steps."""

    memory_names = ("velocity",)

    def __init__(self, parameters: ParameterVector, learning_rate: float, momentum: float) -> None:
        super().__init__(parameters, learning_rate)
        self.momentum = momentum
        self.decay: Array = np.zeros(())

    def rules(self) -> Sequence[Rule]:
        velocity = Velocity(self)
        return [velocity, Descend(self, velocity.result(), velocity.target)]

    def begin(self) -> None:
        super().begin()
        self.decay[()] = self.momentum

    def state(self) -> State:
        return {**super().state(), "momentum": np.array(self.momentum)}

    def restore(self, state: State) -> None:
        super().restore(state)
        self.momentum = float(state["momentum"])


class Velocity(Rule):
    """v ← μ·v + ∂L/∂w"""

    def __init__(self, descent: MomentumDescent) -> None:
        self._decay, self._gradient = descent.decay, descent.parameters.gradient
        self._velocity, self._before = descent.memory["velocity"], descent.memory_before["velocity"]

    def target(self, name: str) -> str:
        return f"v_{name}"

    def terms(self, name: str, slope: str) -> list[str]:
        return ["μ", self.target(name), slope]

    def figures(self) -> list[Array]:
        return [self._decay, self._before, self._gradient]

    def notation(self, *terms: str) -> str:
        return f"{product(terms[0], terms[1])} + {factor(terms[2])}"

    def result(self) -> Array:
        return self._velocity

    def kernels(self, part: Part) -> list[Kernel]:
        velocity = part(self._velocity)
        return [
            bound(np.multiply, velocity, self._decay, velocity),
            bound(np.add, velocity, part(self._gradient), velocity),
        ]


class Descend(Rule):
    """w ← w − η·d, for a direction d (P,): the gradient, or what `called` makes of a parameter's name."""

    def __init__(self, optimizer: Optimizer, direction: Array, called: Callable[[str], str] | None = None) -> None:
        self._parameters, self._update = optimizer.parameters, optimizer.update
        self._minus_rate = optimizer.minus_rate
        self._direction, self._called = direction, called

    def target(self, name: str) -> str:
        return name

    def terms(self, name: str, slope: str) -> list[str]:
        return [name, "η", self._called(name) if self._called else slope]

    def figures(self) -> list[Array]:
        return [self._parameters.seen, np.abs(self._minus_rate), self._direction]

    def notation(self, *terms: str) -> str:
        return f"{terms[0]} − {product(terms[1], terms[2])}"

    def result(self) -> Array:
        return self._parameters.seen + self._minus_rate * self._direction

    def kernels(self, part: Part) -> list[Kernel]:
        values, update = part(self._parameters.values), part(self._update)
        return [
            bound(np.multiply, part(self._direction), self._minus_rate, update),
            bound(np.add, values, update, values),
        ]
