"""Stand-ins for what computes differently on a GPU than the code that a rehearsal could run: quantised layers and fused
attention. They compute nothing, but keep, make and free the same tensors."""

from collections.abc import Mapping
from typing import Any

import torch
from bitsandbytes.nn.modules import Linear4bit, Linear8bitLt
from torch import nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import repeat_kv

from .method import Method

ATTENTION = "rehearsed"
"""What the attention stand-in is called in transformers."""


class _Product(torch.autograd.Function):
    """x·Wᵀ with W (out, in) packed. Forward and backward each dequantise the whole of W, as bitsandbytes' `gemm_4bit`
    (for more than a few tokens) and `MatMul4Bit.backward` do; its 8-bit product keeps x, the 4-bit one nothing."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, shape: tuple[int, int], keeps: bool) -> torch.Tensor:
        ctx.shape, ctx.kept = shape, x if keeps else None
        return x @ _dequantised(x, shape).T

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return gradients[0] @ _dequantised(gradients[0], ctx.shape), None, None


def _product(x: torch.Tensor, shape: tuple[int, int], keeps: bool) -> torch.Tensor:
    product: torch.Tensor = _Product.apply(x, shape, keeps)  # type: ignore[no-untyped-call]
    return product


def _dequantised(like: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    return like.new_empty(shape)


class Packed4bit(Linear4bit):
    """A 4-bit layer without numbers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(…, in) to (…, out), in the dtype of x."""
        return _product(x.to(self.compute_dtype), (self.out_features, self.in_features), keeps=False).to(x.dtype)


class Packed8bit(Linear8bitLt):
    """An 8-bit layer without numbers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(…, in) to (…, out), in the dtype of x."""
        return _product(x, (self.out_features, self.in_features), keeps=True)


def pack_linear(skeleton: nn.Module, linear: Mapping[str, tuple[int, int]], method: Method, dtype: torch.dtype) -> None:
    """Replace the layers of a skeleton that the method quantises, as transformers does when it loads them."""
    for name, (rows, columns) in linear.items():
        parent, _, last = name.rpartition(".")
        biased = getattr(skeleton.get_submodule(name), "bias", None) is not None
        setattr(skeleton.get_submodule(parent), last, _packed(rows, columns, biased, method, dtype))
    skeleton.is_loaded_in_4bit = method.bits == 4  # type: ignore[assignment]  # what PEFT looks for
    skeleton.is_loaded_in_8bit = method.bits == 8  # type: ignore[assignment]


def _packed(rows: int, columns: int, biased: bool, method: Method, dtype: torch.dtype) -> nn.Module:
    """Its weight has its full shape: what is there all the time is not counted, and DoRA asks for it in full."""
    with torch.device("meta"):
        layer = _empty(rows, columns, biased, method, dtype)
        weight: Any = nn.Parameter(torch.empty(rows, columns, dtype=dtype), requires_grad=False)
    weight.compress_statistics, weight.quant_type = method.double_quant, method.quantisation  # PEFT asks for these
    layer.weight = weight
    return layer.to(dtype)


def _empty(rows: int, columns: int, biased: bool, method: Method, dtype: torch.dtype) -> nn.Module:
    if method.bits == 8:
        return Packed8bit(columns, rows, biased, has_fp16_weights=False)
    return Packed4bit(columns, rows, biased, compute_dtype=dtype, quant_type=method.quantisation)  # type: ignore[no-untyped-call]


class _Attention(torch.autograd.Function):
    """Fused attention (Dao 2023, FlashAttention-2): keeps q, k, v, what comes out, and the logarithms of the softmax's
    sums, but no weights of attention; a mask is kept as numbers."""

    @staticmethod
    def forward(ctx: Any, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        answer = torch.empty_like(q.transpose(1, 2), memory_format=torch.contiguous_format).transpose(1, 2)
        sums = torch.empty_like(q[..., 0], dtype=torch.float32, memory_format=torch.contiguous_format)
        bias = () if mask is None else (mask if mask.is_floating_point() else mask.to(q.dtype),)
        ctx.save_for_backward(q, k, v, answer, sums, *bias)
        return answer

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, None]:
        q, k, v, *_ = ctx.saved_tensors
        _sum = torch.empty_like(q, dtype=torch.float32)  # ∂L/∂q is added up in fp32
        return torch.empty_like(q), torch.empty_like(k), torch.empty_like(v), None


def rehearsed_attention(
    module: nn.Module, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None, **_: Any
) -> tuple[torch.Tensor, None]:
    """What transformers' `sdpa_attention_forward` does: with a mask, keys and values are repeated for each query head
    that shares them; without one they are shared. Autocast multiplies in its own dtype."""
    if torch.is_autocast_enabled("cpu"):
        q, k, v = (each.to(torch.get_autocast_dtype("cpu")) for each in (q, k, v))
    if mask is not None:
        k, v = (repeat_kv(each, getattr(module, "num_key_value_groups", 1)) for each in (k, v))
    answer: torch.Tensor = _Attention.apply(q, k, v, mask)  # type: ignore[no-untyped-call]
    return answer.transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, rehearsed_attention)


class FusedDropout(nn.Dropout):
    """Dropout as a GPU computes it: one byte says of each number whether it stays. A CPU keeps four."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The shape of x."""
        left: torch.Tensor = torch.native_dropout(x, self.p, self.training)[0]
        return left


def fuse_dropout(model: nn.Module) -> None:
    """Replace every dropout of a model by one as on a GPU."""
    for name, module in list(model.named_modules()):
        if type(module) is nn.Dropout and module.p > 0:
            parent, _, last = name.rpartition(".")
            setattr(model.get_submodule(parent), last, FusedDropout(module.p))
