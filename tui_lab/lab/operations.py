"""The operations of a tape. Each holds its mathematics and its notation side by side.

An operation compiles to kernels: numpy functions bound to the buffers that they read and write. Running it is calling
them. A smaller operand is repeated along the leading axes of the larger: scalars and rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_lab.lab.equation import entry, entry_name, factor, product, total
from tui_lab.lab.scenario import Array
from tui_lab.lab.source import source_line

if TYPE_CHECKING:
    from tui_lab.lab.tensor import Tensor

Kernel = Callable[[], object]


class Operation(ABC):
    """One node of the computation: `output` from `inputs`. As an instruction of a tape it has `kernels`, `symbols`,
    `numbers`, `result`, `parameter` and `source`.

    Notation speaks of terms: the inputs, then the output, as names or as the numbers of one entry.
    """

    constant_slope = False
    """Whether the local derivative depends on no number that changes."""
    parameter = ""
    """An operation computes no parameter's gradient or update."""

    def __init__(self, *inputs: "Tensor") -> None:
        self.inputs = inputs
        self.source = source_line()
        self.output = inputs[0].tape.result(self.shape(), any(tensor.needs_gradient for tensor in inputs))
        self.kernels = self.forward()

    @abstractmethod
    def forward(self) -> list[Kernel]:
        """Kernels that compute the output."""

    @abstractmethod
    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        """Kernels that write into `out` what input number `which` gets of `flow`, the gradient at the output: local
        derivative × flow, summed over the axes along which the input was repeated."""

    @abstractmethod
    def notation(self, *terms: str) -> str:
        """The right-hand side of the equation."""

    @abstractmethod
    def slope(self, which: int, *terms: str) -> str:
        """The local derivative ∂output/∂input number `which`; a sum stands in parentheses."""

    def local_slope(self, which: int) -> Array:
        """The local derivative ∂output/∂input number `which` as numbers: what a gradient of 1 at every entry of the
        output becomes on its way back. Like equations it speaks of the values that the step's forward pass saw."""
        out = np.zeros(self.inputs[which].value.shape)
        live = [tensor.value.copy() for tensor in self.inputs]
        for tensor in self.inputs:
            np.copyto(tensor.value, tensor.shown)
        for kernel in self.backward(which, np.ones(self.output.value.shape), out):
            kernel()
        for tensor, value in zip(self.inputs, live, strict=True):
            np.copyto(tensor.value, value)
        return out

    def backward_at_once(self, flow: Array, outs: Mapping[int, Array]) -> list[Kernel] | None:
        """Kernels that fill all gradients at once, bit for bit as `backward` does one after the other; None
        where there is no shorter way."""
        return None

    def passes_unchanged(self, which: int) -> bool:
        """Whether the local derivative is 1, so that input number `which` of the output's shape shares its gradient."""
        return False

    def flow_back(self, which: int, flow: str) -> str:
        """The right-hand side of the gradient of input number `which` in names: slope times `flow`, perhaps summed."""
        share = product(self.slope(which, *self.names()), flow)
        return f"Σ {share}" if self._repeats(which) else share

    def flow_back_numbers(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        """The same with the numbers of entry `index` of that input."""
        shape = self.output.value.shape
        if not self._repeats(which):
            return self._flow_term(which, flow, index)
        leading = shape[: len(shape) - len(index)]

        def term(row: int) -> str:
            place = tuple(int(i) for i in np.unravel_index(row, leading))
            return self._flow_term(which, flow, place + index)

        return total(int(np.prod(leading)), term)

    def shape(self) -> tuple[int, ...]:
        """The output's shape. Raises ValueError if the inputs do not fit each other."""
        shapes = [tensor.value.shape for tensor in self.inputs]
        largest = max(shapes, key=len)
        if any(shape != largest[len(largest) - len(shape) :] for shape in shapes):
            raise ValueError(f"shapes {' and '.join(map(str, shapes))} do not fit: scalars and rows are repeated")
        return largest

    def names(self) -> list[str]:
        """The terms as names."""
        return [tensor.name for tensor in (*self.inputs, self.output)]

    def figures(self, index: tuple[int, ...]) -> list[str]:
        """The terms as the numbers of entry `index`."""
        return [entry(tensor.shown, index) for tensor in (*self.inputs, self.output)]

    @property
    def symbols(self) -> str:
        """The equation in names: `u = a·x`."""
        return f"{self.output.name} = {self.notation(*self.names())}"

    @property
    def result(self) -> Array:
        """What it computes."""
        return self.output.value

    def numbers(self, index: tuple[int, ...]) -> str:
        """The equation of entry `index` with its numbers: `u₀ = 0.5·3 = 1.5`."""
        terms = self.figures(index)
        return f"{entry_name(self.output.name, index)} = {self.notation(*terms)} = {terms[-1]}"

    def _repeats(self, which: int) -> bool:
        return self.output.value.ndim > self.inputs[which].value.ndim

    def _flow_term(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        return product(self.slope(which, *self.figures(index)), entry(flow, index[len(index) - flow.ndim :]))


class Add(Operation):
    """left + right"""

    constant_slope = True

    def forward(self) -> list[Kernel]:
        return [bound(np.add, *(tensor.value for tensor in (*self.inputs, self.output)))]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        return [summed(flow, out)]

    def notation(self, *terms: str) -> str:
        return f"{terms[0]} + {factor(terms[1])}"

    def slope(self, which: int, *terms: str) -> str:
        return "1"

    def passes_unchanged(self, which: int) -> bool:
        return True


class Subtract(Operation):
    """left − right"""

    constant_slope = True

    def forward(self) -> list[Kernel]:
        return [bound(np.subtract, *(tensor.value for tensor in (*self.inputs, self.output)))]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        return [summed(flow, out)] if which == 0 else [summed(flow, out), bound(np.negative, out, out)]

    def notation(self, *terms: str) -> str:
        return f"{terms[0]} − {factor(terms[1])}"

    def slope(self, which: int, *terms: str) -> str:
        return "1" if which == 0 else "-1"

    def passes_unchanged(self, which: int) -> bool:
        return which == 0


class Multiply(Operation):
    """left · right, entry by entry: each factor's slope is the other factor."""

    def forward(self) -> list[Kernel]:
        return [bound(np.multiply, *(tensor.value for tensor in (*self.inputs, self.output)))]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        other = self.inputs[1 - which].value
        if out.shape == flow.shape:
            return [bound(np.multiply, other, flow, out)]
        if out.ndim == 0 and other.shape == flow.shape and flow.ndim == 1:
            return [partial(np.dot, other, flow, out)]
        products = np.zeros(flow.shape, order="F")
        return [bound(np.multiply, other, flow, products), summed(products, out)]

    def notation(self, *terms: str) -> str:
        return product(terms[0], terms[1])

    def slope(self, which: int, *terms: str) -> str:
        return terms[1 - which]


class Square(Operation):
    """x², entry by entry, with the slope 2·x."""

    def forward(self) -> list[Kernel]:
        return [bound(np.square, self.inputs[0].value, self.output.value)]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        x = self.inputs[0].value
        return [bound(np.add, x, x, out), bound(np.multiply, out, flow, out)]

    def notation(self, *terms: str) -> str:
        return f"{factor(terms[0])}²"

    def slope(self, which: int, *terms: str) -> str:
        return product("2", terms[0])


class Sum(Operation):
    """Σ x over all entries: each has the slope 1."""

    constant_slope = True

    def shape(self) -> tuple[int, ...]:
        return ()

    def forward(self) -> list[Kernel]:
        return [partial(np.add.reduce, self.inputs[0].value, None, None, self.output.value)]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        return [partial(np.copyto, out, flow)]

    def names(self) -> list[str]:
        return [f"Σ{self.inputs[0].name}", self.output.name]

    def figures(self, index: tuple[int, ...]) -> list[str]:
        entries = self.inputs[0].shown.reshape(-1)
        listed = total(entries.size, lambda row: (factor if row else str)(entry(entries, (row,))))
        return [listed, entry(self.output.shown, ())]

    def notation(self, *terms: str) -> str:
        return terms[0]

    def slope(self, which: int, *terms: str) -> str:
        return "1"


class Mean(Sum):
    """Σx/n over all n entries: each has the slope 1/n."""

    def forward(self) -> list[Kernel]:
        output = self.output.value
        return [*super().forward(), bound(np.true_divide, output, self._count(), output)]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        return [*super().backward(which, flow, out), bound(np.true_divide, out, self._count(), out)]

    def names(self) -> list[str]:
        listed, output = super().names()
        return [listed, "n", output]

    def figures(self, index: tuple[int, ...]) -> list[str]:
        listed, output = super().figures(index)
        return [f"({listed})", str(self.inputs[0].value.size), output]

    def notation(self, *terms: str) -> str:
        return f"{terms[0]}/{terms[1]}"

    def slope(self, which: int, *terms: str) -> str:
        return f"1/{terms[1]}"

    def _count(self) -> Array:
        return np.array(float(self.inputs[0].value.size))


def square(x: "Tensor") -> "Tensor":
    """x², entry by entry."""
    return x.tape.record(Square(x))


def mean(x: "Tensor") -> "Tensor":
    """The mean of all entries, a scalar."""
    return x.tape.record(Mean(x))


def sum_of(x: "Tensor") -> "Tensor":
    """The sum of all entries, a scalar."""
    return x.tape.record(Sum(x))


def bound(function: Callable[..., Any], *arrays: Array) -> Kernel:
    """A kernel: `function` of these buffers, the last of which it writes.

    numpy takes 0.6 µs where every array is 0-dimensional and 0.2 µs where they have one entry, hence the reshaping.
    """
    if all(array.ndim == 0 for array in arrays):
        return partial(function, *(array.reshape(1) for array in arrays))
    return partial(function, *arrays)


def summed(array: Array, out: Array) -> Kernel:
    """A kernel that sums `array` over its leading axes until it has the shape of `out`: the gradient of repeating.

    Multiplying by ones lets the linear algebra library do it, twice as fast as numpy's own reduction for small arrays.
    """
    if array.shape == out.shape:
        return partial(np.copyto, out, array)
    if array.ndim - out.ndim == 1 and out.ndim < 2:
        return partial(np.dot, np.ones(len(array)), array, out)
    return partial(np.add.reduce, array, tuple(range(array.ndim - out.ndim)), None, out)
