"""How much of the machine's arithmetic a step uses.

With P frozen numbers in linear layers and N in adapters, a token costs

    forward             2·P + 2·N       a product and a sum for each number
    backward            2·P + 4·N       ∂L/∂x through both; ∂L/∂A and ∂L/∂B, but no ∂L/∂W
    together            4·P + 6·N

and besides 4·V·h where the output head (V, h) scores a place, and in each block, for a sequence of t tokens whose
queries have hq numbers, 3·2·t²·hq of attention where a token sees those before it, twice that where it sees all. Full
fine-tuning would be 6·P: dividing that by the time would overstate what is done by half. With gradient checkpointing
the machine does another forward pass, which is work but no progress.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch

from .census import Census
from .method import Method

PEAKS = {
    "B200": 2250.0,
    "H200": 989.0,
    "H100 PCIe": 756.0,
    "H100": 989.0,
    "A100": 312.0,
    "L40S": 362.0,
    "4090": 165.0,
    "A6000": 155.0,
    "L4": 121.0,
    "A10": 125.0,
    "3090": 71.0,
}
"""Dense bf16 TFLOP/s of GPUs by what their names contain, from NVIDIA's data sheets; the first that fits counts."""
_SIDE = 1024
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Work:
    """Floating-point operations of one step: those that the model needs, and all that the machine does."""

    model: float
    hardware: float


def work(counts: Census, method: Method, config: Any, lengths: Sequence[int], scored: int, causal: bool) -> Work:
    """What a step over sequences of these lengths costs, where the output head scores so many places."""
    config = config.get_text_config()
    tokens, adapters = sum(lengths), sum(counts.adapter_sizes(method))
    heads = config.num_attention_heads
    width = heads * (getattr(config, "head_dim", None) or config.hidden_size // heads)
    pairs = sum(length * length for length in lengths)
    attention = (2 if causal else 4) * pairs * width * config.num_hidden_layers
    forward = tokens * (2 * counts.quantised + 2 * adapters) + attention
    head = scored * 4 * counts.scores * config.hidden_size
    model = tokens * (4 * counts.quantised + 6 * adapters) + 3 * attention + head
    return Work(model, model + (forward if method.gradient_checkpointing else 0))


def peak_of(name: str) -> float | None:
    """A GPU's peak in FLOP/s by its name; None if it is not in the table."""
    return next((1e12 * peak for part, peak in PEAKS.items() if part in name), None)


def measured_peak(dtype: torch.dtype) -> float:
    """What this CPU does at best: the fastest of a few products of two matrices of 1024 × 1024, in FLOP/s."""
    left = torch.ones(_SIDE, _SIDE, dtype=dtype)
    times = []
    for _ in range(_TRIES):
        began = perf_counter()
        left @ left
        times.append(perf_counter() - began)
    return 2 * _SIDE**3 / min(times)
