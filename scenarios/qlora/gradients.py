"""Gradients by backpropagation beside gradients by trying: (L(w + h) − L(w − h)) / 2h."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from tui_lab.lab.scenario import GradientCheck

if TYPE_CHECKING:
    from .scenario import QLoRA

_MOST = 24
"""Entries that are checked, one of a tensor: each needs the forward pass twice."""
_STEP = 0.01
"""h. Numbers of 32 bits leave L(w ± h) only so many digits that a smaller one would measure their rounding."""


def checks(scenario: "QLoRA") -> list[GradientCheck]:
    """The entry with the largest gradient, of tensors evenly spread over the model, on the latest step's batches."""
    if not scenario.micro_batches:
        return []
    tensors = list(scenario.trainables.tensors.items())
    places = sorted({round(place) for place in np.linspace(0, len(tensors) - 1, _MOST)})
    chosen = [tensors[place] for place in places]
    found = torch.autograd.grad(_loss(scenario), [tensor for _, tensor in chosen], allow_unused=True)
    with torch.no_grad():
        return [
            _check(scenario, name, tensor, gradient)
            for (name, tensor), gradient in zip(chosen, found, strict=True)
            if gradient is not None
        ]


def _check(scenario: "QLoRA", name: str, tensor: torch.Tensor, gradient: torch.Tensor) -> GradientCheck:
    place = int(gradient.abs().argmax())
    entry = tensor.view(-1)[place]
    value = entry.item()
    losses = []
    for moved in (value + _STEP, value - _STEP):
        entry.fill_(moved)
        losses.append(_loss(scenario).item())
    entry.fill_(value)
    index = ",".join(str(int(i)) for i in np.unravel_index(place, tensor.shape))
    rounding = torch.finfo(scenario.dtype).eps * abs(losses[0]) / _STEP
    numeric = (losses[0] - losses[1]) / (2 * _STEP)
    return GradientCheck(f"{name}[{index}]", gradient.view(-1)[place].item(), numeric, rounding)


def _loss(scenario: "QLoRA") -> torch.Tensor:
    """The loss of this process's micro-batches, with what dropout left out in the step left out again."""
    return torch.stack(list(_sums(scenario))).sum() / scenario.learned


def _sums(scenario: "QLoRA") -> Iterator[torch.Tensor]:
    for number, batch in enumerate(scenario.micro_batches):
        torch.manual_seed(scenario.dropout_seed(number))
        yield scenario.summed_loss(scenario.forward(batch), batch)
