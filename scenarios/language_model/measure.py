"""How well a model predicts a text that it has not learned from."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .model import LanguageModel
from .windows import spread

MOST = 16_384
"""Tokens of a held-out text that are measured in training: it should not take much of the time."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The nats (−ln p) that all tokens of a text cost together, how many tokens these were, and how many characters."""

    nats: float
    tokens: int
    characters: int

    @property
    def loss(self) -> float:
        """Nats per token, what training minimises."""
        return self.nats / self.tokens

    @property
    def perplexity(self) -> float:
        """exp(loss): among how many equally likely tokens it seems to choose."""
        return math.exp(min(self.loss, 700.0))

    @property
    def bits_per_character(self) -> float:
        """What the text would take if the model packed it. Comparable whatever the tokens are."""
        return self.nats / math.log(2) / self.characters


def measure(model: LanguageModel, ids: Tensor, lengths: Tensor, context: int, most: int | None = None) -> Measure:
    """Of a stream of ids (n,), in windows of `context`; lengths[v] is how many characters token v stands for. Of more
    than `most` tokens only so many are looked at, windows of them evenly far apart."""
    nats, tokens, characters = 0.0, 0, 0
    for inputs, targets in spread(ids, context, most or len(ids)):
        logs = model.log_probabilities(inputs.to(lengths.device))
        targets = targets.to(lengths.device)
        nats -= logs.gather(-1, targets[..., None]).sum(dtype=torch.float64).item()
        tokens += targets.numel()
        characters += int(lengths[targets].sum())
    return Measure(nats, tokens, characters)
