"""Optimizers that give every parameter a step length of its own, and all optimizers by name.

RMSProp: T. Tieleman and G. Hinton, "Neural networks for machine learning", lecture 6.5, 2012. Adam: D. P. Kingma and
J. Ba, "Adam: a method for stochastic optimization", ICLR 2015. Both with the constants and the order of torch.optim.
"""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial

import numpy as np

from tui_lab.lab.descent import MomentumDescent, PlainDescent
from tui_lab.lab.equation import product
from tui_lab.lab.operations import Kernel, bound
from tui_lab.lab.optimizer import Optimizer, Part, Rule
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array

ALPHA = 0.99
"""RMSProp: how much of the mean square is kept."""
BETA1, BETA2 = 0.9, 0.999
"""Adam: how much of the mean and of the mean square is kept."""
EPSILON = 1e-8
"""What keeps a division by a root finite."""

NAMES = ("sgd", "momentum", "rmsprop", "adam")


def optimizer(name: str, parameters: ParameterVector, learning_rate: float, momentum: float) -> Optimizer:
    """The optimizer of one of NAMES; only `momentum` takes a momentum."""
    match name:
        case "sgd":
            return PlainDescent(parameters, learning_rate)
        case "momentum":
            return MomentumDescent(parameters, learning_rate, momentum)
        case "rmsprop":
            return RmsProp(parameters, learning_rate)
        case _:
            return Adam(parameters, learning_rate)


class RmsProp(Optimizer):
    """Divides each gradient by the root of its recent mean square s."""

    memory_names = ("mean_square",)

    def rules(self) -> Sequence[Rule]:
        return [
            MeanSquare(self, "mean_square", "s", ("α", ALPHA)),
            RmsPropStep(self),
        ]


class Adam(Optimizer):
    """Steps by the recent mean m over the root of the recent mean square v, both made larger in the first steps, when
    they are still near the 0 they start from."""

    memory_names = ("mean", "mean_square")

    def __init__(self, parameters: ParameterVector, learning_rate: float) -> None:
        super().__init__(parameters, learning_rate)
        self.known_mean: Array = np.zeros(())
        """1 − β₁ᵗ in step t: how much of the mean is known by then."""
        self.known_mean_square: Array = np.zeros(())

    def rules(self) -> Sequence[Rule]:
        return [
            Mean(self, "mean", "m", ("β₁", BETA1)),
            MeanSquare(self, "mean_square", "v", ("β₂", BETA2)),
            AdamStep(self),
        ]

    def begin(self) -> None:
        super().begin()
        self.known_mean[()] = 1 - BETA1 ** (self.steps + 1)
        self.known_mean_square[()] = 1 - BETA2 ** (self.steps + 1)


class Mean(Rule):
    """m ← β·m + (1 − β)·∂L/∂w, a mean in which older gradients fade."""

    def __init__(self, optimizer: Optimizer, memory: str, letter: str, kept: tuple[str, float]) -> None:
        self._letter, self._kept_name = letter, kept[0]
        self._kept, self._taken = np.array(kept[1]), np.array(1 - kept[1])
        self._gradient = optimizer.parameters.gradient
        self._mean, self._before = optimizer.memory[memory], optimizer.memory_before[memory]
        self._share = np.zeros_like(self._mean)

    def target(self, name: str) -> str:
        return f"{self._letter}_{name}"

    def terms(self, name: str, slope: str) -> list[str]:
        return [self._kept_name, self.target(name), slope]

    def figures(self) -> list[Array]:
        return [self._kept, self._before, self._gradient]

    def notation(self, *terms: str) -> str:
        return f"{product(terms[0], terms[1])} + {product(f'(1 − {terms[0]})', terms[2])}"

    def result(self) -> Array:
        return self._mean

    def kernels(self, part: Part) -> list[Kernel]:
        mean, share = part(self._mean), part(self._share)
        return [
            *self.shares(part(self._gradient), share),
            bound(np.multiply, share, self._taken, share),
            bound(np.multiply, mean, self._kept, mean),
            bound(np.add, mean, share, mean),
        ]

    def shares(self, gradient: Array, share: Array) -> list[Kernel]:
        """Kernels that compute what the mean is of."""
        return [bound(np.positive, gradient, share)]


