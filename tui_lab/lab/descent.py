"""Gradient descent with momentum: v ← μ·v + ∂L/∂w, then w ← w − η·v, for all parameters at once.

B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational Mathematics and
Mathematical Physics 4(5), 1964; in this form, without dampening, in torch.optim.SGD. With μ = 0 it is plain descent.
"""

from collections.abc import Sequence

import numpy as np

from tui_lab.lab.equation import derivative, entry, entry_name, factor, number, product
from tui_lab.lab.operations import Kernel, bound
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, Parameter, State
from tui_lab.lab.tape import Tape


class MomentumDescent:
    """The optimizer of `parameters`. Vectors are (P,), in the order of `parameters.values`.

    `steps` counts the updates done. `update` is what the latest one added to the values. Learning rate and momentum may
    be changed between two steps.
    """

    def __init__(self, parameters: ParameterVector, learning_rate: float, momentum: float) -> None:
        self.parameters = parameters
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.steps = 0
        self.velocity: Array = np.zeros_like(parameters.values)
        self.velocity_before: Array = np.zeros_like(parameters.values)
        self.update: Array = np.zeros_like(parameters.values)
        self.minus_rate: Array = np.zeros(())
        self.decay: Array = np.zeros(())
        self._begun = 0

    def record(self, tape: Tape) -> None:
        """Add the update phase to a tape: two operations for each parameter."""
        names = list(self.parameters.shapes)
        slopes = [derivative(tape.objective.name, name) for name in names]
        velocity = [VelocityStep(self, name, slope) for name, slope in zip(names, slopes, strict=True)]
        values = [ValueStep(self, name, self.velocity, f"v_{name}") for name in names]
        self._add_phase(tape, [*velocity, *values], self._whole())

    def described(self) -> list[Parameter]:
        """Every parameter with its gradient and its latest update."""
        part, vectors = self.parameters.part, (self.parameters.values, self.parameters.gradient, self.update)
        return [Parameter(name, *(part(name, vector) for vector in vectors)) for name in self.parameters.shapes]

    def state(self) -> State:
        """Copies of everything that the next step depends on and that the tables show. In the middle of an update it is
        the state before it."""
        halfway = self._begun != self.steps
        return {
            "values": (self.parameters.seen if halfway else self.parameters.values).copy(),
            "velocity": (self.velocity_before if halfway else self.velocity).copy(),
            "gradient": self.parameters.gradient.copy(),
            "update": self.update.copy(),
            "rates": np.array([self.learning_rate, self.momentum]),
            "steps": np.array(self.steps),
        }

    def restore(self, state: State) -> None:
        """Continue from a `state`."""
        self.parameters.values[:] = self.parameters.seen[:] = state["values"]
        self.velocity[:] = state["velocity"]
        self.parameters.gradient[:] = state["gradient"]
        self.update[:] = state["update"]
        self.learning_rate, self.momentum = state["rates"].tolist()
        self.steps = self._begun = int(state["steps"])

    def kernels_of_velocity(self, velocity: Array, gradient: Array) -> list[Kernel]:
        """v ← μ·v + g"""
        return [bound(np.multiply, velocity, self.decay, velocity), bound(np.add, velocity, gradient, velocity)]

    def kernels_of_values(self, values: Array, velocity: Array, update: Array) -> list[Kernel]:
        """w ← w − η·v, keeping −η·v"""
        return [bound(np.multiply, velocity, self.minus_rate, update), bound(np.add, values, update, values)]

    def _add_phase(
        self, tape: Tape, instructions: Sequence["VelocityStep | ValueStep"], whole: Sequence[Kernel]
    ) -> None:
        instructions[0].kernels.insert(0, self._begin)
        instructions[-1].kernels.append(self._finish)
        tape.add_phase("update", instructions, fused=[self._begin, *whole, self._finish])

    def _whole(self) -> Sequence[Kernel]:
        values, gradient = self.parameters.values, self.parameters.gradient
        return [
            *self.kernels_of_velocity(self.velocity, gradient),
            *self.kernels_of_values(values, self.velocity, self.update),
        ]

    def _begin(self) -> None:
        np.copyto(self.velocity_before, self.velocity)
        self.minus_rate[()] = -self.learning_rate
        self.decay[()] = self.momentum
        self._begun = self.steps + 1

    def _finish(self) -> None:
        self.steps += 1


class PlainDescent(MomentumDescent):
    """Gradient descent as A. Cauchy described it in 1847: w ← w − η·∂L/∂w, one operation for each parameter."""

    def __init__(self, parameters: ParameterVector, learning_rate: float) -> None:
        super().__init__(parameters, learning_rate, momentum=0.0)

    def record(self, tape: Tape) -> None:
        """Add the update phase to a tape."""
        gradient = self.parameters.gradient
        steps = [
            ValueStep(self, name, gradient, derivative(tape.objective.name, name)) for name in self.parameters.shapes
        ]
        self._add_phase(tape, steps, self.kernels_of_values(self.parameters.values, gradient, self.update))


class VelocityStep:
    """The instruction `v_a ← μ·v_a + ∂L/∂a`."""

    def __init__(self, descent: MomentumDescent, name: str, slope: str) -> None:
        part = descent.parameters.part
        self._descent, self._name, self._slope = descent, name, slope
        self._velocity = part(name, descent.velocity)
        self._before = part(name, descent.velocity_before)
        self._gradient = part(name, descent.parameters.gradient)
        self.kernels = descent.kernels_of_velocity(self._velocity, self._gradient)

    @property
    def symbols(self) -> str:
        """The equation in names."""
        velocity = f"v_{self._name}"
        return f"{velocity} ← {self._equation('μ', velocity, self._slope)}"

    def numbers(self) -> str:
        """The equation of the first entry with its numbers."""
        index = (0,) * self._velocity.ndim
        decay = number(float(self._descent.decay))
        terms = self._equation(decay, entry(self._before, index), entry(self._gradient, index))
        return f"{entry_name(f'v_{self._name}', index)} ← {terms} = {entry(self._velocity, index)}"

    @staticmethod
    def _equation(decay: str, velocity: str, gradient: str) -> str:
        return f"{product(decay, velocity)} + {factor(gradient)}"


class ValueStep:
    """The instruction `a ← a − η·v_a`, or another direction (P,) than the velocity under its name."""

    def __init__(self, descent: MomentumDescent, name: str, direction: Array, direction_name: str) -> None:
        part = descent.parameters.part
        self._descent, self._name, self._direction_name = descent, name, direction_name
        self._seen = part(name, descent.parameters.seen)
        self._direction, self._update = part(name, direction), part(name, descent.update)
        values = part(name, descent.parameters.values)
        self.kernels = descent.kernels_of_values(values, self._direction, self._update)

    @property
    def symbols(self) -> str:
        """The equation in names."""
        return f"{self._name} ← {self._equation(self._name, 'η', self._direction_name)}"

    def numbers(self) -> str:
        """The equation of the first entry with its numbers, also after the value has been edited by hand."""
        index = (0,) * self._seen.ndim
        rate = number(-float(self._descent.minus_rate))
        terms = self._equation(entry(self._seen, index), rate, entry(self._direction, index))
        result = number(float(self._seen[index] + self._update[index]))
        return f"{entry_name(self._name, index)} ← {terms} = {result}"

    @staticmethod
    def _equation(value: str, rate: str, direction: str) -> str:
        return f"{value} − {product(rate, direction)}"
