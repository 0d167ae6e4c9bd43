"""How far the adapters have moved each layer: ‖ΔW‖/‖W‖, without ever forming ΔW."""

from collections.abc import Sequence

import numpy as np
import torch

from ..adapted import AdaptedLayer
from ..merging import frozen_weight
from .unstable import Array


def frozen_norms(layers: Sequence[AdaptedLayer]) -> Array:
    """‖W‖ of each layer (n,), measured once: nothing changes it."""
    return _fetch([frozen_weight(layer.base).norm() for layer in layers])


def change_norms(layers: Sequence[AdaptedLayer]) -> Array:
    """‖ΔW‖ = |s|·‖B·A‖ of each layer (n,) before DoRA's lengths, from ‖B·A‖² = Σ (BᵀB)∘(AAᵀ), products of r×r
    numbers; one transfer for all layers."""
    with torch.no_grad():
        squares = [((layer.b.T @ layer.b) * (layer.a @ layer.a.T)).sum() for layer in layers]
        return _fetch([
            abs(layer.scaling) * square.clamp(min=0).sqrt() for layer, square in zip(layers, squares, strict=True)
        ])  # fmt: skip


def largest_b(layers: Sequence[AdaptedLayer]) -> Array:
    """max|B| of each layer (n,): 0 as long as its adapter changes nothing."""
    return _fetch([layer.b.detach().abs().amax() for layer in layers])


def change_ratios(layers: Sequence[AdaptedLayer], norms: Array) -> Array:
    """‖ΔW‖/‖W‖ of each layer (n,)."""
    return change_norms(layers) / norms


def _fetch(numbers: Sequence[torch.Tensor]) -> Array:
    if not numbers:
        return np.zeros(0)
    fetched: Array = torch.stack([number.float() for number in numbers]).double().cpu().numpy()
    return fetched
