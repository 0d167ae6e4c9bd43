"""Failure 1: the loss or a gradient is NaN or infinite. Others hide it (a filtered loss reads 0.0); here the run stops
before the update, so that the adapter keeps its last good values."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from .finding import Finding, Weight


@dataclass(frozen=True, slots=True)
class Blame:
    """Where numbers first stopped being finite when the same micro-batch was run again."""

    parameter: str = ""
    """A trained tensor that is not finite itself."""
    layer: str = ""
    """The first module with an output that is not finite."""
    largest: float = 0.0
    """The largest finite size of a number that went into it."""
    gradient: str = ""
    """The first trained tensor whose gradient is not finite, when everything before was."""


def non_finite(
    losses: Sequence[float], gradient_norm: float, blame: Blame, scaling: float, compute_dtype: str, rate: float
) -> Finding:
    """What is said when a loss or the norm of the gradient, which one entry is enough to spoil, is not finite."""
    loss = next((loss for loss in losses if not math.isfinite(loss)), sum(losses) / max(len(losses), 1))
    evidence = f"the loss is {loss:.4g} and the gradient's norm {gradient_norm:.4g}{_place(blame)}"
    cause, remedy = _cause(blame, scaling, compute_dtype, rate)
    name = "Not a number" if math.isnan(loss) or math.isnan(gradient_norm) else "Out of range"
    return Finding(
        Weight.STOP, name, evidence, f"likely cause: {cause}", f"the adapter keeps its last good values; {remedy}"
    )


def _place(blame: Blame) -> str:
    if blame.parameter:
        return f"; the trained tensor {blame.parameter} is not finite itself"
    if blame.layer:
        return f"; the first output that is not finite is {blame.layer}'s, from inputs of at most {blame.largest:.3g}"
    if blame.gradient:
        return f"; every output is finite, the gradient of {blame.gradient} is not"
    return "; on a second run of the same batch everything was finite"


def _cause(blame: Blame, scaling: float, compute_dtype: str, rate: float) -> tuple[str, str]:
    if not math.isfinite(scaling):
        return f"the adapters are scaled by alpha/rank = {scaling}", "start a run with a finite alpha"
    if compute_dtype == "float16":
        return (
            "fp16 ends at 65504, and a fifth of 7B fine-tunes in fp16 broke off (QLoRA's authors)",
            "start a run with compute_dtype=bf16 or fp32",
        )
    if blame.parameter or blame.largest > 1e4:
        return f"a learning rate of {rate:g} has thrown the adapters too far", "go back some steps and lower it"
    if not (blame.layer or blame.gradient):
        return "a kernel or a device that does not compute the same twice", "play on; if it comes back, test the memory"
    return "a number in this batch that the model cannot stand", "look at the batch in the tokens view"


@contextmanager
def watching(model: nn.Module, seen: list[Blame]) -> Iterator[None]:
    """While this is open, the first module of `model` whose output is not finite is put into `seen`."""

    def look(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(_: nn.Module, inputs: Any, output: Any) -> None:
            if not seen and not all(bool(torch.isfinite(tensor).all()) for tensor in _tensors(output)):
                seen.append(Blame(layer=name or "the model", largest=_largest(inputs)))

        return hook

    handles = [module.register_forward_hook(look(name)) for name, module in model.named_modules()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def find_blame(model: nn.Module, trained: Iterable[tuple[str, torch.Tensor]], forward: Callable[[], object]) -> Blame:
    """Run the same micro-batch again, by `forward`, and see where numbers stop being finite. Nothing that training
    depends on changes: no gradient is taken, and the random numbers are put back."""
    tensors = list(trained)
    for name, tensor in tensors:
        if not bool(torch.isfinite(tensor).all()):
            return Blame(parameter=name)
    seen: list[Blame] = []
    with torch.random.fork_rng(enabled=True), torch.no_grad(), watching(model, seen):
        forward()
    if seen:
        return seen[0]
    for name, tensor in tensors:
        if tensor.grad is not None and not bool(torch.isfinite(tensor.grad).all()):
            return Blame(gradient=name)
    return Blame()


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        if value.is_floating_point():
            yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _tensors(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _tensors(part)


def _largest(value: Any) -> float:
    sizes = [float(t.detach().float().abs().nan_to_num(0, 0, 0).max()) for t in _tensors(value) if t.numel()]
    return max(sizes, default=0.0)
