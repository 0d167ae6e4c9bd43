"""A tensor on a tape: a named array that operations read and write, with arithmetic that records them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from tui_lab.lab import operations
from tui_lab.lab.scenario import Array

if TYPE_CHECKING:
    from tui_lab.lab.tape import Tape

Operand = Union["Tensor", float]


@dataclass(eq=False, slots=True)
class Tensor:
    """A value of the computation. `value` is the buffer that kernels use; `shown` is what equations read,
    another buffer only for parameters; `gradient` is ∂L/∂value once the tape is differentiated, or None."""

    tape: "Tape"
    name: str
    value: Array
    shown: Array
    needs_gradient: bool = False
    gradient: Array | None = None

    def __add__(self, other: Operand) -> "Tensor":
        return self.tape.record(operations.Add(self, self._tensor(other)))

    def __sub__(self, other: Operand) -> "Tensor":
        return self.tape.record(operations.Subtract(self, self._tensor(other)))

    def __mul__(self, other: Operand) -> "Tensor":
        return self.tape.record(operations.Multiply(self, self._tensor(other)))

    def __radd__(self, other: float) -> "Tensor":
        return self._tensor(other) + self

    def __rsub__(self, other: float) -> "Tensor":
        return self._tensor(other) - self

    def __rmul__(self, other: float) -> "Tensor":
        return self._tensor(other) * self

    def _tensor(self, operand: Operand) -> "Tensor":
        if isinstance(operand, Tensor):
            return operand
        return self.tape.constant(operand)
