"""The seven input features of TensorFlow Playground, made from two inputs, and how a setting lists them."""

from collections.abc import Callable, Mapping

import numpy as np

from tui_lab.lab.scenario import Array

PLAYGROUND: Mapping[str, Callable[[Array, Array], Array]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1²": lambda x1, x2: x1**2,
    "x2²": lambda x1, x2: x2**2,
    "x1·x2": lambda x1, x2: x1 * x2,
    "sin x1": lambda x1, x2: np.sin(x1),
    "sin x2": lambda x1, x2: np.sin(x2),
}
"""Features of two inputs."""


def features_in(text: str) -> list[str]:
    """The features or columns that a setting lists, Playground's in its spelling: x1^2 is x1²."""
    return [_spelt(word) for word in text.split(",") if word.strip()]


def _spelt(word: str) -> str:
    """Playground's spelling of a feature, from the ways in which keyboards allow it."""
    plain = " ".join(word.replace("(", " ").replace(")", " ").split())
    spelt = plain.replace("^2", "²").replace("*", "·").replace("sinx", "sin x")
    return spelt if spelt in PLAYGROUND else word.strip()
