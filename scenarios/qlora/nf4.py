"""What 4 bits lose: which of the sixteen values the codes use, how many bits a weight takes, and how far off it is.

Dettmers et al. 2023, section 3: normally distributed weights are best rounded to sixteen values that are equally
likely. A block of 64 weights shares a constant, its largest size, and a weight is its code's value times that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from bitsandbytes.functional import get_4bit_type, quantize_4bit
from torch import nn

from tui_lab.lab.scenario import Array

from .adapted import AdaptedLayer
from .merging import frozen_weight
from .originals import Originals
from .survival import error, in_4bit

BLOCK = 64
BOOKS = ("code book", "their code book", "mean")
"""What a 4-bit layer keeps however many weights it has."""
_GAUSSIAN = 2**20
"""Normally distributed numbers that are counted to compare with."""


def code_book(kind: str) -> Array:
    """The sixteen values in -1..1 that a 4-bit code may mean, `nf4` or `fp4`, in the order of the codes."""
    values: Array = get_4bit_type(kind, device="cpu").double().numpy()
    return values


def code_counts(packed: torch.Tensor) -> Array:
    """How often each code (16,) is used in bytes of two codes each."""
    pairs: Array = torch.bincount(packed.flatten(), minlength=256).double().cpu().numpy()
    grid = pairs.reshape(16, 16)
    return np.asarray(grid.sum(0) + grid.sum(1))


@cache
def gaussian_counts(kind: str) -> tuple[float, ...]:
    """How often each code is used on average for normally distributed weights, as shares (16,)."""
    numbers = torch.randn(_GAUSSIAN, generator=torch.Generator().manual_seed(0))
    counts = code_counts(quantize_4bit(numbers, blocksize=BLOCK, quant_type=kind)[0])
    return tuple(counts / counts.sum())


def entropy(counts: Array) -> float:
    """Bits that a code tells on average: 4 if all sixteen were equally frequent."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def bits_per_weight(layers: Iterable[AdaptedLayer]) -> float:
    """Bits in memory for each weight of the 4-bit layers: codes, constants of both levels and code books."""
    stored = weights = 0
    for layer in layers:
        stored += sum(part.nbytes for part in four_bit_parts(layer.base).values())
        weights += layer.weight_shape[0] * layer.weight_shape[1]
    return 8 * stored / weights


def four_bit_parts(layer: nn.Module) -> dict[str, torch.Tensor]:
    """The tensors that a 4-bit layer's weight is kept in, by what they are."""
    weight: Any = layer.weight
    state = weight.quant_state
    parts = {"4-bit codes": weight.data, "constants": state.absmax, "code book": state.code}
    if state.nested:
        parts |= {"their constants": state.state2.absmax, "their code book": state.state2.code, "mean": state.offset}
    return parts


def in_int8(weight: torch.Tensor) -> torch.Tensor:
    """What 8 bits make of a weight in blocks of 64: the nearest of 255 equal steps up to the block's largest size."""
    blocks = weight.float().reshape(-1, BLOCK)
    step = blocks.abs().amax(1, keepdim=True).clamp(min=1e-30) / 127
    return ((blocks / step).round() * step).reshape(weight.shape)


@dataclass(frozen=True, slots=True)
class LayerError:
    """‖Ŵ − W‖/‖W‖ of one layer's weight in several formats, and what is hard about it."""

    name: str
    nf4: float
    fp4: float
    int8: float
    worst: float
    """The same of the block of 64 that NF4 does worst on."""
    outlier: float
    """The largest weight's size, in root mean squares of all."""


def layer_errors(layers: Sequence[AdaptedLayer], originals: Originals, kind: str) -> list[LayerError]:
    """The errors of each layer whose original is there; `kind` is the format that its frozen weight really has."""
    found = []
    for layer in layers:
        weight = originals.of(layer)
        if weight is not None:
            found.append(
                _measured(layer.short_name, weight, frozen_weight(layer.base) if kind == "nf4" else in_4bit(weight))
            )
    return found


def _measured(name: str, weight: torch.Tensor, nf4: torch.Tensor) -> LayerError:
    return LayerError(
        name,
        error(nf4, weight),
        error(in_4bit(weight, kind="fp4"), weight),
        error(in_int8(weight), weight),
        worst_block(nf4, weight),
        float(weight.abs().max() / weight.square().mean().sqrt()),
    )


def worst_block(rounded: torch.Tensor, weight: torch.Tensor) -> float:
    """The largest relative error of a block of 64 weights that are not all 0."""
    size = weight.reshape(-1, BLOCK).norm(dim=1)
    away = (rounded - weight).reshape(-1, BLOCK).norm(dim=1)
    return float((away / size)[size > 0].max()) if bool((size > 0).any()) else 0.0
