"""How the next token is chosen: from log probabilities by temperature, top-k and top-p to one token.

First temperature flattens or sharpens the model's probabilities, then top-k and top-p cut off the unlikely ones, then
one of those left is drawn. All functions are pure; V is the size of the vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.scenario import Array

Mask = NDArray[np.bool_]
_ROUNDING = 1e-9
"""How much sums of probabilities may be off: a nucleus that reaches top_p but for this much has reached it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How to choose: `temperature` >= 0 (0 is greedy, 1 the model's own probabilities), the `top_k` likeliest tokens
    only (0 is all), and of those the likeliest that together have the probability `top_p` (1 is all)."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


def tempered(log_probabilities: Array, temperature: float) -> Array:
    """Probabilities (V,) from natural logs (V,): softmax(log p / T), so p^(1/T) made to add up to 1.

    T = 0 is the limit: all on the likeliest token, on the first one of equals. NaN in, NaN out.
    """
    highest = log_probabilities.max()
    if temperature == 0:
        probabilities = np.zeros(len(log_probabilities))
        probabilities[log_probabilities.argmax()] = np.where(np.isnan(highest), np.nan, 1.0)
        return probabilities
    with np.errstate(
        over="ignore"
    ):  # a low temperature may take a gap beyond all numbers: exp(-inf) is 0, as it should
        weights = np.exp((log_probabilities - highest) / temperature)
    return np.asarray(weights / weights.sum())


def by_probability(probabilities: Array) -> NDArray[np.intp]:
    """The tokens from the likeliest to the least, equals in their own order."""
    return np.argsort(-probabilities, kind="stable")


def kept(probabilities: Array, top_k: int, top_p: float) -> Mask:
    """Which of the tokens (V,) may be drawn.

    top-k keeps the k likeliest. Top-p keeps, of what top-k left, the nucleus: the fewest likeliest tokens that have at
    least the share `top_p` of the probability (A. Holtzman et al., "The curious case of neural text degeneration",
    2020). One token is always kept.
    """
    order = by_probability(probabilities)
    if top_k:
        order = order[:top_k]
    if top_p < 1:
        shares = probabilities[order].cumsum() / probabilities[order].sum()
        order = order[: max(int(np.searchsorted(shares, top_p - _ROUNDING)) + 1, 1)]
    mask = np.zeros(len(probabilities), bool)
    mask[order] = True
    return mask


def distribution(log_probabilities: Array, rules: Rules) -> Array:
    """The probabilities (V,) with which the next token is drawn: tempered, cut, and made to add up to 1 again."""
    probabilities = tempered(log_probabilities, rules.temperature)
    left = np.where(kept(probabilities, rules.top_k, rules.top_p), probabilities, 0.0)
    return np.asarray(left / left.sum())


def draw(probabilities: Array, uniform: float) -> int:
    """The token that a number drawn evenly from 0..1 picks: the first one, from the likeliest on, up to which the
    probabilities (V,) add up to more than it.

    The order makes texts comparable: when the probabilities change a little, the same `uniform` picks the same token,
    or one about as likely.
    """
    order = by_probability(probabilities)
    sums = probabilities[order].cumsum()
    place = int(np.searchsorted(sums, uniform * sums[-1], side="right"))
    return int(order[min(place, int(np.count_nonzero(probabilities)) - 1)])


def uniforms(seed: int, count: int) -> NDArray[Any]:
    """`count` numbers from 0..1 by a generator of their own: the i-th is the same whatever `count` is."""
    return np.random.default_rng(seed).random(count)
