"""What a run really takes in memory: counted in its tensors, asked of torch and of the system."""

from collections.abc import Iterator, Mapping
from typing import Any

import psutil
import torch
from bitsandbytes.nn.modules import Linear4bit, Linear8bitLt
from torch import nn

from tui_lab.lab.scenario import Moment
from tui_lab.torch_lab.parameters import TensorParameter, Trainables

from .accounts import PAGES
from .nf4 import BOOKS, four_bit_parts
from .words import dtype_name


class Memory:
    """What the process had before the run, and the most that torch had in a step. Made before anything is loaded."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.held_before = self.held()
        self.peak = 0.0
        """The most that tensors took in any step so far, without evaluations; 0 on a CPU, where nobody counts."""

    def held(self) -> float:
        """Bytes that the process holds now: of the GPU's memory in tensors, or of the machine's in all."""
        if self.device.type == "cuda":
            return float(torch.cuda.memory_allocated(self.device))
        return float(psutil.Process().memory_info().rss)

    def over(self, moments: Iterator[Moment]) -> Iterator[Moment]:
        """The moments of a step, whose peak is noted."""
        if self.device.type != "cuda":
            yield from moments
            return
        torch.cuda.reset_peak_memory_stats(self.device)
        for moment in moments:
            self._note_peak()
            yield moment
            torch.cuda.reset_peak_memory_stats(self.device)  # what was done meanwhile, pictures say, is none of it
        self._note_peak()

    def _note_peak(self) -> None:
        self.peak = max(self.peak, float(torch.cuda.max_memory_allocated(self.device)))

    def cached(self) -> float | None:
        """What torch has reserved of the GPU's memory beyond the most that a step's tensors took."""
        if self.device.type != "cuda" or not self.peak:
            return None
        return float(torch.cuda.memory_reserved(self.device)) - self.peak

    def context(self) -> float | None:
        """What the GPU has given away besides what torch has reserved: CUDA's context, and other processes' memory."""
        if self.device.type != "cuda":
            return None
        free, total = torch.cuda.mem_get_info(self.device)
        return float(total - free - torch.cuda.memory_reserved(self.device))


def measured(
    model: nn.Module, kinds: Mapping[str, str], trainables: Trainables, optimizer: torch.optim.Optimizer
) -> dict[str, float]:
    """The bytes of each part of the ledger that lies in tensors between two steps, by its name there. `kinds` says by
    name what the parameters are that are not quantised, as a census does."""
    found: dict[str, float] = {}
    for part, tensor in lasting(model, kinds, trainables, optimizer):
        found[part] = found.get(part, 0.0) + tensor.nbytes
    return found


Tensors = Iterator[tuple[str, torch.Tensor]]
"""Tensors, each with the name of its part."""


def lasting(
    model: nn.Module, kinds: Mapping[str, str], trainables: Trainables, optimizer: torch.optim.Optimizer
) -> Tensors:
    """All tensors that are there between two steps."""
    yield from _frozen(model, kinds, trainables)
    yield from _trained(trainables)
    yield from _averages(optimizer)


def _frozen(model: nn.Module, kinds: Mapping[str, str], trainables: Trainables) -> Tensors:
    quantised = {id(layer.weight): layer for layer in model.modules() if isinstance(layer, Linear4bit | Linear8bitLt)}
    trained = {id(tensor) for tensor in trainables.tensors.values()}
    for name, parameter in model.named_parameters():
        if id(parameter) in quantised:
            yield from _quantised(quantised[id(parameter)])
        elif "original_module" in name:
            yield "head as it was", parameter
        elif id(parameter) not in trained:
            plain = name.removeprefix("base_model.model.").replace(".base_layer", "")
            kind = kinds.get(plain)
            yield f"{kind}, {dtype_name(parameter.dtype)}" if kind else "frozen weights", parameter


def _quantised(layer: Any) -> Tensors:
    if isinstance(layer, Linear4bit):
        parts = four_bit_parts(layer)
        for name, tensor in parts.items():
            yield "code books" if name in BOOKS else name, tensor
        return
    codes, constants = (getattr(layer.weight, name, None) for name in ("CB", "SCB"))
    yield "8-bit codes", layer.state.CB if codes is None else codes
    yield "constants", layer.state.SCB if constants is None else constants


def _trained(trainables: Trainables) -> Tensors:
    for parameter in trainables.described():
        if isinstance(parameter, TensorParameter):
            yield ("adapters" if parameter.name.endswith((".A", ".B", ".m")) else "new head"), parameter.tensor
            if parameter.before is not None:
                yield "copy of them", parameter.before
            if parameter.tensor.grad is not None:
                yield "gradients", parameter.tensor.grad


def _averages(optimizer: torch.optim.Optimizer) -> Tensors:
    seen = set[int]()
    for state in optimizer.state.values():
        for value in state.values():
            if isinstance(value, torch.Tensor) and value.data_ptr() not in seen:  # 8-bit code books are shared
                seen.add(value.data_ptr())
                yield PAGES if getattr(value, "is_paged", False) else "optimizer", value
