"""The memory ledger of one run: predicted once, measured whenever somebody looks."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from .census import Census, census
from .fullest import UPDATE, Moments
from .ledger import Ledger, ledger
from .ledger_tables import Found
from .measured import measured
from .method import Method
from .quantise import compute_dtype
from .sizes import largest_batch, resized

if TYPE_CHECKING:
    from .scenario import QLoRA


class Bookkeeping:
    """Keeps a run's ledger. Nothing is computed before somebody asks."""

    def __init__(self, scenario: "QLoRA") -> None:
        self._scenario = scenario
        self._sizes = largest_batch(scenario.sequences, scenario.method)

    @cached_property
    def census(self) -> Census:
        """The model's numbers by what becomes of them."""
        return census(self._scenario.base, self._scenario.method, self._scenario.base.skeleton())

    @cached_property
    def ledger(self) -> Ledger:
        """What was predicted for this run's longest examples."""
        return self._predicted(self._scenario.method)

    def predict(self, method: Method) -> Mapping[str, float]:
        """The bytes of each part of the peak, if this run were done by another method."""
        return self._predicted(method).rows

    def found(self) -> Found:
        """What is measured now."""
        scenario, memory = self._scenario, self._scenario.memory
        parts = measured(scenario.model, self.census.kinds, scenario.trainables, scenario.optimizer)
        counted = scenario.tally.counted
        accounts, fullest = self.ledger.moments.accounts, self.ledger.moments.fullest
        moments = None if counted is None else Moments(accounts, counted.needs, counted.sizes, counted.weight)
        passing = moments.parts(fullest) if moments and fullest != UPDATE else ()  # of an update nothing is counted
        return Found(
            parts=parts,
            passing={part.name: part.size for part in passing},
            now=memory.held() - memory.held_before,
            peak=memory.peak or self._counted_peak(parts, moments),
            context=memory.context(),
            cached=memory.cached(),
            gpu=scenario.device.type == "cuda",
            moments=moments,
            step=counted.step if counted else 0,
        )

    def _counted_peak(self, parts: Mapping[str, float], moments: Moments | None) -> float | None:
        """Where nobody else says what the most was: the tensors that are always there, and what a step needed."""
        if moments is None:
            return None
        return sum(parts.get(part.name, 0.0) for part in self.ledger.lasting) + max(moments.seen_needs.values())

    def _predicted(self, method: Method) -> Ledger:
        scenario = self._scenario
        gpu = scenario.device.type == "cuda"
        dtype = compute_dtype(method, scenario.device)
        return ledger(scenario.base, method, dtype, resized(self._sizes, method), gpu)
