"""The fullest moment of a step: which it is, and what is in memory then besides what always is."""

from collections.abc import Iterator
from dataclasses import dataclass

from .accounts import Accounts, Part
from .needs import Needs, Sizes
from .words import bytes_of, counted

FORWARD, LOSS, LAST, FIRST, UPDATE = (
    "at the end of the forward pass",
    "at the loss",
    "in the last block's backward pass",
    "in the first block's backward pass",
    "in the update",
)


@dataclass(frozen=True)
class Moments:
    """The moments of a step at which memory may be fullest."""

    accounts: Accounts
    seen: Needs
    """What a micro-batch needs in its moments, rehearsed or counted."""
    sizes: Sizes
    weight: int | None = None
    """Bytes of the largest weight that was dequantised, if that was seen."""

    @property
    def needs(self) -> dict[str, float]:
        """What each moment needs, besides what is there all the time."""
        return {**self.seen_needs, UPDATE: self._update()}

    @property
    def seen_needs(self) -> dict[str, float]:
        """The same of all moments but the update, which follows from the numbers that are trained."""
        seen = self.seen
        return {FORWARD: seen.forward, LOSS: seen.loss, LAST: seen.last, FIRST: seen.first}

    @property
    def fullest(self) -> str:
        """The moment that needs most."""
        needs = self.needs
        return max(needs, key=needs.__getitem__)

    def parts(self, moment: str) -> Iterator[Part]:
        """What is there at a moment, told apart into what has a name."""
        left = float(self.needs[moment])
        for part in self._named(moment):
            size = min(part.size, left)
            if size > 0:
                yield Part(part.name, part.formula, size, part.why)
                left -= size
        if left > 0:
            yield self._rest(moment, left)

    def gradients(self) -> Part:
        """Of everything that is trained. Where batches are accumulated they are there all the time."""
        number = sum(self.accounts.sizes())
        return Part("gradients", f"{counted(number)} × 4 B", number * 4, "∂L/∂A and ∂L/∂B, from backward to the update")

    def _named(self, moment: str) -> Iterator[Part]:
        accounts, sizes = self.accounts, self.sizes
        if moment != UPDATE:
            what = "each block's input" if accounts.method.gradient_checkpointing else "what layers need for gradients"
            formula = f"{sizes} × {bytes_of(self.seen.kept / sizes.tokens)}"
            kept = 0 if moment == FIRST else self.seen.kept
            yield Part("activations", formula, kept, f"{what}, until the backward pass comes to it")
        if moment in (FIRST, UPDATE) and accounts.method.accumulation == 1:
            yield self.gradients()
        if moment in (FORWARD, LAST, FIRST) and accounts.method.bits:
            yield self._weight()

    def _weight(self) -> Part:
        rows, columns = max(self.accounts.counts.linear.values(), key=lambda shape: shape[0] * shape[1])
        width = self.accounts.dtype.itemsize
        formula = f"{counted(rows)} × {counted(columns)} × {width} B"
        size = rows * columns * width if self.weight is None else self.weight
        return Part("one weight in full", formula, size, "W is dequantised to be multiplied by")

    def _rest(self, moment: str, size: float) -> Part:
        sizes, scored = self.sizes, self.sizes.learned * self.sizes.batch
        if moment == LOSS:
            number = self.accounts.counts.scores
            formula = f"{sizes.batch} × {sizes.learned} × {counted(number)} scores × {size / scored / number:.3g} B"
            return Part("scores and loss", formula, size, "scores, their logarithms, the loss's gradient, in 32 bits")
        if moment == UPDATE:
            return Part("update", "as much again", size, "AdamW's roots, for all numbers at once")
        again = self.accounts.method.gradient_checkpointing
        formula = f"{sizes} × {bytes_of(size / sizes.tokens)}"
        if moment == FORWARD:
            return Part("one block at work", formula, size, "its values, and what autocast has cast to 16 bits so far")
        name = "one block, computed again" if again else "one block at work"
        return Part(name, formula, size, "its values, and the gradients that flow through it")

    def _update(self) -> float:
        number = sum(self.accounts.sizes()) * 4
        gradients = 0 if self.accounts.method.accumulation > 1 else number
        roots = number if self.accounts.method.optimizer == "adamw" and self.accounts.gpu else 0
        return gradients + roots
