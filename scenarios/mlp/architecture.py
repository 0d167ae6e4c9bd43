"""How a network is built: the widths of its layers, what each does, and the values it starts from."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from tui_lab.lab.csv_table import printable
from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.initialisation import INITIALISATIONS
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array

_MOST_LAYERS, _MOST_NEURONS = 6, 64
_ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")


def hidden_widths(text: str) -> list[int]:
    """`4,2` is a layer of 4 neurons and one of 2; nothing is no hidden layer. Raises BadInput."""
    words = [word.strip() for word in text.split(",")] if text.strip() else []
    right = f"give 0 to {_MOST_LAYERS} hidden layers of 1 to {_MOST_NEURONS} neurons, such as 4,2; empty for none"
    if not all(word.isascii() and word.isdecimal() for word in words):
        raise BadInput(f"layers cannot be '{printable(text)}': {right}.")
    if len(words) > _MOST_LAYERS:
        raise BadInput(f"layers has {len(words)} hidden layers: {right}.")
    widths = [int(word[:9]) for word in words]
    wrong = [word for word, width in zip(words, widths, strict=True) if not 1 <= width <= _MOST_NEURONS]
    if wrong:
        raise BadInput(f"layers has a layer of {printable(wrong[0])} neurons: {right}.")
    return widths


def activations(text: str, layers: int) -> list[str]:
    """The activation of each hidden layer: one for all, or one for each, separated by commas. Raises BadInput."""
    words = [word.strip().lower() for word in text.split(",")]
    for word in words:
        if word not in _ACTIVATIONS:
            raise BadInput(f"activation cannot be '{printable(word)}': {nearest(word, _ACTIVATIONS)}")
    if len(words) not in (1, layers):
        raise BadInput(
            f"activation has {len(words)} names for {layers} hidden layers: give one for all or one for each."
        )
    return words * layers if len(words) == 1 else words


def initial_values(settings: Mapping[str, Any], widths: list[int], seed: int) -> ParameterVector:
    """Weights (in, out) and biases (out,) of each layer; `widths` has inputs, hidden layers and outputs."""
    draw = np.random.default_rng(seed)
    initial: dict[str, Array] = {}
    for number, (inputs, outputs) in enumerate(pairwise(widths), 1):
        layer = INITIALISATIONS[settings["initialisation"]](inputs, outputs, draw)
        initial |= dict(zip((f"layer{number}.W", f"layer{number}.b"), layer, strict=True))
    return ParameterVector(initial)