class MeanSquare(Mean):
    """s ← α·s + (1 − α)·(∂L/∂w)²"""

    def notation(self, *terms: str) -> str:
        return f"{product(terms[0], terms[1])} + (1 − {terms[0]})·({terms[2]})²"

    def shares(self, gradient: Array, share: Array) -> list[Kernel]:
        return [bound(np.multiply, gradient, gradient, share)]


class ScaledStep(Rule):
    """w ← w − η·a/(√b + ε)"""

    def __init__(self, optimizer: Optimizer) -> None:
        self._parameters, self._minus_rate = optimizer.parameters, optimizer.minus_rate
        self._update, self._move, self._root = (optimizer.update, *(np.zeros_like(optimizer.update) for _ in range(2)))

    def target(self, name: str) -> str:
        return name

    def result(self) -> Array:
        return self._parameters.seen + self._move

    def kernels(self, part: Part) -> list[Kernel]:
        root, move, values = part(self._root), part(self._move), part(self._parameters.values)
        return [
            *self.fractions(move, root, part),
            bound(np.add, root, np.array(EPSILON), root),
            bound(np.true_divide, move, root, move),
            bound(np.multiply, move, self._minus_rate, move),
            bound(np.add, values, move, values),
            partial(np.copyto, part(self._update), move),
        ]

    @abstractmethod
    def fractions(self, above: Array, root: Array, part: Part) -> list[Kernel]:
        """Kernels that write a into `above` and √b into `root`."""


class RmsPropStep(ScaledStep):
    """w ← w − η·∂L/∂w/(√s + ε)"""

    def __init__(self, optimizer: RmsProp) -> None:
        super().__init__(optimizer)
        self._mean_square = optimizer.memory["mean_square"]

    def terms(self, name: str, slope: str) -> list[str]:
        return [name, "η", f"({slope})", f"s_{name}", "ε"]

    def figures(self) -> list[Array]:
        rate = np.abs(self._minus_rate)
        return [self._parameters.seen, rate, self._parameters.gradient, self._mean_square, np.array(EPSILON)]

    def notation(self, *terms: str) -> str:
        return f"{terms[0]} − {product(terms[1], terms[2])}/(√{terms[3]} + {terms[4]})"

    def fractions(self, above: Array, root: Array, part: Part) -> list[Kernel]:
        return [
            bound(np.positive, part(self._parameters.gradient), above),
            bound(np.sqrt, part(self._mean_square), root),
        ]


class AdamStep(ScaledStep):
    """w ← w − η·(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε)"""

    def __init__(self, optimizer: Adam) -> None:
        super().__init__(optimizer)
        self._mean, self._known_mean = optimizer.memory["mean"], optimizer.known_mean
        self._mean_square, self._known_mean_square = optimizer.memory["mean_square"], optimizer.known_mean_square

    def terms(self, name: str, slope: str) -> list[str]:
        return [name, "η", f"m_{name}", "(1 − β₁ᵗ)", f"v_{name}", "(1 − β₂ᵗ)", "ε"]

    def figures(self) -> list[Array]:
        rate, means = np.abs(self._minus_rate), [self._mean, self._known_mean]
        squares = [self._mean_square, self._known_mean_square]
        return [self._parameters.seen, rate, *means, *squares, np.array(EPSILON)]

    def notation(self, *terms: str) -> str:
        return f"{terms[0]} − {terms[1]}·({terms[2]}/{terms[3]})/(√({terms[4]}/{terms[5]}) + {terms[6]})"

    def fractions(self, above: Array, root: Array, part: Part) -> list[Kernel]:
        return [
            bound(np.true_divide, part(self._mean), self._known_mean, above),
            bound(np.true_divide, part(self._mean_square), self._known_mean_square, root),
            bound(np.sqrt, root, root),
        ]
