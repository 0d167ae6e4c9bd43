"""What a person should know about word vectors right now, each in one sentence with its evidence."""

import math
from collections.abc import Iterator

import numpy as np

from tui_lab.lab.optimizer import Optimizer
from tui_lab.lab.tape import Tape

from .kinds import kinds_in, pairs_of, sums_in
from .rotation import rotation
from .similarity import Analogy, Space
from .text_views import Reader

_WORSE = 1.01
"""A loss of so many times that of one who knows nothing is divergence."""
_RARE = 20
"""Occurrences below which little is known of a word."""
_RISEN = 1.01
"""How much the held-out loss must have risen above its least to be called overfitting."""


class TextRemarks:
    """Speaks about the vectors where the parameters of the latest step's tape stand."""

    def __init__(self, text: Reader, tape: Tape, optimizer: Optimizer) -> None:
        self.text, self.tape, self.optimizer = text, tape, optimizer
        self.values = {name: tape.parameters.part(name, tape.parameters.values) for name in ("V", "U")}
        self.vectors = self.values["V"]
        self.space = Space(self.vectors)

    def sentences(self) -> Iterator[str]:
        """All that applies, the most urgent first."""
        if not self.optimizer.steps:
            yield self.about_ignorance()
            return
        if not float(self.tape.objective.value) <= _WORSE * self.ignorant:
            yield self.about_divergence()
            return
        yield from self.about_kinds()
        yield from self.about_sums()
        yield from self.about_overfitting()
        yield from self.about_rare()
        yield self.about_entries()

    @property
    def ignorant(self) -> float:
        """The loss of answering "50 %" to everything."""
        return float(self.text.training.asked.shape[1] * math.log(2))

    def about_ignorance(self) -> str:
        """Where it begins."""
        asked = self.text.training.asked.shape[1]
        return (
            f"U is 0, so every answer is 50 % and the loss of the first step will be {asked}·log 2 = "
            f"{self.ignorant:.4f}."
        )

    def about_divergence(self) -> str:
        """That it answers worse than one who knows nothing."""
        return (
            f"The loss is {float(self.tape.objective.value):.3g}, and answering 50 % to everything would cost "
            f"{self.ignorant:.3g}: the learning rate {self.optimizer.learning_rate:g} overshoots."
        )

    def about_kinds(self) -> Iterator[str]:
        """Whether words of a kind have come together."""
        kinds, before = kinds_in(self.text.corpus), self.text.trail.before_training
        if not kinds or before is None:
            return
        same, other = pairs_of(kinds)
        now, then = (space.of_pairs(same) for space in (self.space, Space(before)))
        between = self.space.of_pairs(other)
        yield (
            f"Of {len(same)} pairs of words of one kind (days, numbers, …) {int((now > then).sum())} are nearer than "
            f"before training: mean cosine {then.mean():.2f} then and {now.mean():.2f} now, {between.mean():.2f} "
            "between kinds."
        )

    def about_sums(self) -> Iterator[str]:
        """How many sums of words come out as hoped for."""
        corpus, before = self.text.corpus, self.text.trail.before_training
        sums = [(Analogy(text, corpus), corpus.id_of(wanted)) for text, wanted in sums_in(corpus)]
        if not sums or before is None:
            return
        now, then = (
            sum(analogy.answers(space, 1) == [wanted] for analogy, wanted in sums)
            for space in (self.space, Space(before))
        )
        yield f"Of {len(sums)} sums of words {now} come out as hoped for; before training {then} did."

    def about_overfitting(self) -> Iterator[str]:
        """Whether the answers about held-out text have become worse again."""
        step, least, latest = self.text.judged.tolist()
        if latest > _RISEN * least:
            yield (
                f"Overfitting: the held-out loss was least at step {step:.0f}, {least:.4g}, and is {latest:.4g} now: "
                "what is learned since then holds for this text only."
            )

    def about_rare(self) -> Iterator[str]:
        """Whether the chosen word occurs too seldom."""
        word, corpus = self.text.word, self.text.corpus
        count = int(corpus.counts[word])
        if count < _RARE:
            yield (
                f"'{corpus.words[word]}' occurs {count} times in {len(corpus.training.ids):,} words of text: what "
                "comes near it is a guess."
            )

    def about_entries(self) -> str:
        """That single entries mean nothing: measured by turning all vectors."""
        word, outer = self.text.word, self.values["U"]
        turn = rotation(self.vectors.shape[1])
        turned = self.vectors @ turn
        here, there = (space.cosines(space.units[word]) for space in (self.space, Space(turned)))
        moved = float(np.abs(there - here).max())
        agreed = float(np.abs(turned[word] @ (outer @ turn).T - self.vectors[word] @ outer.T).max())
        return (
            f"Single entries mean nothing: one rotation of all vectors takes the first entry of "
            f"'{self.text.corpus.words[word]}' from {self.vectors[word, 0]:.3g} to {turned[word, 0]:.3g}, but changes "
            f"no cosine by more than {moved:.0e}, nor, with U turned, too, a score v·u by more than {agreed:.0e}."
        )
