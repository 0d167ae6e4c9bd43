"""Products of matrices: what a layer of neurons does with all examples at once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_lab.lab.equation import entry, factor, number, product, total
from tui_lab.lab.operations import Kernel, Operation
from tui_lab.lab.scenario import Array
from tui_lab.lab.tensor import columns_and_ones

if TYPE_CHECKING:
    from tui_lab.lab.tensor import Tensor


class MatMul(Operation):
    """x·W: entry (i, j) is Σ x[i, l]·W[l, j], for x (n, k) and W (k, m)."""

    def shape(self) -> tuple[int, ...]:
        left, right = (tensor.value.shape for tensor in self.inputs[:2])
        if len(left) != 2 or len(right) != 2 or left[1] != right[0]:
            raise ValueError(f"shapes {left} and {right} do not fit: (n, k) times (k, m) is (n, m)")
        return left[0], right[1]

    def forward(self) -> list[Kernel]:
        x, weights = (tensor.value for tensor in self.inputs)
        return [dot(x, weights, self.output.value)]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        x, weights = (tensor.value for tensor in self.inputs[:2])
        return [dot(flow, weights.T, out) if which == 0 else dot(x.T, flow, out)]

    def names(self) -> list[str]:
        x, weights = self.inputs[:2]
        return [product(x.name, weights.name), self.output.name]

    def figures(self, index: tuple[int, ...]) -> list[str]:
        x, weights = (tensor.shown for tensor in self.inputs[:2])
        row, column = index
        terms = products(x.shape[1], lambda i: x[row, i], lambda i: weights[i, column])
        return [terms, entry(self.output.shown, index)]

    def notation(self, *terms: str) -> str:
        return terms[0]

    def slope(self, which: int, *terms: str) -> str:
        return f"{self.inputs[1 - which].name}ᵀ"

    def flow_back(self, which: int, flow: str) -> str:
        slope = self.slope(which, *self.names())
        return product(flow, slope) if which == 0 else product(slope, flow)

    def flow_back_numbers(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        x, weights = (tensor.shown for tensor in self.inputs[:2])
        row, column = index
        if which == 0:
            return products(flow.shape[1], lambda j: flow[row, j], lambda j: weights[column, j])
        return products(len(flow), lambda i: x[i, row], lambda i: flow[i, column])


class Affine(MatMul):
    """x·W + b: the weighted sums of a layer of m neurons, for x (n, k), W (k, m) and b (m,).

    A bias is the weight of an input that is always 1. So W and b, which must be parameters, b right after W, are one
    matrix, and one product does it all.
    """

    def __init__(self, x: "Tensor", weights: "Tensor", bias: "Tensor") -> None:
        self._vector = x.tape.parameters
        self._layer = weights.name, bias.name
        self._padded = columns_and_ones(*x.value.shape) if x.padded is None else x.padded
        super().__init__(x, weights, bias)

    def forward(self) -> list[Kernel]:
        weights = self._vector.stacked(*self._layer, self._vector.values)
        x = self.inputs[0]
        fill = [partial(np.copyto, self._padded[:, :-1], x.value)] if x.padded is None else []
        return [*fill, dot(self._padded, weights, self.output.value)]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        if which == 0:
            return super().backward(which, flow, out)
        both = np.zeros((self._padded.shape[1], flow.shape[1]))
        return [dot(self._padded.T, flow, both), partial(np.copyto, out, both[:-1] if which == 1 else both[-1])]

    def backward_at_once(self, flow: Array, outs: Mapping[int, Array]) -> list[Kernel] | None:
        both = self._vector.stacked(*self._layer, self._vector.gradient)
        before = self.backward(0, flow, outs[0]) if 0 in outs else []
        return [*before, dot(self._padded.T, flow, both)]

    def names(self) -> list[str]:
        sums, output = super().names()
        return [sums, self.inputs[2].name, output]

    def figures(self, index: tuple[int, ...]) -> list[str]:
        sums, output = super().figures(index)
        return [sums, entry(self.inputs[2].shown, index), output]

    def notation(self, *terms: str) -> str:
        return f"{terms[0]} + {factor(terms[1])}"

    def slope(self, which: int, *terms: str) -> str:
        return "1" if which == 2 else super().slope(which, *terms)

    def flow_back(self, which: int, flow: str) -> str:
        return f"Σ {flow}" if which == 2 else super().flow_back(which, flow)

    def flow_back_numbers(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        if which < 2:
            return super().flow_back_numbers(which, flow, index)
        return total(len(flow), lambda i: (factor if i else str)(entry(flow, (i, *index))))


def matmul(x: "Tensor", weights: "Tensor") -> "Tensor":
    """The matrix product of x (n, k) and weights (k, m)."""
    return x.tape.record(MatMul(x, weights))


def affine(x: "Tensor", weights: "Tensor", bias: "Tensor") -> "Tensor":
    """x·W + b, (n, m), for x (n, k) and the parameters W (k, m) and, right after it, b (m,)."""
    return x.tape.record(Affine(x, weights, bias))


def dot(left: Array, right: Array, out: Array) -> Kernel:
    """A kernel: the matrix product, into an array that lies row by row or column by column."""
    if out.flags.c_contiguous:
        return partial(np.dot, left, right, out)
    return partial(np.dot, right.T, left.T, out.T)


def products(count: int, left: Callable[[int], Any], right: Callable[[int], Any]) -> str:
    """`left(0)·right(0) + left(1)·right(1) + …`."""
    return total(count, lambda i: product(number(left(i)), number(right(i))))
