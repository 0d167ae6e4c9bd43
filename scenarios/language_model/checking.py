"""Checks a network's gradients: what backward finds, against what a small change of a parameter does to the loss."""

import copy
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from tui_lab.lab.scenario import GradientCheck

from .chain import Chain
from .model import Network

_ENTRIES = 3
"""Of each parameter: the one with the largest gradient, and others drawn at random."""
_SEQUENCES, _TOKENS = 2, 32
"""Of the batch, to look at: the loss is computed twice for every entry."""
_STEP = 1e-4
"""How far an entry is moved, both ways."""


def check_gradients(network: Network, inputs: Tensor, targets: Tensor, seed: int) -> list[GradientCheck]:
    """For the first sequences of a batch, without dropout, in double precision on the CPU: in single precision the
    rounding of a loss would hide all but the largest gradients."""
    twin: Network = copy.deepcopy(network).to("cpu", torch.float64).eval()
    x, y = (ids[:_SEQUENCES, :_TOKENS].cpu() for ids in (inputs, targets))
    twin.zero_grad()
    chain = Chain(twin.groups())
    for walk in (chain.forward(x), chain.measure(y), chain.backward()):
        for _ in walk:
            pass
    draw = torch.Generator().manual_seed(seed)
    return [check for name, tensor in twin.named_parameters() for check in _checks(twin, name, tensor, x, y, draw)]


def _checks(
    twin: Network, name: str, tensor: Tensor, x: Tensor, y: Tensor, draw: torch.Generator
) -> Iterator[GradientCheck]:
    gradient = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
    random = torch.randint(tensor.numel(), (_ENTRIES - 1,), generator=draw).tolist()
    for place in dict.fromkeys([int(gradient.abs().argmax()), *random]):
        before = tensor.detach().flatten()[place].item()
        above, below = (_loss_with(twin, tensor, place, before + step, x, y) for step in (_STEP, -_STEP))
        _set(tensor, place, before)
        rounding = torch.finfo(torch.float64).eps * abs(above) / _STEP
        index = ",".join(str(int(i)) for i in torch.unravel_index(torch.tensor(place), tensor.shape))
        yield GradientCheck(
            f"{name}[{index}]", gradient.flatten()[place].item(), (above - below) / (2 * _STEP), rounding
        )


def _loss_with(twin: Network, tensor: Tensor, place: int, value: float, x: Tensor, y: Tensor) -> float:
    _set(tensor, place, value)
    with torch.no_grad():
        return F.cross_entropy(twin(x).flatten(0, 1), y.flatten()).item()


def _set(tensor: Tensor, place: int, value: float) -> None:
    tensor.data.view(-1)[place] = value
