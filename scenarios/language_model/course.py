"""Which model is trained in which step: one from beginning to end, or all of history, one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tui_lab.lab.errors import BadInput

COMPARED = {
    "bigram": 225,
    "ngram": 225,
    "bengio": 1000,
    "rnn": 1000,
    "lstm": 1000,
    "gru": 1000,
    "attention": 1000,
    "transformer": 1000,
}
"""How many steps each model gets when all are compared, in proportion. All networks learn from the same number of
tokens, in the same order; counting is done when the shipped text has been read once."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A model's part of a run: the steps after `first`, up to and with `last`."""

    number: int
    name: str
    first: int
    last: int

    @property
    def steps(self) -> int:
        return self.last - self.first


class Course:
    """The legs of a run. The steps that it began with decide where they end; the last goes on if there are more."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Raises BadInput for a comparison with fewer steps than models."""
        steps: int = settings["steps"]
        if settings["model"] != "compare":
            self.legs = [Leg(0, settings["model"], 0, steps)]
            return
        if steps < len(COMPARED):
            raise BadInput(f"compare trains {len(COMPARED)} models: give it at least that many steps.")
        self.legs = []
        given, first = 0.0, 0
        for number, (name, share) in enumerate(COMPARED.items()):
            given += share
            waiting = len(COMPARED) - 1 - number  # each of them needs a step, too
            last = min(max(round(steps * given / sum(COMPARED.values())), first + 1), steps - waiting)
            self.legs.append(Leg(number, name, first, last))
            first = last

    def at(self, done: int) -> Leg:
        """The leg that the step after `done` steps belongs to."""
        return next((leg for leg in self.legs if done < leg.last), self.legs[-1])
