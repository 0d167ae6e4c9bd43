"""The memory ledger of one run: predicted once, measured whenever somebody looks."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from .census import Census, census
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
        return Found(
            measured(scenario.model, self.census.kinds, scenario.trainables, scenario.optimizer),
            memory.held() - memory.held_before,
            memory.peak or None,
            memory.context(),
            "torch" if gpu else "the system",
        )

    def _predicted(self, method: Method) -> Ledger:
        scenario = self._scenario
        gpu = scenario.device.type == "cuda"
        dtype = compute_dtype(method, scenario.device)
        return ledger(scenario.base, method, dtype, resized(self._sizes, method), gpu)
