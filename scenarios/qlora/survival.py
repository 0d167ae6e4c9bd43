"""What is left of an adapter once it is merged into the weights, W' = round(W + ΔW): per layer, in bf16 and in 4 bits.

A number format has steps. bf16's are 2⁻⁸ of the number, so a ΔW of 1 % of W comes through with some noise. The sixteen
values of NF4 are far apart: nearly every W + ΔW is rounded back to the value that W had before, and the change is gone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from tui_lab.lab.views import Table

Rounding = Callable[[torch.Tensor], torch.Tensor]
"""A weight (out, in) to the nearest that a format can hold, as float32."""


@dataclass(frozen=True, slots=True)
class Survival:
    """What is left of one layer's ΔW. A `kept` of 1 is all of it, 0 nothing; it is the length of what is left along ΔW.
    An `error` is the size of all that is different, ‖left − ΔW‖/‖ΔW‖."""

    name: str
    ratio: float
    """‖ΔW‖/‖W‖, Frobenius norms."""
    kept_bf16: float
    error_bf16: float
    kept_4bit: float
    error_4bit: float


def kept(left: torch.Tensor, change: torch.Tensor) -> float:
    """⟨left, ΔW⟩/⟨ΔW, ΔW⟩: the share of ΔW that a merged weight still moves by, along ΔW. NaN where ΔW is 0."""
    wanted = change.double()
    return float((left.double() * wanted).sum() / wanted.square().sum())


def error(left: torch.Tensor, change: torch.Tensor) -> float:
    """‖left − ΔW‖/‖ΔW‖. NaN where ΔW is 0."""
    return float((left.double() - change.double()).norm() / change.double().norm())


def in_bf16(weight: torch.Tensor) -> torch.Tensor:
    """What bf16 makes of a weight: 8 bits of precision, the range of float32."""
    return weight.bfloat16().float()


def in_4bit(weight: torch.Tensor, double_quant: bool = True, kind: str = "nf4") -> torch.Tensor:
    """What 4 bits make of a weight: blocks of 64 numbers, each the nearest of sixteen values times the block's largest
    (Dettmers et al. 2023, section 3)."""
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    flat = weight.float().contiguous()
    codes, constants = quantize_4bit(flat, blocksize=64, compress_statistics=double_quant, quant_type=kind)
    spelt: torch.Tensor = dequantize_4bit(codes, constants)
    return spelt


def survival(name: str, base: torch.Tensor, change: torch.Tensor, rounding: Rounding = in_4bit) -> Survival:
    """How much of `change` (out, in) is left of it in base + change, in bf16 and in what `rounding` makes of it. `base`
    is what the frozen weight's codes spell: the adapter was trained on that, not on what it was before."""
    base, change = base.float(), change.float()
    merged = base + change
    bf16, four = in_bf16(merged) - base, rounding(merged) - base
    return Survival(
        name,
        float(change.norm() / base.norm()),
        kept(bf16, change),
        error(bf16, change),
        kept(four, change),
        error(four, change),
    )


def overall(rows: Sequence[Survival]) -> tuple[float, float]:
    """The share kept in bf16 and in 4 bits, the mean over the layers that have changed at all; NaN if none has."""
    changed = [row for row in rows if row.ratio > 0]
    if not changed:
        return float("nan"), float("nan")
    return (
        sum(row.kept_bf16 for row in changed) / len(changed),
        sum(row.kept_4bit for row in changed) / len(changed),
    )


def survival_table(rows: Iterable[Survival]) -> Table:
    """All layers, as a picture."""
    return Table(
        "What of ΔW survives a merge",
        ["layer", "‖ΔW‖/‖W‖ %", "kept in bf16 %", "error %", "kept in 4 bits %", "error %"],
        [[row.name, *(100 * number for number in _numbers(row))] for row in rows],
    )


def as_json(rows: Sequence[Survival]) -> dict[str, Any]:
    """The same for a file beside the merged weights; shares, not per cent."""
    in_16, in_4 = overall(rows)
    return {
        "what": "of each layer's ΔW, the share that is left along it and the relative error, after rounding W + ΔW",
        "kept_bf16": _finite(in_16),
        "kept_4bit": _finite(in_4),
        "layers": [
            dict(zip(("name", *_COLUMNS), (row.name, *map(_finite, _numbers(row))), strict=True)) for row in rows
        ],
    }


_COLUMNS = ("ratio", "kept_bf16", "error_bf16", "kept_4bit", "error_4bit")


def _numbers(row: Survival) -> tuple[float, ...]:
    return tuple(getattr(row, column) for column in _COLUMNS)


def _finite(number: float) -> float | None:
    """JSON has no NaN."""
    return number if number == number and abs(number) != float("inf") else None
