"""What a language model has to beat, in bits per character: guessing evenly, and counting pairs."""

import math
from dataclasses import dataclass

from torch import Tensor

from tui_lab.lab.views import Table

from .counts import Bigram
from .measure import MOST, measure


@dataclass(frozen=True, slots=True)
class Standards:
    """`even` is what held-out text costs whoever takes all tokens for equally likely, `pairs` what it costs who has
    counted in the training text which token follows which, and `entropy` what the training text itself costs them:
    no model that sees one token back can do better there."""

    even: float
    pairs: float
    entropy: float

    def table(self, name: str, bits: float) -> Table:
        """Beside the price for the model called `name`, NaN if that has not been measured."""
        rows: list[list[str | float]] = [
            ["guessing evenly, held-out text", self.even],
            ["counts of pairs, held-out text", self.pairs],
            ["counts of pairs, own text: −Σ c(ab)/N·log₂ c(ab)/c(a)", self.entropy],
            [f"this {name}, held-out text", "–" if math.isnan(bits) else bits],
        ]
        return Table("what a text costs", ["who predicts it", "bits per character"], rows)


def standards(training: Tensor, held_out: Tensor, lengths: Tensor, window: int, smoothing: float) -> Standards:
    """Of streams of ids (n,) and (m,); lengths[v] is how many characters token v stands for."""
    bigram = Bigram(len(lengths), smoothing).to(lengths.device)
    bigram.count(training[None, :-1].to(lengths.device), training[None, 1:].to(lengths.device))
    found = measure(bigram, held_out, lengths, window, MOST)
    per_character = (len(training) - 1) / int(lengths.cpu()[training[1:]].sum())
    even = math.log2(len(lengths)) * found.tokens / found.characters
    return Standards(even, found.bits_per_character, bigram.entropy() * per_character)
