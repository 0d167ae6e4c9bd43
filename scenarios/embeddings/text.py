"""The words of a text, as what becomes vectors."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tui_lab.lab.optimizer import Optimizer
from tui_lab.lab.scenario import Array, State
from tui_lab.lab.tape import Tape
from tui_lab.lab.views import View

from .corpus import read_corpus
from .kinds import shown_words, sums_in
from .questions import Questions
from .similarity import Analogy
from .subject import Subject
from .text_remarks import TextRemarks
from .text_views import TextViews
from .trail import Trail

_USUAL_DIMENSIONS = 32
_HELD_OUT = 4096
"""Questions of the held-out text at most: drawn once, so that its losses compare."""


class Text(Subject):
    """Reads a text; asks of it what each step learns from; remembers where the vectors have been."""

    def __init__(self, settings: Mapping[str, Any], seed: int) -> None:
        """Raises BadInput for a text that cannot be learned from, and a word to look at that is none of its words."""
        self.corpus = read_corpus(Path(settings["data"]) if settings["data"] else None, settings["vocabulary"])
        self.training = Questions(self.corpus, self.corpus.training, settings, seed)
        self.held_out = self._held_out_questions(settings, seed)
        self.per_epoch = self.training.per_epoch
        self.dimensions: int = _USUAL_DIMENSIONS if settings["dimensions"] == "auto" else settings["dimensions"]
        self.shown = shown_words(self.corpus)
        self.trail = Trail((self.corpus.size, self.dimensions), self.shown)
        self.judged: Array = np.array([0.0, np.inf, np.inf])
        """The held-out loss: the step at which it was least, that loss, and the latest."""
        self.word, self.analogy = 0, Analogy(self.corpus.words[0], self.corpus)
        for name in ("word", "analogy"):
            self.change(name, settings[name])

    def initial_values(self, seed: int) -> dict[str, Array]:
        """As in the authors' program: V between ±½/d, U 0. So every dot product is 0 at first, every answer "50 %", and
        the loss (1 + k)·log 2; and V, whose gradient is made of U, does not move before U has."""
        shape = self.corpus.size, self.dimensions
        start = np.random.default_rng(seed).uniform(-0.5, 0.5, shape) / self.dimensions
        return {"V": start, "U": np.zeros(shape)}

    def draw(self, step: int) -> None:
        self.training.draw(step)

    def change(self, name: str, value: Any) -> None:
        if name == "word":
            self.word = self.corpus.id_of(value) if value.strip() else int(self.shown[0])
        elif name == "analogy":
            sums = [text for text, _ in sums_in(self.corpus)]
            usual = sums[0] if sums else self.corpus.words[int(self.shown[0])]
            self.analogy = Analogy(value if value.strip() else usual, self.corpus)
        elif name not in ("row", "column"):
            raise NotImplementedError(f"a text has no {name} to look at")

    def views(self, tape: Tape) -> Iterator[View]:
        return TextViews(self, tape).views()

    def sentences(self, tape: Tape, optimizer: Optimizer) -> Iterator[str]:
        return TextRemarks(self, tape, optimizer).sentences()

    def pass_by(self, step: int, parameters: Mapping[str, Array]) -> None:
        self.trail.pass_by(step, parameters["V"])

    def judge(self, step: int, loss: float) -> None:
        """Remember the held-out loss after `step` steps."""
        if loss < self.judged[1]:
            self.judged[:2] = step, loss
        self.judged[2] = loss

    def state(self) -> State:
        return {**self.trail.state(), "judged": self.judged.copy()}

    def restore(self, state: State) -> None:
        self.trail.restore(state)
        self.judged[:] = state["judged"]

    def _held_out_questions(self, settings: Mapping[str, Any], seed: int) -> Questions | None:
        """Those of the held-out text, with nothing left out; None if it has none that can be asked."""
        if not self.corpus.held_out.has_pairs(self.corpus.size):
            return None
        wanted = {**settings, "subsample": 0.0, "batch_size": "auto"}
        questions = Questions(self.corpus, self.corpus.held_out, wanted, seed, usual=_HELD_OUT)
        questions.draw(0)
        return questions
