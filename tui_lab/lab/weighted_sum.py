"""The weighted sum of a neuron: for each row of inputs one number, Σ w·x over the inputs."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tui_lab.lab.equation import entry, entry_name, product, total
from tui_lab.lab.operations import Kernel, Operation
from tui_lab.lab.scenario import Array

if TYPE_CHECKING:
    from tui_lab.lab.tensor import Tensor


class WeightedSum(Operation):
    """Weights (n,) and inputs (r, n) make sums (r,); each input's slope is its weight, each weight's its input."""

    def shape(self) -> tuple[int, ...]:
        weights, inputs = (tensor.value.shape for tensor in self.inputs)
        if len(inputs) != 2 or weights != inputs[1:]:
            raise ValueError(f"weights {weights} do not fit inputs {inputs}: (n,) and (r, n) do")
        return inputs[:1]

    def forward(self) -> list[Kernel]:
        weights, inputs = (tensor.value for tensor in self.inputs)
        return [partial(np.dot, inputs, weights, self.output.value)]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        weights, inputs = (tensor.value for tensor in self.inputs)
        if which == 0:
            return [partial(np.dot, flow, inputs, out)]
        return [partial(np.multiply, flow.reshape(-1, 1), weights, out)]

    def notation(self, *terms: str) -> str:
        return f"Σ {product(terms[0], terms[1])}"

    def slope(self, which: int, *terms: str) -> str:
        return terms[1 - which]

    def numbers(self, index: tuple[int, ...]) -> str:
        weights, inputs = (tensor.shown for tensor in self.inputs)
        listed = total(weights.size, lambda i: product(entry(weights, (i,)), entry(inputs, (*index, i))))
        return f"{entry_name(self.output.name, index)} = {listed} = {entry(self.output.shown, index)}"

    def flow_back(self, which: int, flow: str) -> str:
        share = product(self.slope(which, *self.names()), flow)
        return f"Σ {share}" if which == 0 else share

    def flow_back_numbers(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        weights, inputs = (tensor.shown for tensor in self.inputs)
        if which == 0:
            return total(len(flow), lambda row: product(entry(inputs, (row, *index)), entry(flow, (row,))))
        return product(entry(weights, index[1:]), entry(flow, index[:1]))


def weighted_sum(weights: "Tensor", inputs: "Tensor") -> "Tensor":
    """Σ w·x of every row of `inputs` (r, n) with `weights` (n,): a tensor (r,)."""
    return weights.tape.record(WeightedSum(weights, inputs))
