"""The tape: a computation recorded once, operation by operation, then run forward and backward many times."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain
from typing import Protocol

import numpy as np

from tui_lab.lab.chain_rule import Gradient, differentiate
from tui_lab.lab.equation import at_length, number
from tui_lab.lab.errors import BadInput
from tui_lab.lab.operations import Kernel, Operation
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, Moment, OperationLine
from tui_lab.lab.tensor import Tensor, columns_and_ones


class Instruction(Protocol):
    """What a phase consists of: kernels to run, and the equation that they compute. `parameter` and `source` are those
    of OperationLine."""

    kernels: list[Kernel]
    parameter: str
    source: str

    @property
    def symbols(self) -> str:
        """The equation in names."""
        ...

    @property
    def result(self) -> Array:
        """What it computes."""
        ...

    def numbers(self, index: tuple[int, ...]) -> str:
        """The equation of entry `index` with its numbers."""
        ...


class Pace(Protocol):
    """Who says how finely to stop: a Scenario does. It may change its mind between any two moments."""

    stop_at_operations: bool


class Tape:
    """A static computation over `parameters` and inputs, in phases.

    Operations are recorded inside `with tape.phase("forward"):` by plain arithmetic on tensors. `differentiate` adds
    the backward phase, an optimizer the update. Each phase then runs as a generator: `yield from tape.forward()`.
    """

    def __init__(self, parameters: ParameterVector, pace: Pace) -> None:
        self.parameters = parameters
        self.pace = pace
        self.objective: Tensor
        """The loss by which the tape is differentiated."""
        self.reached = -1
        """The index of the operation of the present step that was done last; -1 when there is none to show."""
        self._phases: dict[str, Phase] = {}
        self._operations: list[Operation] = []
        self._gradients: list[Gradient] = []
        self._recording: list[Operation] | None = None
        self._tensors: dict[str, Tensor] = {}

    def input(self, name: str, values: Array, padded: Array | None = None) -> Tensor:
        """Numbers from outside. Every run reads what the array `values` holds then. `padded` is explained in Tensor."""
        return self._tensor(Tensor(self, name, values, values, padded=padded))

    def constant(self, value: float) -> Tensor:
        """A number that stands in a formula, such as the 2 of `2 * x`; it is called what it is."""
        name = number(value)
        return self._tensors[name] if name in self._tensors else self.input(name, np.array(value, dtype=np.float64))

    def parameter(self, name: str) -> Tensor:
        """The parameter of that name, as a tensor to compute with."""
        if name in self._tensors:
            return self._tensors[name]
        part = self.parameters.part
        value, seen, gradient = (
            part(name, vector) for vector in (self.parameters.values, self.parameters.seen, self.parameters.gradient)
        )
        tensor = Tensor(self, name, value, seen, needs_gradient=True, gradient=gradient, parameter=name)
        return self._tensor(tensor)

    def name(self, name: str, tensor: Tensor) -> Tensor:
        """Call the result of an operation `name`. Raises ValueError if something else is called so."""
        del self._tensors[tensor.name]
        tensor.name = name
        return self._tensor(tensor)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Operations recorded inside belong to the phase `name`; phases run in the order in which they are recorded."""
        self._recording = []
        try:
            yield
        finally:
            recorded, self._recording = self._recording, None
        self._operations += recorded
        self.add_phase(name, recorded)

    def record(self, operation: Operation) -> Tensor:
        """Put an operation on the tape and return its output. Raises ValueError outside a phase."""
        if self._recording is None:
            raise ValueError(f"{operation.symbols} must stand inside `with tape.phase(...)`")
        self._recording.append(operation)
        return operation.output

    def result(self, shape: tuple[int, ...], needs_gradient: bool) -> Tensor:
        """The tensor that an operation computes, called t1, t2, … until it gets a name."""
        padded = columns_and_ones(*shape) if len(shape) == 2 else None
        value = np.zeros(shape) if padded is None else padded[:, :-1]
        return self._tensor(Tensor(self, f"t{len(self._tensors) + 1}", value, value, needs_gradient, padded=padded))

    def differentiate(self, loss: Tensor) -> None:
        """Record the backward phase: the gradient of `loss` by every parameter, with all that lies between."""
        self.objective = loss
        self._gradients, fused = differentiate(loss, self._operations)
        self.add_phase("backward", self._gradients, fused)

    def add_phase(self, name: str, instructions: Sequence[Instruction], fused: Sequence[Kernel] = ()) -> None:
        """Append a phase. `fused` are kernels that do at once, bit for bit, what all its instructions do."""
        if name in self._phases or not instructions:
            raise ValueError(f"the phase '{name}' is {'recorded twice' if name in self._phases else 'empty'}")
        before = [] if self._phases else [partial(np.copyto, self.parameters.seen, self.parameters.values)]
        first = sum(len(phase.instructions) for phase in self._phases.values())
        self._phases[name] = Phase(self, name, first, instructions, before, fused)

    def forward(self) -> Iterator[Moment]:
        """From the inputs to the prediction."""
        return self._phases["forward"].walk()

    def loss(self) -> Iterator[Moment]:
        """From the prediction to one number that says how wrong it is."""
        return self._phases["loss"].walk()

    def backward(self) -> Iterator[Moment]:
        """From that number back to the gradient of every parameter."""
        return self._phases["backward"].walk()

    def update(self) -> Iterator[Moment]:
        """From the gradient to the next values of the parameters."""
        return self._phases["update"].walk()

    def run(self) -> None:
        """The loss and its gradient where the parameters stand: all phases without stopping, but no update."""
        for name, phase in self._phases.items():
            if name != "update":
                phase.run()
                self.reached = phase.first + len(phase.instructions) - 1

    def operations(self) -> list[tuple[Operation, bool]]:
        """What the phases before backward consist of, each with whether the present step has come to it."""
        return [(operation, i <= self.reached) for i, operation in enumerate(self._operations)]

    def gradients(self) -> list[tuple[Gradient, bool]]:
        """What the backward phase consists of, likewise."""
        first = len(self._operations)
        return [(gradient, i <= self.reached) for i, gradient in enumerate(self._gradients, first)]

    def lines(self) -> list[OperationLine]:
        """Every operation of a step in order. Numbers that the present step has not computed yet are left out."""
        return list(chain.from_iterable(phase.lines() for phase in self._phases.values()))

    def entry(self, operation: int, index: tuple[int, ...]) -> OperationLine:
        """Entry `index` of what operation number `operation` computes, with up to 64 terms of its sums written out.
        Raises BadInput if there is no such entry."""
        phase = next(phase for phase in reversed(self._phases.values()) if phase.first <= operation)
        with at_length():
            return phase.line(operation - phase.first, index)

    def _tensor(self, tensor: Tensor) -> Tensor:
        if tensor.name in self._tensors:
            raise ValueError(f"two tensors are called {tensor.name}")
        self._tensors[tensor.name] = tensor
        return tensor


