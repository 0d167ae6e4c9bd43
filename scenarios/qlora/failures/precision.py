"""Failure 8: numbers kept in formats that cost more, or lose more, than one thinks."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch

from tui_lab.lab.scenario import Parameter
from tui_lab.torch_lab.parameters import TensorParameter

from ..words import bytes_of
from .finding import Finding, Weight

MOST_LOST = 0.5
"""The share of an adapter's entries that may stay as they are in an update."""
NOTABLE = 0.05
"""Memory, as a share of what the frozen weights take, from which a cost is told."""


def unmoved(parameters: Iterable[Parameter]) -> tuple[float, int] | None:
    """The share of the entries of all A that were the same after the latest update, of those that had a gradient, and
    how many these are; None before the first. B begins at 0, and next to 0 floating-point numbers lie close."""
    moved = [
        (parameter.tensor, parameter.before, parameter.tensor.grad)
        for parameter in parameters
        if isinstance(parameter, TensorParameter) and parameter.name.endswith(".A")
    ]
    known = [(now, before, gradient) for now, before, gradient in moved if before is not None and gradient is not None]
    if not known:
        return None
    pushed = torch.stack([(gradient != 0).sum() for _, _, gradient in known]).sum()
    still = torch.stack([((now == before) & (gradient != 0)).sum() for now, before, gradient in known]).sum()
    entries, same = torch.stack([pushed, still]).tolist()
    return same / max(entries, 1), entries


def lost_updates(share: float, entries: int, dtype: str, learning_rate: float) -> Finding | None:
    """`share` of so many entries, with a gradient, were the same after the update."""
    if not share > MOST_LOST:
        return None
    rounded = dtype in ("bfloat16", "float16")
    digits = {"bfloat16": "2⁻⁸", "float16": "2⁻¹¹"}.get(dtype, "2⁻²⁴")
    return Finding(
        Weight.FAILURE,
        "Updates lost to rounding",
        f"{share:.0%} of the {entries} entries of A that have a gradient did not move in the last update",
        f"they are kept in {dtype}, which rounds to {digits} of a number, and a learning rate of {learning_rate:g} "
        "moves them by less",
        "keep the adapters in fp32, or raise learning_rate" if rounded else "raise learning_rate",
    )


@dataclass(frozen=True, slots=True)
class Formats:
    """In what the parts of a model are kept and computed, and what the machine could do."""

    frozen_bytes: int
    """All frozen weights, quantised ones and others."""
    unquantised_fp32: int
    """Numbers outside of the quantised layers that are kept in fp32."""
    compute_dtype: str
    gpu: bool
    gpu_has_bf16: bool
    tf32: bool
    quantisation: str


def formats(found: Formats, errors: dict[str, float]) -> list[Finding]:
    """What is told once, at loading. `errors` has the relative error of `nf4` and `fp4`, measured."""
    findings = []
    saved = 2 * found.unquantised_fp32
    if found.gpu and saved > NOTABLE * found.frozen_bytes:
        findings.append(_remark(
            "Embeddings in fp32",
            f"{found.unquantised_fp32} numbers outside of the 4-bit layers are in fp32, {bytes_of(2 * saved)}",
            "upcast=true, or a model stored in fp32",
            f"bf16 would save {bytes_of(saved)} (upcast=false)",
        ))  # fmt: skip
    if found.gpu and found.compute_dtype == "float32" and found.gpu_has_bf16:
        findings.append(_remark(
            "Computing in fp32",
            "the frozen weights are multiplied in float32" + ("" if found.tf32 else " with TF32 off"),
            "this GPU has bf16, which is several times faster; fp32 is what BitsAndBytesConfig takes by default",
            "use compute_dtype=auto or bf16",
        ))  # fmt: skip
    if found.quantisation == "fp4":
        findings.append(_remark(
            "FP4 instead of NF4",
            f"on normally distributed numbers FP4 is off by {errors['fp4']:.1%} of them and NF4 by {errors['nf4']:.1%}",
            "both take 4 bits; FP4 is what BitsAndBytesConfig takes by default",
            "use quantisation=nf4 unless you meant to compare",
        ))  # fmt: skip
    return findings


def _remark(name: str, evidence: str, cause: str, remedy: str) -> Finding:
    return Finding(Weight.REMARK, name, evidence, cause, remedy)
