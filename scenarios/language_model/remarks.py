"""What a person should know about a language model right now, each in one sentence with its evidence."""

from collections.abc import Iterator

import numpy as np

from tui_lab.lab.csv_table import printable

from .measure import MOST, measure
from .observer import Observer
from .subject import Subject

_SINCE = 3
"""Measurements that must have come after the best one for overfitting to be spoken of."""
_RISEN = 1.01
"""How much the held-out text must have become dearer by then."""
_LEARNED = 0.9
"""What part of the held-out text's price the training text must cost at most: else both rose."""
_NAMED = 6
"""Unknown characters that are named."""


class Remarks:
    """Speaks about a model and its text."""

    def __init__(self, subject: Subject, observer: Observer) -> None:
        self.subject, self.observer = subject, observer

    def sentences(self) -> Iterator[str]:
        """All that applies, the most urgent first."""
        yield from self.about_answers()
        yield from self.about_unknown("prompt")
        yield from self.about_unknown("sentence")
        yield from self.about_overfitting()
        yield from self.about_clipping()
        yield from self.about_price()
        yield from self.about_reach()

    def about_answers(self) -> Iterator[str]:
        """Whether the model still answers with numbers."""
        if not np.isfinite(self.observer.sample().following.max()):
            yield "The model's answers are not numbers any more, so it can write nothing: lower the learning rate."

    def about_unknown(self, name: str) -> Iterator[str]:
        """Which characters of a look the model has no token for."""
        unknown = self.subject.tokens.unknown(self.subject.looks[name])
        if unknown:
            listed = ", ".join(f"'{printable(character)}' (U+{ord(character):04X})" for character in unknown[:_NAMED])
            count = f"{len(unknown)} character" + "s" * (len(unknown) > 1)
            yield (
                f"The {name} has {count} that the model has no token for, {listed}{', …' * (len(unknown) > _NAMED)}: "
                "it sees its token for the unknown instead."
            )

    def about_overfitting(self) -> Iterator[str]:
        """Whether the held-out text becomes dearer while the training text is learned by heart."""
        points = self.subject.records[-1].points
        bits = [point[2] for point in points]
        best = int(np.argmin(bits)) if bits else 0
        if len(bits) - 1 - best < _SINCE or not bits[-1] > _RISEN * bits[best]:
            return
        training = self._training_bits()
        if training < _LEARNED * bits[-1]:
            yield (
                f"Overfitting: held-out text cost {bits[best]:.3f} bits per character at step {points[best][0]:.0f} "
                f"and costs {bits[-1]:.3f} now, the text that it learns from only {training:.3f}."
            )

    def about_clipping(self) -> Iterator[str]:
        """Whether the latest gradient was shortened."""
        limit, norm = self.subject.settings["max_grad_norm"], self.subject.metrics.get("grad_norm", 0.0)
        if limit != "off" and norm > limit:
            yield f"The gradient of this step had the norm {norm:.3g} and was shortened to {limit:g} (max_grad_norm)."

    def about_price(self) -> Iterator[str]:
        """What the held-out text costs, beside what it costs who knows less."""
        bits = self.subject.records[-1].bits_per_character
        if not np.isfinite(bits):
            return
        than = self.observer.standards
        yield (
            f"Held-out text costs {bits:.3f} bits per character; guessing evenly among {self.subject.tokens.size} "
            f"tokens {than.even:.3f}, counts of pairs {than.pairs:.3f}."
        )

    def about_reach(self) -> Iterator[str]:
        """How much of a gradient is left some tokens back."""
        reach = self.observer.reach()
        if reach is None or not np.isfinite(reach.left(reach.far)):
            return
        left, far = reach.left(reach.far), reach.far
        said = f"{left:.2%}" if left >= 1e-4 else f"{left:.1g}"
        if left == 0:
            yield f"Nothing of the gradient is left {far} tokens back: the model sees {self.subject.model.context}."
        else:
            yield f"After {far} tokens back {said} of the gradient is left, × {reach.rate:.3g} per token."

    def _training_bits(self) -> float:
        """What a part of the training text costs the model as it is."""
        subject = self.subject
        what = subject.model, subject.training, subject.lengths, subject.window
        return self.observer.latest("training bits", (), lambda: measure(*what, MOST // 4).bits_per_character, 60.0)
