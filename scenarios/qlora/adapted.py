"""The layers that an adapter is on: each computes W·x + s·B·A·x with W frozen."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True, slots=True)
class AdaptedLayer:
    """One linear layer with its adapter. W is (out, in), A (r, in), B (out, r) and s = alpha/r, or alpha/√r for rsLoRA.

    `name` is the layer's in the base model, `model.layers.0.self_attn.q_proj`; `depth` its block's number, -1 outside
    of the blocks; `kind` its last part, `q_proj`.
    """

    name: str
    depth: int
    kind: str
    base: nn.Module
    """The frozen layer: a `bitsandbytes.nn.Linear4bit` where the model is quantised, else an `nn.Linear`."""
    a: nn.Parameter
    b: nn.Parameter
    scaling: float
    magnitude: nn.Parameter | None = None
    """DoRA's m (out,), where the method has it."""

    @property
    def short_name(self) -> str:
        """`3.q_proj`: its block and the last part of its name."""
        return f"{self.depth}.{self.kind}" if self.depth >= 0 else self.kind

    @property
    def weight_shape(self) -> tuple[int, int]:
        """(out, in), also of a layer whose weight is packed into 4 bits."""
        return self.b.shape[0], self.a.shape[1]

    def change(self) -> torch.Tensor:
        """ΔW = s·B·A (out, in), formed in full: for tests and merging only, a lesson's views never need it."""
        return self.scaling * self.b.detach().float() @ self.a.detach().float()
