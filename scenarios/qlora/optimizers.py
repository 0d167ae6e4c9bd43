"""The optimizers by name, the learning rate on its way, and what an optimizer keeps as arrays."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from bitsandbytes.optim.adamw import AdamW8bit, PagedAdamW8bit, PagedAdamW32bit
from bitsandbytes.optim.optimizer import Optimizer8bit

from tui_lab.torch_lab import optimizers
from tui_lab.torch_lab.arrays import AnyArray, array_of, load

from .method import Method

Named = Mapping[str, torch.Tensor]
_PREFIX = "optimizer/"
_CONSTANT = ("qmap1", "qmap2")
"""bitsandbytes' 8-bit code books: the same for every parameter, and never changed."""
BETAS = (0.9, 0.999)
"""Dettmers et al. 2023, table 9 and section B.2: Adam with β₂ = 0.999."""


def make_optimizer(method: Method, tensors: Named) -> torch.optim.Optimizer:
    """AdamW (Loshchilov & Hutter 2019) over the tensors: torch's, or bitsandbytes', whose averages can lie in 8 bits
    (Dettmers et al. 2022) and in memory that is paged between GPU and machine."""
    kinds: dict[str, Any] = {
        "adamw": torch.optim.AdamW,
        "adamw_8bit": AdamW8bit,
        "paged_adamw_8bit": PagedAdamW8bit,
        "paged_adamw_32bit": PagedAdamW32bit,
    }
    made: torch.optim.Optimizer = kinds[method.optimizer](
        list(tensors.values()), lr=method.learning_rate, betas=BETAS, eps=1e-8, weight_decay=method.weight_decay
    )
    return made


def rate_factor(method: Method, step: int) -> float:
    """What the learning rate is multiplied by in the step after `step` steps: a rise over the warm-up; then 1, a line
    or half a cosine, which end at 0 with the last step that the run began with and stay there."""
    if step < method.warmup:
        return (step + 1) / (method.warmup + 1)
    if method.schedule == "constant":
        return 1.0
    way = min((step - method.warmup) / max(method.steps - method.warmup, 1), 1.0)
    return 1 - way if method.schedule == "linear" else (1 + math.cos(math.pi * way)) / 2


def optimizer_arrays(optimizer: torch.optim.Optimizer, tensors: Named) -> dict[str, AnyArray]:
    """All that the optimizer keeps for each tensor; nothing before the first update."""
    if not isinstance(optimizer, Optimizer8bit):
        return optimizers.optimizer_state(optimizer, tensors)
    return {
        f"{_PREFIX}{name}/{key}": array_of(value) if isinstance(value, torch.Tensor) else np.array(value)
        for name, tensor in tensors.items()
        for key, value in optimizer.state.get(tensor, {}).items()
        if key not in _CONSTANT and optimizer.state[tensor]["step"]
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Named, arrays: Mapping[str, AnyArray]) -> None:
    """Give the optimizer what `optimizer_arrays` told."""
    if not isinstance(optimizer, Optimizer8bit):
        optimizers.restore_optimizer(optimizer, tensors, arrays)
        return
    for index, (name, tensor) in enumerate(tensors.items()):
        if f"{_PREFIX}{name}/step" not in arrays:
            _begin_again(optimizer.state.get(tensor, {}))
            continue
        if not optimizer.state.get(tensor):
            optimizer.init_state(optimizer.param_groups[0], tensor, 0, index)  # paged where it has to be
        own = optimizer.state[tensor]
        for key, value in own.items():
            if key in _CONSTANT:
                continue
            array = arrays[f"{_PREFIX}{name}/{key}"]
            if isinstance(value, torch.Tensor):
                load(value, array)
            else:
                own[key] = array.item()


def _begin_again(own: dict[str, Any]) -> None:
    """As before the first update, in the memory that there is: pages that were lent are never given back."""
    for key, value in own.items():
        if key in _CONSTANT:
            continue
        if isinstance(value, torch.Tensor):
            value.zero_()
        else:
            own[key] = 0
