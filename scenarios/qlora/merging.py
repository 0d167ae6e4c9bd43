"""A model without adapters that answers as the one with them does: each W' = W + ΔW in the place of a W.

W is what the frozen codes spell, not what the base model's weights were before they were quantised: the adapter was
trained on the codes and has learned to mend their errors, too.
"""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import torch
from peft import PeftModel
from peft.utils import ModulesToSaveWrapper
from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from .adapted import AdaptedLayer
from .base import Base
from .quantise import dequantised


def frozen_weight(base: nn.Module) -> torch.Tensor:
    """W (out, in) in float32, as a layer computes with it: what the codes spell where it is quantised."""
    weight: torch.Tensor = dequantised(base)
    return weight.T if isinstance(base, Conv1D) else weight


def merged_weight(layer: AdaptedLayer) -> torch.Tensor:
    """W' (out, in) in float32: W + s·B·A, and with DoRA each row of that brought to its length m (Liu et al. 2024)."""
    moved = frozen_weight(layer.base) + layer.change()
    if layer.magnitude is None:
        return moved
    stretch: torch.Tensor = layer.magnitude.detach().float() / moved.norm(dim=1)
    return moved * stretch.unsqueeze(1)


def plain_model(model: PeftModel, base: Base) -> PreTrainedModel:
    """The model's class and settings without adapters, quantisation or numbers: its tensors are bf16 and empty."""
    config = copy.deepcopy(base.config)
    config.use_cache = True  # switched off for training only
    plain = replace(base, config=config).skeleton()
    nn.Module.to(plain, torch.bfloat16)
    if plain.can_generate():
        plain.generation_config = copy.deepcopy(cast(PreTrainedModel, model.get_base_model()).generation_config)
        plain.generation_config.eos_token_id = sorted(stops_of(model, base)) or None
    return plain


def stops_of(model: PeftModel, base: Base) -> set[int]:
    """The tokens that end what a model writes: the one that its answers were trained to end in, and its own."""
    generation: Any = getattr(model.get_base_model(), "generation_config", None)
    named = getattr(generation, "eos_token_id", None)
    ends = [base.tokenizer.eos_token_id, *(named if isinstance(named, list | tuple) else [named])]
    return {end for end in ends if end is not None}


def tensors(plain: PreTrainedModel, model: PeftModel) -> Iterator[tuple[str, torch.Tensor, nn.Module]]:
    """Every tensor that the plain model is made of, by its name there, with the module of the adapted model that has
    it. A tensor that two names share comes under both."""
    for name in plain.state_dict():
        path, _, last = name.rpartition(".")
        module: nn.Module = model.get_base_model()
        for part in path.split(".") if path else []:
            module = _unwrapped(cast(nn.Module, getattr(module, part)))
        yield name, getattr(module, last), module


def _unwrapped(module: nn.Module) -> nn.Module:
    """A layer beneath its adapter; of a part that is trained in full, the copy that is trained."""
    if isinstance(module, ModulesToSaveWrapper):
        return module.modules_to_save[module.active_adapters[0]]
    return cast(nn.Module, getattr(module, "base_layer", module))
