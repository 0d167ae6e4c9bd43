"""The optimizers by name, and the learning rate on its way."""

import math
from collections.abc import Mapping
from typing import Any

import torch

EQUATIONS = {
    "adamw": "θ = θ − η·(m̂/(√v̂ + ε) + λ·θ)",
    "adam": "θ = θ − η·m̂/(√v̂ + ε)",
    "sgd": "θ = θ − η·g",
}
BETAS = (0.9, 0.99)
"""How slowly Adam's averages of g and g² forget; β₂ is below the usual 0.999 since runs are short."""


def make_optimizer(settings: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015), AdamW (Loshchilov and Hutter 2019) or plain gradient descent over the tensors."""
    parameters, name = list(tensors.values()), settings["optimizer"]
    if name == "sgd":
        return torch.optim.SGD(parameters)
    fused = parameters[0].device.type == "cpu"  # one kernel for all that Adam does: a tenth of the time of a small step
    if name == "adam":
        return torch.optim.Adam(parameters, betas=BETAS, fused=fused)
    return torch.optim.AdamW(parameters, betas=BETAS, weight_decay=settings["weight_decay"], fused=fused)


def rate_factor(settings: Mapping[str, Any], step: int, steps: int) -> float:
    """What the learning rate is multiplied by in the step after `step` of `steps`: a rise over the warm-up; then 1, or
    half a cosine down to a tenth, where it stays."""
    warmup = settings["warmup"]
    if step < warmup:
        return float((step + 1) / (warmup + 1))
    if settings["schedule"] == "constant":
        return 1.0
    way = min((step - warmup) / max(steps - warmup, 1), 1.0)
    return 0.1 + 0.9 * (1 + math.cos(math.pi * way)) / 2
