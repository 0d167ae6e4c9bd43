"""Activations: functions of one number, applied to every entry. Each knows its slope, mostly from its own output."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tui_lab.lab.equation import factor
from tui_lab.lab.operations import Kernel, Operation, bound, sum_of
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape

if TYPE_CHECKING:
    from tui_lab.lab.tensor import Tensor

_ZERO, _ONE = np.zeros(()), np.ones(())


class Activation(Operation):
    """y = f(x), entry by entry."""

    @property
    def x(self) -> Array:
        """The input's buffer."""
        return self.inputs[0].value

    @property
    def y(self) -> Array:
        """The output's buffer."""
        return self.output.value

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        return [*self.slopes(out), bound(np.multiply, out, flow, out)]

    @abstractmethod
    def slopes(self, out: Array) -> list[Kernel]:
        """Kernels that write f′(x) into `out`."""


class Tanh(Activation):
    """The hyperbolic tangent: between −1 and 1, with the slope 1 − y²."""

    def forward(self) -> list[Kernel]:
        return [bound(np.tanh, self.x, self.y)]

    def slopes(self, out: Array) -> list[Kernel]:
        return [bound(np.multiply, self.y, self.y, out), bound(np.subtract, _ONE, out, out)]

    def notation(self, *terms: str) -> str:
        return f"tanh({terms[0]})"

    def slope(self, which: int, *terms: str) -> str:
        return f"(1 − {factor(terms[1])}²)"


class Sigmoid(Activation):
    """σ(x) = 1/(1 + e⁻ˣ): between 0 and 1, with the slope y·(1 − y)."""

    def forward(self) -> list[Kernel]:
        return sigmoid_of(self.x, self.y)

    def slopes(self, out: Array) -> list[Kernel]:
        return [bound(np.subtract, _ONE, self.y, out), bound(np.multiply, out, self.y, out)]

    def notation(self, *terms: str) -> str:
        return f"σ({terms[0]})"

    def slope(self, which: int, *terms: str) -> str:
        return f"{factor(terms[1])}·(1 − {factor(terms[1])})"


class Relu(Activation):
    """The rectified linear unit max(0, x). Its slope is 1 above 0, and 0 below and at 0."""

    def forward(self) -> list[Kernel]:
        return [_rectify(self.x, self.y)]

    def slopes(self, out: Array) -> list[Kernel]:
        return [bound(np.sign, self.y, out)]

    def notation(self, *terms: str) -> str:
        return f"max(0, {terms[0]})"

    def slope(self, which: int, *terms: str) -> str:
        return f"[{terms[0]} > 0]"


class Identity(Activation):
    """x itself: what a linear unit does."""

    constant_slope = True

    def forward(self) -> list[Kernel]:
        return [partial(np.copyto, self.y, self.x)]

    def slopes(self, out: Array) -> list[Kernel]:
        return [partial(np.copyto, out, _ONE)]

    def notation(self, *terms: str) -> str:
        return terms[0]

    def slope(self, which: int, *terms: str) -> str:
        return "1"

    def passes_unchanged(self, which: int) -> bool:
        return True


class Threshold(Activation):
    """1 above 0, otherwise 0. Level everywhere else than at the jump, so no gradient comes through it."""

    constant_slope = True

    def forward(self) -> list[Kernel]:
        return [_rectify(self.x, self.y), bound(np.sign, self.y, self.y)]

    def slopes(self, out: Array) -> list[Kernel]:
        return [partial(np.copyto, out, _ZERO)]

    def notation(self, *terms: str) -> str:
        return f"[{terms[0]} > 0]"

    def slope(self, which: int, *terms: str) -> str:
        return "0"


class Exp(Activation):
    """eˣ, which is its own slope."""

    def forward(self) -> list[Kernel]:
        return [bound(np.exp, self.x, self.y)]

    def slopes(self, out: Array) -> list[Kernel]:
        return [partial(np.copyto, out, self.y)]

    def notation(self, *terms: str) -> str:
        return f"exp({terms[0]})"

    def slope(self, which: int, *terms: str) -> str:
        return terms[1]


class Sin(Activation):
    """The sine of x in radians, with the slope cos(x)."""

    def forward(self) -> list[Kernel]:
        return [bound(np.sin, self.x, self.y)]

    def slopes(self, out: Array) -> list[Kernel]:
        return [bound(np.cos, self.x, out)]

    def notation(self, *terms: str) -> str:
        return f"sin({terms[0]})"

    def slope(self, which: int, *terms: str) -> str:
        return f"cos({terms[0]})"


def tanh(x: "Tensor") -> "Tensor":
    """The hyperbolic tangent of every entry."""
    return x.tape.record(Tanh(x))


def sigmoid(x: "Tensor") -> "Tensor":
    """1/(1 + e⁻ˣ) of every entry."""
    return x.tape.record(Sigmoid(x))


def relu(x: "Tensor") -> "Tensor":
    """max(0, x) of every entry."""
    return x.tape.record(Relu(x))


def identity(x: "Tensor") -> "Tensor":
    """Every entry as it is, as an operation of its own."""
    return x.tape.record(Identity(x))


def threshold(x: "Tensor") -> "Tensor":
    """1 where an entry is above 0, otherwise 0."""
    return x.tape.record(Threshold(x))


def exp(x: "Tensor") -> "Tensor":
    """eˣ of every entry."""
    return x.tape.record(Exp(x))


def sin(x: "Tensor") -> "Tensor":
    """The sine of every entry."""
    return x.tape.record(Sin(x))


Function = Callable[["Tensor"], "Tensor"]

ACTIVATIONS: Mapping[str, Function] = {
    "tanh": tanh,
    "relu": relu,
    "sigmoid": sigmoid,
    "linear": identity,
    "threshold": threshold,
}
"""What a neuron may do with its weighted sum, by the name that settings use."""


def sigmoid_of(x: Array, out: Array) -> list[Kernel]:
    """Kernels that write 1/(1 + e⁻ˣ) into `out`."""
    return [
        bound(np.negative, x, out),
        bound(np.exp, out, out),
        bound(np.add, out, _ONE, out),
        bound(np.reciprocal, out, out),
    ]


class _Flat:
    """A pace that stops nowhere."""

    stop_at_operations = False


def response(function: Function, x: Array) -> tuple[Array, Array]:
    """f(x) and f′(x) for each entry of x, computed by the operation itself: what a plot of `function` shows."""
    tape = Tape(ParameterVector({"x": x}), _Flat())
    with tape.phase("forward"):
        y = function(tape.parameter("x"))
        total = sum_of(y)
    tape.differentiate(total)
    tape.run()
    return y.value.copy(), tape.parameters.gradient.copy()


def _rectify(x: Array, out: Array) -> Kernel:
    return partial(np.maximum, x, _ZERO, out=out)
