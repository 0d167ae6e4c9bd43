"""What a person should know about a neuron right now, each in one sentence with its evidence."""

from collections.abc import Iterator

import numpy as np

from .answers import Answers
from .examples import Examples

_FLAT = 0.01
"""A slope below this lets next to nothing of a gradient through."""
_PATIENCE = 50
"""Passes after which it is said that the perceptron rule may never be done."""


class Remarks:
    """Speaks about a neuron that learns `examples` in `steps_per_epoch` steps a pass."""

    def __init__(self, examples: Examples, activation: str, steps_per_epoch: int) -> None:
        self.examples, self.activation, self.steps_per_epoch = examples, activation, steps_per_epoch

    def sentences(self, answers: Answers, steps: int, corrected: int) -> Iterator[str]:
        """All that applies to what the neuron answers after `steps` steps, of which `corrected` was the last to change
        anything."""
        wrong = int(np.sum(answers.says_one != (self.examples.labels == 1)))
        passes = steps // self.steps_per_epoch
        if not np.isfinite(answers.z).all():
            return
        if self.activation == "threshold":
            yield from self.about_rule(wrong, (steps - corrected) // self.steps_per_epoch)
        if wrong:
            yield from self.about_slopes(answers)
            yield from self.about_impossible(wrong, passes)
        yield from self.about_corners(answers)

    def about_rule(self, wrong: int, quiet: int) -> Iterator[str]:
        """What the perceptron rule does, or that it has nothing left to do."""
        if wrong:
            yield (
                "A threshold is level on both sides, its slope is 0: the squared error's gradient would be 0 for every "
                "weight. So the step follows Rosenblatt's rule, w ← w + η·(y − ŷ)·x, and not a derivative of ŷ."
            )
        elif quiet:
            yield (
                f"Converged: all {len(self.examples.labels)} examples are right and {_passes(quiet)} went by without a "
                "correction; the rule changes nothing any more."
            )

    def about_slopes(self, answers: Answers) -> Iterator[str]:
        """Whether the activation lets a gradient through anywhere."""
        count, steepest = len(answers.z), float(np.abs(answers.slopes).max())
        if self.activation == "relu" and steepest == 0:
            yield (
                f"The ReLU is dead: z ≤ 0 at all {count} examples (at most {answers.z.max():.3g}), where its slope is "
                "0. No gradient gets through, so no weight will ever change."
            )
        elif self.activation in ("sigmoid", "tanh") and steepest < _FLAT:
            yield (
                f"Saturated: the slope of {self.activation} is at most {steepest:.2g} at all {count} examples, and "
                "next to nothing of the gradient gets through. Smaller weights or inputs are nearer to z = 0."
            )

    def about_impossible(self, wrong: int, passes: int) -> Iterator[str]:
        """Whether no weights will do."""
        count, separable = len(self.examples.labels), self.examples.separable
        where = {1: "point", 2: "line"}.get(self.examples.x.shape[1], "plane")
        if separable is False and passes:
            yield (
                f"After {_passes(passes)} {wrong} of {count} are wrong, and some always will be: no {where} has the "
                f"two classes of {self.examples.title} on its two sides."
            )
        elif separable is None and self.activation == "threshold" and passes >= _PATIENCE:
            yield (
                f"After {_passes(passes)} {wrong} of {count} are wrong: if a {where} separates the classes, the rule "
                "will find one, but if none does, it never rests."
            )

    def about_corners(self, answers: Answers) -> Iterator[str]:
        """Where the gradient check cannot agree."""
        corners = int(np.sum(answers.z == 0))
        if corners and self.activation in ("threshold", "relu"):
            yield (
                f"z is exactly 0 at {corners} of {len(answers.z)} examples, where {self.activation} has its corner: a "
                "gradient check nudges to both sides of it and may differ."
            )


def _passes(count: int) -> str:
    return "1 pass" if count == 1 else f"{count} passes"
