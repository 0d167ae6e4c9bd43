"""Tensors as numpy arrays and back, to the last bit."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

AnyArray = NDArray[Any]


def array_of(tensor: torch.Tensor) -> AnyArray:
    """A copy on the CPU with the tensor's shape and bits. numpy has no bfloat16: such numbers are kept as the 16-bit
    integers that their bits spell, which only `load` makes sense of."""
    plain = tensor.detach()
    if plain.dtype == torch.bfloat16:
        plain = plain.view(torch.int16)
    copy: AnyArray = plain.to("cpu", copy=True).contiguous().numpy()
    return copy


def load(tensor: torch.Tensor, array: AnyArray) -> None:
    """Give a tensor the bits that `array_of` kept of one of its shape and dtype."""
    source = torch.from_numpy(np.ascontiguousarray(array)).reshape(tensor.shape)
    with torch.no_grad():
        tensor.copy_(source.view(torch.bfloat16) if tensor.dtype == torch.bfloat16 else source)


def arrays_of(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, AnyArray]:
    """`array_of` each, under `prefix` and its name."""
    return {f"{prefix}{name}": array_of(tensor) for name, tensor in tensors.items()}


def load_all(prefix: str, tensors: Mapping[str, torch.Tensor], arrays: Mapping[str, AnyArray]) -> None:
    """`load` each from what `arrays_of` made."""
    for name, tensor in tensors.items():
        load(tensor, arrays[f"{prefix}{name}"])
