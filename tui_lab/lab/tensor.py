"""A tensor on a tape: a named array that operations read and write, with arithmetic that records them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

import numpy as np

from tui_lab.lab import operations
from tui_lab.lab.scenario import Array

if TYPE_CHECKING:
    from tui_lab.lab.tape import Tape

Operand = Union["Tensor", float]


@dataclass(eq=False, slots=True)
class Tensor:
    """A value of the computation. `value` is the buffer that kernels use; `shown` is what equations read, another
    buffer only for parameters, whose name stands in `parameter`; `gradient` is ∂L/∂value once the tape is
    differentiated, or None. `padded` is (n, k + 1), a value of shape (n, k) with a column of ones after it, where there
    is one: with it a layer's biases are one more row of its weights."""

    tape: "Tape"
    name: str
    value: Array
    shown: Array
    needs_gradient: bool = False
    gradient: Array | None = None
    padded: Array | None = None
    parameter: str = ""

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


def columns_and_ones(rows: int, columns: int) -> Array:
    """Zeros (rows, columns) with a column of ones after them. It lies in memory column by column: the numbers of one
    unit for all examples are together."""
    padded = np.zeros((columns + 1, rows))
    padded[-1] = 1.0
    return padded.T
