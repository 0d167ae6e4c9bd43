"""Losses: how wrong the outputs for n examples are, as one number. Targets are inputs and get no gradient.

Each is the mean of the examples' terms, and n times its slope is the difference of an answer and its target.
"""

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tui_lab.lab.activations import response, sigmoid, sigmoid_of
from tui_lab.lab.equation import entry, factor, number, product, total
from tui_lab.lab.operations import Kernel, Operation, bound
from tui_lab.lab.scenario import Array
from tui_lab.lab.softmax import exponentials

if TYPE_CHECKING:
    from tui_lab.lab.tensor import Tensor

_ZERO = np.zeros(())


class Loss(Operation):
    """A mean over n examples, from outputs and targets (n, m). The latter are compared with `answers` (n, m); `terms`
    (n,) is what each example adds to n times the loss."""

    answer = "{}"
    """What an answer is called, from the name of the outputs."""

    def __init__(self, outputs: "Tensor", targets: "Tensor") -> None:
        self.outputs, self.targets = outputs.value, targets.value
        self.rows = np.array(float(len(self.outputs)))
        super().__init__(outputs, targets)

    def shape(self) -> tuple[int, ...]:
        left, right = self.outputs.shape, self.targets.shape
        if len(left) != 2 or left != right or 0 in left:
            raise ValueError(f"outputs {left} and targets {right} do not fit: both are (n, m)")
        return ()

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        share = np.zeros(())
        return [
            bound(np.true_divide, flow, self.rows, share),
            *self.differences(out),
            bound(np.multiply, out, share, out),
        ]

    @abstractmethod
    def differences(self, out: Array) -> list[Kernel]:
        """Kernels that write answers − targets into `out`."""

    def answers(self) -> Array:
        """What is compared with the targets, (n, m)."""
        return self.outputs

    @abstractmethod
    def terms(self) -> Array:
        """What each example adds to n times the loss, (n,)."""

    def slope(self, which: int, *terms: str) -> str:
        return f"({terms[0]} − {factor(terms[1])})/{terms[2]}"

    def numbers(self, index: tuple[int, ...]) -> str:
        terms = self.terms()
        listed = total(terms.size, lambda row: (factor if row else str)(number(terms[row])))
        return f"{self.output.name} = ({listed})/{terms.size} = {number(float(self.output.value))}"

    def flow_back(self, which: int, flow: str) -> str:
        outputs, targets = (tensor.name for tensor in self.inputs)
        return product(self.slope(which, self.answer.format(outputs), targets, "n"), flow)

    def flow_back_numbers(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        here = (entry(array, index) for array in (self.answers(), self.targets))
        return product(self.slope(which, *here, str(len(self.outputs))), number(float(flow)))


class HalfSquaredError(Loss):
    """Σ½(ŷ − y)²/n: the half makes the slope ŷ − y."""

    def forward(self) -> list[Kernel]:
        self._difference = np.zeros(self.outputs.shape, order="F")
        flat, squares = self._difference.T.reshape(-1), np.zeros(())
        return [
            bound(np.subtract, self.outputs, self.targets, self._difference),
            partial(np.dot, flat, flat, squares),
            bound(np.true_divide, squares, np.array(2.0 * len(self.outputs)), self.output.value),
        ]

    def differences(self, out: Array) -> list[Kernel]:
        return [partial(np.copyto, out, self._difference)]

    def terms(self) -> Array:
        halves: Array = np.square(self._difference).sum(axis=1) / 2
        return halves

    def notation(self, *terms: str) -> str:
        return f"Σ½({terms[0]} − {terms[1]})²/n"


class BinaryCrossEntropy(Loss):
    """−Σ(y·log p + (1 − y)·log(1 − p))/n with p = σ(z), for targets y that are 0 or 1.

    From the scores z a term is log(1 + eᶻ) − y·z, which takes no logarithm of 0.
    """

    answer = "σ({})"

    def forward(self) -> list[Kernel]:
        self._terms, wanted = (np.zeros(self.outputs.shape, order="F") for _ in range(2))
        return [
            partial(np.logaddexp, _ZERO, self.outputs, self._terms),
            bound(np.multiply, self.targets, self.outputs, wanted),
            bound(np.subtract, self._terms, wanted, self._terms),
            partial(np.add.reduce, self._terms, None, None, self.output.value),
            bound(np.true_divide, self.output.value, self.rows, self.output.value),
        ]

    def differences(self, out: Array) -> list[Kernel]:
        return [*sigmoid_of(self.outputs, out), bound(np.subtract, out, self.targets, out)]

    def answers(self) -> Array:
        return response(sigmoid, self.outputs)[0]

    def terms(self) -> Array:
        sums: Array = self._terms.sum(axis=1)
        return sums

    def notation(self, *terms: str) -> str:
        return f"Σ(log(1 + exp({terms[0]})) − {terms[1]}·{terms[0]})/n"


class CrossEntropy(Loss):
    """−Σ y·log p/n with p = softmax(z), for targets y that are 1 at the right class and 0 elsewhere.

    From the scores z a term is log Σ eᶻ − y·z, with the largest score subtracted first.
    """

    answer = "softmax({})"

    def forward(self) -> list[Kernel]:
        shape, rows = self.outputs.shape, (len(self.outputs), 1)
        shifted, wanted, self._probabilities = (np.zeros(shape, order="F") for _ in range(3))
        sums, right, self._terms = (np.zeros(rows) for _ in range(3))
        return [
            *exponentials(self.outputs, shifted, self._probabilities, sums),
            bound(np.true_divide, self._probabilities, sums, self._probabilities),
            bound(np.log, sums, self._terms),
            bound(np.multiply, self.targets, shifted, wanted),
            partial(np.add.reduce, wanted, 1, None, right, True),
            bound(np.subtract, self._terms, right, self._terms),
            partial(np.add.reduce, self._terms, None, None, self.output.value),
            bound(np.true_divide, self.output.value, self.rows, self.output.value),
        ]

    def differences(self, out: Array) -> list[Kernel]:
        return [bound(np.subtract, self._probabilities, self.targets, out)]

    def answers(self) -> Array:
        return self._probabilities

    def terms(self) -> Array:
        return self._terms[:, 0]

    def notation(self, *terms: str) -> str:
        return f"−Σ {terms[1]}·log softmax({terms[0]})/n"


def half_squared_error(outputs: "Tensor", targets: "Tensor") -> "Tensor":
    """Half the squared difference of outputs and targets (n, m), summed over m and averaged over n."""
    return outputs.tape.record(HalfSquaredError(outputs, targets))


def binary_cross_entropy(scores: "Tensor", targets: "Tensor") -> "Tensor":
    """The surprise −log p at each target 0 or 1 (n, m) where p = σ(score) is the probability of 1: summed over m and
    averaged over n."""
    return scores.tape.record(BinaryCrossEntropy(scores, targets))


def cross_entropy(scores: "Tensor", targets: "Tensor") -> "Tensor":
    """The mean surprise −log p at the right class, where p = softmax(scores) (n, c) and targets (n, c) are 1."""
    return scores.tape.record(CrossEntropy(scores, targets))
