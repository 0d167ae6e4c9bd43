"""Softmax: from a row of scores, one for each class, to probabilities that add up to 1."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tui_lab.lab.equation import entry, product, total
from tui_lab.lab.operations import Kernel, Operation, bound
from tui_lab.lab.scenario import Array

if TYPE_CHECKING:
    from tui_lab.lab.tensor import Tensor


class Softmax(Operation):
    """p[i, j] = exp(z[i, j]) / Σ exp(z[i, l]) over the classes l, for scores z (n, c)."""

    def shape(self) -> tuple[int, ...]:
        shape = self.inputs[0].value.shape
        if len(shape) != 2 or not shape[1]:
            raise ValueError(f"shape {shape} does not fit: scores are (n, c) for n examples and c classes")
        return shape

    def forward(self) -> list[Kernel]:
        scores, output = self.inputs[0].value, self.output.value
        sums = np.zeros((len(scores), 1))
        return [*exponentials(scores, output, output, sums), bound(np.true_divide, output, sums, output)]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        output = self.output.value
        products, sums = np.zeros(output.shape, order="F"), np.zeros((len(output), 1))
        return [
            bound(np.multiply, flow, output, products),
            partial(np.add.reduce, products, 1, None, sums, True),
            bound(np.subtract, flow, sums, out),
            bound(np.multiply, out, output, out),
        ]

    def figures(self, index: tuple[int, ...]) -> list[str]:
        row, scores = index[0], self.inputs[0].shown
        sums = total(scores.shape[1], lambda column: f"exp({entry(scores, (row, column))})")
        return [f"exp({entry(scores, index)})/({sums})", entry(self.output.shown, index)]

    def names(self) -> list[str]:
        return [f"softmax({self.inputs[0].name})", self.output.name]

    def notation(self, *terms: str) -> str:
        return terms[0]

    def slope(self, which: int, *terms: str) -> str:
        return terms[-1]

    def flow_back(self, which: int, flow: str) -> str:
        output = self.output.name
        return f"{output}·({flow} − Σ {output}·{flow})"

    def flow_back_numbers(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        output, row = self.output.shown, index[0]
        sums = total(output.shape[1], lambda i: product(entry(output, (row, i)), entry(flow, (row, i))))
        return product(entry(output, index), f"({entry(flow, index)} − ({sums}))")


def softmax(scores: "Tensor") -> "Tensor":
    """The probabilities (n, c) of c classes from their scores."""
    return scores.tape.record(Softmax(scores))


def exponentials(scores: Array, shifted: Array, out: Array, sums: Array) -> list[Kernel]:
    """Kernels: exp(z − max z) of each row of scores (n, c) into `out`, its sum into `sums` (n, 1), and the difference
    into `shifted` (which may be `out`). Less than the largest score, no exponential is too large for a number."""
    largest = np.zeros((len(scores), 1))
    return [
        partial(np.maximum.reduce, scores, 1, None, largest, True),
        bound(np.subtract, scores, largest, shifted),
        bound(np.exp, shifted, out),
        partial(np.add.reduce, out, 1, None, sums, True),
    ]
