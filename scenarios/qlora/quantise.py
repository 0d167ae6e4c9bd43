"""Loading a model with its linear layers quantised, and keeping them fit to be trained through.

Dettmers et al. 2023 (QLoRA): 4-bit NormalFloat, quantised constants, and a compute dtype in which a weight is
multiplied after it has been dequantised on the fly.
"""

import copy
from typing import Any

import torch
from bitsandbytes.functional import dequantize_4bit
from bitsandbytes.nn.modules import Linear4bit, Linear8bitLt
from safetensors import SafetensorError
from torch import nn
from transformers import BitsAndBytesConfig, PreTrainedModel

from tui_lab.lab.errors import BadInput

from .base import Base
from .method import Method

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


def compute_dtype(method: Method, device: torch.device) -> torch.dtype:
    """What weights are multiplied in. `auto` is bf16 where the hardware has it, and otherwise fp32, never fp16: with
    fp16 only 80 % of the authors' own 7B runs finished. Raises BadInput for bf16 on a GPU without it."""
    has_bf16 = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    if method.compute_dtype == "auto":
        return torch.bfloat16 if has_bf16 else torch.float32
    if method.compute_dtype == "bf16" and device.type == "cuda" and not has_bf16:
        raise BadInput("This GPU has no bf16: say compute_dtype=fp32, which is safe, or fp16, which is fast.")
    return DTYPES[method.compute_dtype]


def quantisation(method: Method, dtype: torch.dtype, skipped: list[str]) -> BitsAndBytesConfig | None:
    """What bitsandbytes is asked for, every key spelt out: its own defaults are fp4, fp32 and no double quantisation.
    `skipped` are modules that stay as they are besides the output head."""
    skip = skipped or None  # None lets transformers find the output head and what is tied to it
    if method.bits == 8:
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=skip)
    if method.bits == 4:
        return BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=method.quantisation,
            bnb_4bit_use_double_quant=method.double_quant,
            bnb_4bit_compute_dtype=dtype,
            llm_int8_skip_modules=skip,
        )
    return None


def load_frozen(base: Base, method: Method, device: torch.device, skipped: list[str]) -> PreTrainedModel:
    """The model with its numbers, on the device, quantised as the method says, nothing of it trainable. Raises
    BadInput where the weights cannot be had."""
    dtype = compute_dtype(method, device)
    place: Any = device if device.index is not None or device.type == "cpu" else torch.cuda.current_device()
    try:
        model: PreTrainedModel = base.auto_class.from_pretrained(
            base.source,
            config=copy.deepcopy(base.config),  # loading writes into it
            dtype=dtype,
            device_map={"": place},
            quantization_config=quantisation(method, dtype, skipped),
            use_safetensors=True,
            trust_remote_code=False,
        )
    except (OSError, SafetensorError) as error:
        raise BadInput(f"The weights of {base.source} cannot be loaded: {str(error).splitlines()[0]}") from None
    keep_trainable(model)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
        if method.upcast and parameter.dtype in (torch.bfloat16, torch.float16):
            parameter.data = parameter.data.float()
    return model


def keep_trainable(model: nn.Module) -> None:
    """Keeps bitsandbytes from repacking 4-bit weights for inference on a CPU with AVX512-BF16.

    Its kernel for packed weights has no backward: after one forward pass in eval mode the gradients of all layers below
    would be wrong from then on, and nothing would say so. It also fails for widths that are no multiples of 32 and 64.
    """
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def packed_layers(model: nn.Module) -> list[str]:
    """The layers that were repacked nevertheless, through which no gradient can flow; none as long as all is well."""
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, Linear4bit)
        and getattr(getattr(module.weight, "quant_state", None), "packing_format_for_cpu", False)
    ]


def dequantised(layer: nn.Module) -> torch.Tensor:
    """A layer's weight in float32 as it computes with it, in the layout that it is kept in. PEFT's own function for
    this breaks an 8-bit layer on a CPU: it loses the scales of its rows."""
    weight: Any = layer.weight
    numbers: torch.Tensor = weight.detach()
    if isinstance(layer, Linear4bit):
        numbers = dequantize_4bit(weight.data, weight.quant_state)
    elif isinstance(layer, Linear8bitLt):
        scales = weight.SCB if layer.state.SCB is None else layer.state.SCB
        numbers = weight.data * (scales.float() / 127.0)[:, None]
    return numbers.float()
