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
        gpu = scenario.device.type == "cuda"
        parts = measured(scenario.model, self.census.kinds, scenario.trainables, scenario.optimizer)
        moments = self._moments()
        fullest = self.ledger.moments.fullest
        passing = moments.parts(fullest) if moments and fullest != UPDATE else ()  # of an update nothing is counted
        return Found(
            parts,
            {part.name: part.size for part in passing},
            memory.held() - memory.held_before,
            memory.peak or self._counted_peak(parts, moments),
            memory.context(),
            memory.cached(),
            gpu,
            moments,
            self._when(),
        )

    def _moments(self) -> Moments | None:
        """What the largest micro-batch so far has needed, by counting."""
        counted = self._scenario.tally.counted
        if counted is None:
            return None
        accounts = self.ledger.moments.accounts
        return Moments(accounts, counted.needs, counted.sizes, counted.weight)

    def _counted_peak(self, parts: Mapping[str, float], moments: Moments | None) -> float | None:
        """Where nobody else says what the most was: the tensors that are always there, and what a step needed."""
        if moments is None:
            return None
        return sum(parts.get(part.name, 0.0) for part in self.ledger.lasting) + max(moments.seen_needs.values())

    def _when(self) -> str:
        counted = self._scenario.tally.counted
        if counted is None:
            return ""
        return f"step {counted.step}: {counted.sizes.batch} × {counted.sizes.length} tokens"

    def _predicted(self, method: Method) -> Ledger:
        scenario = self._scenario
        gpu = scenario.device.type == "cuda"
        dtype = compute_dtype(method, scenario.device)
        return ledger(scenario.base, method, dtype, resized(self._sizes, method), gpu)