class Phase:
    """One of the parts of a step, with the moments at which a person may stop in it."""

    def __init__(
        self,
        tape: Tape,
        name: str,
        first: int,
        instructions: Sequence[Instruction],
        before: Sequence[Kernel],
        fused: Sequence[Kernel],
    ) -> None:
        self.instructions = instructions
        self.first = first
        self._tape, self._name = tape, name
        self._each = [list(instruction.kernels) for instruction in instructions]
        self._each[0][:0] = before
        self._all = [*before, *fused] if fused else list(chain.from_iterable(self._each))
        count = len(instructions)
        self._moments = [Moment(name, first + i, last=i == count - 1) for i in range(count)]

    def run(self) -> None:
        """Run all kernels."""
        for kernel in self._all:
            kernel()

    def walk(self) -> Iterator[Moment]:
        """Run, and yield where a person may stop: after each operation if the pace is that fine, and at the end."""
        done = 0
        while self._tape.pace.stop_at_operations and done < len(self._each) - 1:
            yield self._do(self._each[done], done)
            done += 1
        yield self._do(chain(*self._each[done:]) if done else self._all, -1)

    def lines(self) -> Iterator[OperationLine]:
        """The equations, with the numbers of their first entries as far as they are computed."""
        computed = self._tape.reached - self.first
        for place, (instruction, still) in enumerate(zip(self.instructions, self._still, strict=True)):
            numbers = instruction.numbers((0,) * len(still.shape)) if place <= computed else ""
            yield OperationLine(still.phase, still.symbols, numbers, still.shape, still.parameter, still.source)

    def line(self, place: int, index: tuple[int, ...]) -> OperationLine:
        """The equation of the instruction at `place` for entry `index`. Raises BadInput if there is no such entry."""
        still = self._still[place]
        if len(index) != len(still.shape) or not all(0 <= i < size for i, size in zip(index, still.shape, strict=True)):
            raise BadInput(f"'{still.symbols}' has no entry {list(index)}: {_entries(still.shape)}.")
        computed = place <= self._tape.reached - self.first
        return replace(still, numbers=self.instructions[place].numbers(index) if computed else "")

    @cached_property
    def _still(self) -> list[OperationLine]:
        """What does not change from step to step. Put together when it is first asked for: then tensors have their
        names."""
        return [
            OperationLine(self._name, each.symbols, "", each.result.shape, each.parameter, each.source)
            for each in self.instructions
        ]

    def _do(self, kernels: Iterable[Kernel], place: int) -> Moment:
        for kernel in kernels:
            kernel()
        moment = self._moments[place]
        self._tape.reached = moment.operation
        return moment


def _entries(shape: tuple[int, ...]) -> str:
    """Which entries there are, in words."""
    if 0 in shape:
        return "it has none"
    last = ",".join(str(size - 1) for size in shape)
    return f"they go from [{','.join('0' * len(shape))}] to [{last}]" if shape else "it is one number, entry []"
