"""The models of a run beside each other: how well each predicts, what that cost, and what each writes."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch

from tui_lab.lab.views import Curves, Line, Passage, Table, View
from tui_lab.lab.views import Tokens as TokensView

from .models import YEARS
from .record import Record
from .sampling import Rules, distribution, draw, uniforms
from .spelling import names

if TYPE_CHECKING:
    from .shown import ShownModel

_RULES = Rules(temperature=0.8, top_k=0, top_p=1.0)
_CHARACTERS = 160
"""About so many of them are written by a model that is done."""
EXPECTED = ("bigram", "bengio", "rnn", "lstm", "transformer")
"""Each of these is to predict better than the one before it, as history has it; the transformer at least as well."""


class Comparison:
    """Speaks only where a run has several models."""

    def __init__(self, scenario: "ShownModel") -> None:
        self.scenario = scenario

    @property
    def wanted(self) -> bool:
        """Whether there is something to compare."""
        return len(self.scenario.course.legs) > 1

    def views(self) -> Iterator[View]:
        """The table, and the curves over steps and over seconds."""
        if self.wanted:
            yield self.table()
            yield self.curves("seconds of training", 1)
            yield self.curves("steps", 0)

    def table(self) -> Table:
        """A row for each model, also for those whose turn is yet to come."""
        course, records = self.scenario.course, self.scenario.records
        rows: list[list[str | float]] = []
        for leg in course.legs:
            record = records[leg.number] if leg.number < len(records) else Record(leg.name, 0)
            rows.append(_row(record, leg.steps))
        leg = self.scenario.leg
        done = self.scenario.done - leg.first
        title = f"{leg.number + 1} of {len(course.legs)}: {leg.name}, step {done} of {leg.steps}"
        columns = ["model", "year", "parameters", "steps", "of", "steps/s", "seconds", "bits/character"]
        return Table(title, columns, rows)

    def curves(self, label: str, column: int) -> Curves:
        """Held-out bits per character of every model over each other; from no knowledge at all, log₂ V bits a token."""
        lines = [
            Line(record.name, record.curve()[column], record.curve()[2])
            for record in self.scenario.records
            if record.points
        ]
        return Curves("held-out bits per character", label, "bits per character", lines, log_x=True)

    def samples(self) -> Iterator[TokensView]:
        """What each has written when it was done; nothing as long as none is."""
        passages = [
            Passage(
                f"{record.name}, {record.bits_per_character:.2f} bits per character",
                names(self.scenario.tokens, record.sample),
                np.zeros(len(record.sample), np.intp),
                np.full(len(record.sample), np.nan),
            )
            for record in self.scenario.records
            if record.sample
        ]
        if passages:
            yield TokensView(f"what each writes at temperature {_RULES.temperature:g}", passages, [])

    def written(self) -> list[int]:
        """What the present model writes from the beginning of a text, about as many characters of each."""
        scenario = self.scenario
        per_token = float(scenario.lengths[scenario.training].double().mean())
        seen = min(scenario.window, scenario.model.context)
        ids = [scenario.tokens.end]
        for chance in uniforms(scenario.seed, max(round(_CHARACTERS / per_token), 1)):
            latest = torch.tensor([ids[-seen:]], device=scenario.device)
            logs = scenario.model.log_probabilities(latest)[0, -1].double().cpu().numpy()
            ids.append(draw(distribution(logs, _RULES), chance))
        return ids[1:]

    def sentences(self) -> Iterator[str]:
        """Where the order is not that of history, with the numbers."""
        done = {record.name: record for record in self.scenario.records if record.sample}
        there = [done[name] for name in EXPECTED if name in done]
        for before, after in pairwise(there):
            if after.bits_per_character > before.bits_per_character:
                yield _surprise(before, after)


def _row(record: Record, steps: int) -> list[str | float]:
    begun = record.steps > 0
    return [
        record.name,
        str(YEARS[record.name]),
        float(record.parameters) if begun else "–",
        float(record.steps) if begun else "–",
        float(steps),
        record.steps_per_second if begun else "–",
        record.seconds if begun else "–",
        record.bits_per_character if record.points else "–",
    ]


def _surprise(before: Record, after: Record) -> str:
    return (
        f"Against the order of history {after.name} needs {after.bits_per_character:.3f} bits per character and "
        f"{before.name} only {before.bits_per_character:.3f}: it read {after.tokens:,} tokens in {after.seconds:.0f} "
        f"seconds of training, {before.name} {before.tokens:,} in {before.seconds:.0f}. {_course(after)}"
    )


def _course(record: Record) -> str:
    """Whether a model was still learning at its end."""
    if len(record.points) < 2:
        return f"It has {record.parameters:,} parameters, and was measured once only."
    (since, _, earlier), (_, _, latest) = record.points[-2:]
    way = f"{earlier - latest:.3f} bits less" if latest < earlier else f"{latest - earlier:.3f} bits more"
    return f"It has {record.parameters:,} parameters, and from its step {since:.0f} to the last it came to need {way}."
