"""Watches over a fine-tune: gathers the numbers that the rules look at, and stops a step that would spoil the adapter.

A step pays a few comparisons for it. What costs more is measured with an evaluation, or when somebody looks.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from bitsandbytes.nn.modules import Linear4bit
from numpy.typing import NDArray

from tui_lab.lab.errors import BadInput, Halt
from tui_lab.lab.scenario import Moment

from ..tokenise import Tokenised
from .cut_gradients import count_packed, gradients_differ, packed
from .finding import Finding, Weight
from .identity import identity
from .memory import Cut, Predict, cuts, memory_findings, out_of_memory
from .mismatch import as_array, as_text, demand_same, loss_differs
from .non_finite import find_blame, non_finite
from .nothing_to_learn import examples_masked
from .out_of_memory import telling
from .ratios import change_ratios, frozen_norms
from .trace import Trace
from .usage import usage_of
from .witness import Witness

if TYPE_CHECKING:
    from ..scenario import QLoRA

_GPU_TOLERANCE = 1e-3
"""Kernels of a GPU may add up in another order each time."""


class Health:
    """One for each scenario, made when the scenario is built."""

    def __init__(self, scenario: "QLoRA") -> None:
        """Raises BadInput where there is nothing at all to learn."""
        self.scenario = scenario
        self.trace = Trace(scenario.steps_per_epoch)
        self.witness = Witness(scenario)
        self.identity = identity(scenario)
        self.frozen_norms = frozen_norms(scenario.layers)
        self.frozen = [module for module in scenario.model.modules() if isinstance(module, Linear4bit)]
        self.broken: tuple[int, Finding] | None = None
        """The finding that stopped the step after so many steps."""
        self.resumed: Finding | None = None
        self.sampled: Finding | None = None
        self._said = [self.witness.loss(), -1.0, math.nan, math.nan]
        """The witness's loss before the adapters have learned anything; the step of the latest evaluation, and its loss
        and the adapters' effect then."""
        self._heard = set[float]()
        """All its losses at evaluations here."""
        self.predict: Predict | None = None
        """The memory ledger."""
        self._sampling_checked = False
        self._places = 0
        """Tokens, padding among them, in the largest micro-batch so far."""
        self._worst = max(map(_length, scenario.sequences)) * scenario.method.batch_size
        self.masked = examples_masked([each for sequence in scenario.sequences for each in sequence], self._max_length)
        if self.masked is not None and self.masked.weight == Weight.STOP:
            raise BadInput(self.masked.sentence)

    def over(self, moments: Iterator[Moment]) -> Iterator[Moment]:
        """The moments of a step, with an eye on them. Raises Halt where the step cannot be finished."""
        destroyed = count_packed(self.frozen)
        if destroyed:
            raise Halt(packed(destroyed, len(self.frozen)).sentence)
        if self.sampled is not None and self._device == "cpu":  # there it is sure: a GPU's kernels differ by themselves
            raise Halt(self.sampled.sentence)
        with self.within_memory():
            yield from moments
        self._note_step()

    def within_memory(self) -> AbstractContextManager[None]:
        """Around what may fill the memory. Raises Halt, which says what to cut, if it does."""
        return telling(lambda message: Halt(self._ran_out(message).sentence))

    def _note_step(self) -> None:
        scenario = self.scenario
        self._places = max([self._places, *(batch.input_ids.numel() for batch in scenario.micro_batches)])
        if scenario.finite:
            self.trace.add(scenario.done, scenario.metrics["loss"], scenario.gradient_norm)
        else:
            self.broken = scenario.done, self._why_not_finite()

    def _why_not_finite(self) -> Finding:
        scenario = self.scenario
        place = next((i for i, loss in enumerate(scenario.losses) if not np.isfinite(loss)), 0)

        def forward() -> None:
            if scenario.micro_batches:
                torch.manual_seed(scenario.dropout_seed(place))
                scenario.forward(scenario.micro_batches[place])

        blame = find_blame(scenario.model, scenario.trainables.tensors.items(), forward)
        return non_finite(
            scenario.losses,
            scenario.gradient_norm,
            blame,
            scenario.layers[0].scaling,
            str(scenario.dtype).removeprefix("torch."),
            scenario.rate,
        )

    def _ran_out(self, message: str) -> Finding:
        rows = self.predict(self.scenario.method) if self.predict else {}
        return out_of_memory(message, rows, self.cuts)

    @cached_property
    def cuts(self) -> list[Cut]:
        """What could be set to need less memory. Asking the ledger takes some seconds."""
        return cuts(self.scenario.method, self.predict) if self.predict else []

    def memory_findings(self) -> list[Finding]:
        """How much room there is for what may come (failure 7)."""
        usage = usage_of(self.scenario.device, self.scenario.memory.peak, self._places, self._worst)
        return memory_findings(usage, lambda: self.cuts)

    def evaluated(self) -> None:
        """To be told after each evaluation."""
        scenario = self.scenario
        self.trace.evaluated(scenario.done, scenario.evaluation.loss)
        ratios = change_ratios(scenario.layers, self.frozen_norms)
        if ratios.size:
            largest = int(np.nan_to_num(ratios).argmax())
            self.trace.changed(scenario.done, largest, float(ratios[largest]))
        loss, effect = self.witness.ask()
        self._said[1:] = scenario.done, loss, effect
        self._heard.add(loss)

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Around the first time that the model answers a prompt: its gradients must be the same before and after."""
        if self._sampling_checked:
            yield
            return
        self._sampling_checked = True
        before = self.witness.gradients()
        yield
        after = self.witness.gradients()
        size = float(before.norm())
        difference = float((after - before).norm()) / size if size else float(after.norm())
        if math.isfinite(difference):  # if not, the first step says why
            self.sampled = gradients_differ(difference, 0.0 if self._device == "cpu" else _GPU_TOLERANCE)

    def state(self) -> dict[str, NDArray[Any]]:
        """What lies in a run's state: the trace, whose state it is, and what the witness said."""
        return {**self.trace.state(), "identity": as_array(self.identity), "witness": np.array(self._said)}

    def demand_own(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Before anything is restored. Raises BadInput for a state of another model, adapter or data."""
        demand_same(as_text(state["identity"]), self.identity)

    def restored(self, state: Mapping[str, NDArray[Any]]) -> None:
        """After everything is restored. Whoever made the state had a witness with this base model; and if it was made
        right after an evaluation, what the witness said then must be heard again."""
        self.trace.restore(state)
        before, step, then, effect = state["witness"].tolist()
        if self.resumed is None and math.isfinite(before):
            self.resumed = loss_differs(before, self._said[0], self._device)
        unheard = step == self.scenario.done and math.isfinite(then) and then not in self._heard
        if self.resumed is None and unheard:
            self.resumed = loss_differs(then, self.witness.loss(), self._device)
        self._said[1:] = step, then, effect

    @property
    def effect(self) -> float:
        """How much the adapters changed what the model says at the latest evaluation; NaN before the first."""
        return self._said[3]

    @property
    def _device(self) -> str:
        return self.scenario.device.type

    @property
    def _max_length(self) -> int:
        return self.scenario.tokeniser.max_length


def _length(sequence: Sequence[Tokenised]) -> int:
    return sum(len(example.ids) for example in sequence)
