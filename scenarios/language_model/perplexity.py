"""How much each token of a sentence surprises a model: −log₂ p, in bits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from tui_lab.lab.scenario import Array

from .model import LanguageModel
from .tensors import device

MOST = 1_000
"""Tokens of a sentence that are looked at: more would not be read."""


@dataclass(frozen=True, slots=False)
class Surprise:
    """The bits (t,) that each of t tokens costs a model which predicts it, and how many characters they all are."""

    bits: Array
    characters: int

    @cached_property
    def perplexity(self) -> float:
        """2 to the mean bits: among how many equally likely tokens the model seems to choose at each place."""
        return float(2 ** np.minimum(self.bits.mean(), 1000.0))

    @cached_property
    def bits_per_character(self) -> float:
        """Comparable between models whatever their tokens are."""
        return float(self.bits.sum() / self.characters)


def surprise(model: LanguageModel, window: int, first: int, ids: Sequence[int], lengths: Sequence[int]) -> Surprise:
    """Of at least one token, after the token `first`; lengths[v] is how many characters token v stands for.

    The model is given `window` tokens at once. A longer text is gone through in windows that overlap by half, so that
    every token but the first ones has at least half a window before it.
    """
    stream = torch.tensor([first, *ids], device=device(model))
    bits = np.zeros(len(ids))
    stride = max(window // 2, 1)
    for begin in range(0, len(ids), stride):
        inputs = stream[begin : begin + window][: len(ids) - begin]
        logs = model.log_probabilities(inputs[None])[0]  # (t, V)
        targets = stream[begin + 1 : begin + 1 + len(inputs)]
        found = -logs.gather(-1, targets[:, None])[:, 0].double().cpu().numpy() / np.log(2)
        known = 0 if begin == 0 else window - stride  # places that the window before has done
        bits[begin + known : begin + len(found)] = found[known:]
        if begin + len(found) >= len(ids):
            break
    return Surprise(bits, max(sum(lengths[id_] for id_ in ids), 1))
