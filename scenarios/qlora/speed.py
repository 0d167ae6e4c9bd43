"""How fast a run computes, and how much of the machine's arithmetic that uses."""

from functools import cached_property
from typing import TYPE_CHECKING

import torch

from tui_lab.lab.views import Table

from .flops import Work, measured_peak, peak_of, work
from .words import dtype_name, rounded

if TYPE_CHECKING:
    from .scenario import QLoRA

Row = list[str | float]


class Speed:
    """Measures a scenario's latest step."""

    def __init__(self, scenario: "QLoRA") -> None:
        self._scenario = scenario

    @cached_property
    def peak(self) -> float | None:
        """What the machine does at best in FLOP/s: of a GPU by its name, of a CPU measured. None if nobody knows."""
        device, dtype = self._scenario.device, self._scenario.dtype
        if device.type != "cuda":
            return measured_peak(dtype)
        return peak_of(torch.cuda.get_device_name(device)) if dtype.itemsize == 2 else None

    def work(self) -> Work:
        """What the latest step's batches cost, without their padding."""
        scenario = self._scenario
        examples = [each for batch in scenario.micro_batches for sequence in batch.examples for each in sequence]
        causal = scenario.base.kind == "causal"
        scored = sum(each.learned for each in examples)
        lengths = [len(each.ids) for each in examples]
        return work(scenario.bookkeeping.census, scenario.method, scenario.base.config, lengths, scored, causal)

    def table(self) -> Table:
        """Tokens, operations and their shares of the peak."""
        scenario, done = self._scenario, self.work()
        speed = scenario.metrics["tokens_per_second"]
        tokens = sum(batch.tokens for batch in scenario.micro_batches)
        rate = speed / scenario.step_tokens  # steps in a second; with several processes each has a part of their tokens
        rows: list[Row] = [
            ["tokens in a second", rounded(speed, 4), "without padding"],
            ["GFLOP for a token", rounded(done.model / tokens / 1e9), "4·P + 6·N, attention, 4·V·h for scores"],
            ["GFLOP in a second", rounded(done.model * rate / 1e9), "what the model needs"],
        ]
        if scenario.method.gradient_checkpointing:
            rows.append(
                ["with recomputing", rounded(done.hardware * rate / 1e9), "one more forward pass of the blocks"]
            )
        rows += self._shares(done, rate)
        return Table("speed of the latest step", ["", "", "how it is counted"], rows)

    def _shares(self, done: Work, rate: float) -> list[Row]:
        if self.peak is None:
            return [["peak", "", "not known for this GPU and dtype"]]
        name = dtype_name(self._scenario.dtype)
        gpu = self._scenario.device.type == "cuda"
        source = f"{name}, from the data sheet" if gpu else f"{name}, the best of three products of 1024 × 1024"
        rows: list[Row] = [
            ["peak, GFLOP/s", rounded(self.peak / 1e9), source],
            ["utilisation, %", rounded(100 * done.model * rate / self.peak), "what the model needs / peak"],
        ]
        if self._scenario.method.gradient_checkpointing:
            rows.append(
                ["of the hardware, %", rounded(100 * done.hardware * rate / self.peak), "with recomputing / peak"]
            )
        return rows
