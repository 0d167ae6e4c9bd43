"""What weights and biases are before the first step, for a layer of `outputs` neurons with `inputs` inputs each."""

from collections.abc import Callable, Mapping

import numpy as np

from tui_lab.lab.scenario import Array

Layer = tuple[Array, Array]
"""Weights (inputs, outputs) and biases (outputs,)."""


def uniform(inputs: int, outputs: int, draw: np.random.Generator) -> Layer:
    """Weights between −0.5 and 0.5, biases 0.1: those of TensorFlow Playground."""
    return draw.uniform(-0.5, 0.5, (inputs, outputs)), np.full(outputs, 0.1)


def xavier(inputs: int, outputs: int, draw: np.random.Generator) -> Layer:
    """Weights between ±√(6/(inputs + outputs)), biases 0: with tanh, neither values nor gradients grow or shrink from
    layer to layer. X. Glorot and Y. Bengio, AISTATS 2010."""
    reach = np.sqrt(6 / (inputs + outputs))
    return draw.uniform(-reach, reach, (inputs, outputs)), np.zeros(outputs)


def he(inputs: int, outputs: int, draw: np.random.Generator) -> Layer:
    """Normal weights of deviation √(2/inputs), biases 0: the same for ReLU, which lets only half of the values through.
    K. He et al., ICCV 2015."""
    return draw.normal(0.0, np.sqrt(2 / inputs), (inputs, outputs)), np.zeros(outputs)


def zero(inputs: int, outputs: int, draw: np.random.Generator) -> Layer:
    """All 0: then all neurons of a layer are and stay the same."""
    return np.zeros((inputs, outputs)), np.zeros(outputs)


INITIALISATIONS: Mapping[str, Callable[[int, int, np.random.Generator], Layer]] = {
    "uniform": uniform,
    "xavier": xavier,
    "he": he,
    "zero": zero,
}
