"""What all optimizers have in common: the update phase of a step, made of rules that hold for every entry."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from tui_lab.lab.equation import derivative, entry, entry_name
from tui_lab.lab.operations import Kernel
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, ArrayParameter, Parameter, State
from tui_lab.lab.source import source_line
from tui_lab.lab.tape import Tape

Part = Callable[[Array], Array]
"""Cuts what belongs to one parameter out of a vector (P,)."""


class Rule(ABC):
    """One line of an update, `target ← notation(terms)`, for every entry of every parameter."""

    @abstractmethod
    def target(self, name: str) -> str:
        """What the left side is called for the parameter `name`."""

    @abstractmethod
    def terms(self, name: str, slope: str) -> list[str]:
        """What stands on the right side, in names; `slope` is ∂L/∂name."""

    @abstractmethod
    def figures(self) -> list[Array]:
        """The same as numbers: vectors (P,) and scalars ()."""

    @abstractmethod
    def notation(self, *terms: str) -> str:
        """The right side."""

    @abstractmethod
    def result(self) -> Array:
        """What the rule computed, (P,)."""

    @abstractmethod
    def kernels(self, part: Part) -> list[Kernel]:
        """Kernels that do it to the parts of the vectors that `part` cuts out."""

    def concerns(self, shape: tuple[int, ...]) -> bool:
        """Whether it holds for parameters of this shape."""
        return True


class Assignment:
    """The instruction that applies a rule to one parameter. `source` is where the scenario records the optimizer."""

    def __init__(self, rule: Rule, parameters: ParameterVector, name: str, slope: str, source: str) -> None:
        self._rule, self.parameter, self._slope, self.source = rule, name, slope, source
        self._part: Part = lambda vector: parameters.part(name, vector) if vector.ndim else vector
        self.kernels = rule.kernels(self._part)

    @property
    def symbols(self) -> str:
        """The equation in names."""
        right = self._rule.notation(*self._rule.terms(self.parameter, self._slope))
        return f"{self._rule.target(self.parameter)} ← {right}"

    @property
    def result(self) -> Array:
        """What it computes, also after the value has been edited by hand."""
        return self._part(self._rule.result())

    def numbers(self, index: tuple[int, ...]) -> str:
        """The equation of entry `index` with its numbers."""
        figures = (entry(self._part(vector), index) for vector in self._rule.figures())
        left = entry_name(self._rule.target(self.parameter), index)
        return f"{left} ← {self._rule.notation(*figures)} = {entry(self.result, index)}"


class Optimizer(ABC):
    """Moves `parameters` against their gradient. Vectors are (P,), in the order of `parameters.values`.

    `steps` counts the updates done. `update` is what the latest one added to the values. `memory` holds, by name, the
    vectors that an optimizer carries from step to step, and `memory_before` what they were when the update began.
    The learning rate may be changed between two steps.
    """

    memory_names: tuple[str, ...] = ()

    def __init__(self, parameters: ParameterVector, learning_rate: float) -> None:
        self.parameters = parameters
        self.learning_rate = learning_rate
        self.steps = 0
        self.update: Array = np.zeros_like(parameters.values)
        self.memory: dict[str, Array] = {}
        self.memory_before: dict[str, Array] = {}
        self.minus_rate: Array = np.zeros(())
        self.also: list[Rule] = []
        """Rules after the optimizer's own."""
        self._begun = 0
        for name in self.memory_names:
            self.carry(name)

    @abstractmethod
    def rules(self) -> Sequence[Rule]:
        """What an update does, line by line."""

    def carry(self, name: str) -> tuple[Array, Array]:
        """A new vector of the memory, and what it was when the update began."""
        self.memory[name], self.memory_before[name] = (np.zeros_like(self.parameters.values) for _ in range(2))
        return self.memory[name], self.memory_before[name]

    def record(self, tape: Tape) -> None:
        """Add the update phase to a tape: each rule for each parameter that it concerns."""
        rules, source = [*self.rules(), *self.also], source_line()
        instructions = [
            Assignment(rule, self.parameters, name, derivative(tape.objective.name, name), source)
            for rule in rules
            for name, shape in self.parameters.shapes.items()
            if rule.concerns(shape)
        ]
        instructions[0].kernels.insert(0, self.begin)
        instructions[-1].kernels.append(self.finish)
        tape.add_phase("update", instructions, fused=[self.begin, *self._whole(rules), self.finish])

    def begin(self) -> None:
        """Before the first rule of an update."""
        for name, vector in self.memory.items():
            np.copyto(self.memory_before[name], vector)
        self.minus_rate[()] = -self.learning_rate
        self._begun = self.steps + 1

    def finish(self) -> None:
        """After the last rule of an update."""
        self.steps += 1

    def _whole(self, rules: Sequence[Rule]) -> Iterator[Kernel]:
        """The kernels of rules for all parameters at once, where they concern all."""
        part, shapes = self.parameters.part, self.parameters.shapes
        for rule in rules:
            if all(map(rule.concerns, shapes.values())):
                yield from rule.kernels(lambda vector: vector)
            else:
                for name in (name for name, shape in shapes.items() if rule.concerns(shape)):
                    yield from rule.kernels(partial(part, name))

    def described(self) -> list[Parameter]:
        """Every parameter with its gradient and its latest update."""
        part, vectors = self.parameters.part, (self.parameters.values, self.parameters.gradient, self.update)
        return [ArrayParameter(name, *(part(name, vector) for vector in vectors)) for name in self.parameters.shapes]

    def state(self) -> State:
        """Copies of everything that the next step depends on and that the tables show. In the middle of an update it is
        the state before it."""
        halfway = self._begun != self.steps
        memory = self.memory_before if halfway else self.memory
        return {
            "values": (self.parameters.seen if halfway else self.parameters.values).copy(),
            "gradient": self.parameters.gradient.copy(),
            "update": self.update.copy(),
            "learning_rate": np.array(self.learning_rate),
            "steps": np.array(self.steps),
            **{name: vector.copy() for name, vector in memory.items()},
        }

    def restore(self, state: State) -> None:
        """Continue from a `state`."""
        self.parameters.values[:] = self.parameters.seen[:] = state["values"]
        self.parameters.gradient[:] = state["gradient"]
        self.update[:] = state["update"]
        for name, vector in self.memory.items():
            vector[:] = state[name]
        self.learning_rate = float(state["learning_rate"])
        self.steps = self._begun = int(state["steps"])
