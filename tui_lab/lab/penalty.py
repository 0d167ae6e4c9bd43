"""Regularisation: what large weights cost. L2 shrinks a weight by a share of itself, L1 by a fixed amount.

As in TensorFlow Playground it acts beside the gradient, on weights and not on biases; a weight that L1 would carry
across 0 becomes 0 and stays there, its connection dead; and the loss that is shown has no penalty in it.
"""

from functools import partial

import numpy as np

from tui_lab.lab.equation import product
from tui_lab.lab.operations import Kernel
from tui_lab.lab.optimizer import Optimizer, Part, Rule
from tui_lab.lab.scenario import Array


def penalise(optimizer: Optimizer, l1: float, l2: float) -> None:
    """Add both penalties, of these rates, to the updates that the optimizer will record; nothing where both are 0."""
    if l1 or l2:
        optimizer.also.append(Shrink(optimizer, l1, l2))


class Shrink(Rule):
    """w ← w − η·(λ₂·w⁻ + λ₁·sign w⁻), where w⁻ is the weight before the step."""

    def __init__(self, optimizer: Optimizer, l1: float, l2: float) -> None:
        self._l1, self._l2 = l1, l2
        self._parameters, self._minus_rate, self._update = (
            optimizer.parameters,
            optimizer.minus_rate,
            optimizer.update,
        )
        self._dead, _ = optimizer.carry("dead")
        """1 where a connection is dead, (P,)."""
        self._from, self._to = (np.zeros_like(self._update) for _ in range(2))

    def concerns(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 2

    def target(self, name: str) -> str:
        return name

    def terms(self, name: str, slope: str) -> list[str]:
        return [name, "η", "λ₂", "λ₁", f"{name}⁻"]

    def figures(self) -> list[Array]:
        rates = [np.abs(self._minus_rate), np.array(self._l2), np.array(self._l1)]
        return [self._from, *rates, self._parameters.seen]

    def notation(self, *terms: str) -> str:
        weight, rate, l2, l1, before = terms
        shares = ([product(l2, before)] if self._l2 else []) + ([f"{l1}·sign({before})"] if self._l1 else [])
        return f"{weight} − {rate}·({' + '.join(shares)})"

    def result(self) -> Array:
        return self._to

    def kernels(self, part: Part) -> list[Kernel]:
        values, before, dead = part(self._parameters.values), part(self._parameters.seen), part(self._dead)
        return [partial(self._shrink, values, before, dead, part(self._update), part(self._from), part(self._to))]

    def _shrink(self, values: Array, before: Array, dead: Array, update: Array, start: Array, end: Array) -> None:
        start[...] = values
        values += self._minus_rate * (self._l2 * before + self._l1 * np.sign(before))
        if self._l1:
            dead[before != 0] = 0.0  # a weight edited by hand lives again
            dead[start * values < 0] = 1.0
            values[dead == 1] = 0.0
        end[...] = values
        np.subtract(values, before, out=update)
