"""What an adapter has become: the singular values of ΔW = s·B·A, found without ever forming ΔW.

ΔW (out, in) has millions of entries, but rank r at most. With B = Q₁·R₁ and Aᵀ = Q₂·R₂, where the columns of Q₁ and
Q₂ are orthonormal and R₁ and R₂ are r×r,

    ΔW = s·Q₁·(R₁·R₂ᵀ)·Q₂ᵀ

so the singular values of ΔW are those of the r×r matrix s·R₁·R₂ᵀ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from tui_lab.lab.scenario import Array

from .adapted import AdaptedLayer


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The singular values of one layer's ΔW, the largest first (r,). Beyond them all others are 0."""

    values: Array

    @property
    def norm(self) -> float:
        """‖ΔW‖, the Frobenius norm: the root of the sum of the squared singular values."""
        return float(np.sqrt(np.square(self.values).sum()))

    @property
    def effective_rank(self) -> float:
        """e to the entropy of the singular values as shares of their sum (Roy & Vetterli 2007): 1 if one direction does
        all, r if all do equally much, 0 if ΔW is 0. NaN if any of them is not finite."""
        total = self.values.sum()
        if total == 0:
            return 0.0
        shares = self.values / total
        shares = shares[shares != 0]
        return float(np.exp(-(shares * np.log(shares)).sum()))


def spectra(layers: Sequence[AdaptedLayer]) -> list[Spectrum]:
    """The spectrum of each layer's ΔW, before DoRA's lengths where the method has them. One transfer for all layers, of
    r×r numbers each; an adapter that is not finite has NaN for its singular values."""
    cores = [core(layer) for layer in layers]
    if not cores:
        return []
    flat = torch.cat([each.reshape(-1) for each in cores]).cpu().numpy()
    found, start = [], 0
    for each in cores:
        rows, columns = each.shape
        found.append(Spectrum(_singular_values(flat[start : start + rows * columns].reshape(rows, columns))))
        start += rows * columns
    return found


def core(layer: AdaptedLayer) -> torch.Tensor:
    """s·R₁·R₂ᵀ, with the singular values of ΔW; (r, r), or smaller for a rank beyond the layer's width."""
    left: torch.Tensor = torch.linalg.qr(layer.b.detach().float(), mode="r").R
    right: torch.Tensor = torch.linalg.qr(layer.a.detach().float().T, mode="r").R
    return layer.scaling * left @ right.T


def _singular_values(matrix: Array) -> Array:
    if not np.isfinite(matrix).all():
        return np.full(min(matrix.shape), np.nan)
    values: Array = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
    return values
