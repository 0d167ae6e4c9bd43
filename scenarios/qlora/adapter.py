"""Putting adapters on a frozen model: which layers get one, and what is trained.

Hu et al. 2021 (LoRA). Dettmers et al. 2023 find that how many layers have one matters most: all linear ones.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from peft.tuners.lora import LoraLayer
from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from tui_lab.lab.errors import BadInput, nearest

from .adapted import AdaptedLayer
from .base import Base
from .method import Method

ADAPTER = "default"
"""The adapter's name in PEFT: there is one."""


def head_modules(base: Base, skeleton: PreTrainedModel) -> list[str]:
    """The parts of an encoder that are made anew for the classes: they are trained in full, not quantised and not
    adapted. A causal model has none."""
    if base.kind == "causal":
        return []
    body = skeleton.base_model_prefix
    heads = [name for name, part in skeleton.named_children() if name != body and any(True for _ in part.parameters())]
    pooler = getattr(getattr(skeleton, str(body)), "pooler", None)
    return [*heads, *([f"{body}.pooler"] if pooler is not None else [])]


def target_layers(base: Base, method: Method, skeleton: PreTrainedModel) -> dict[str, tuple[int, int]]:
    """The layers that get an adapter, each with its weight's shape (out, in). Raises BadInput for a name that is no
    linear layer's, and for a rank above the smallest of the widths: no product of B·A can have it."""
    linear = dict(_linear_layers(base, skeleton))
    if method.target_modules == "all-linear":
        found = linear
    else:
        found = {name: linear[name] for target in method.targets for name in _matching(target, linear, skeleton)}
    if not found:
        raise BadInput("target_modules names no layer: give all-linear, or names such as q_proj,v_proj.")
    smallest = min(found, key=lambda name: min(found[name]))
    if method.rank > min(found[smallest]):
        raise BadInput(
            f"rank is {method.rank}, but {smallest} is {' × '.join(map(str, found[smallest]))}: no change of it has a "
            f"rank above {min(found[smallest])}."
        )
    return {name: linear[name] for name in linear if name in found}


def attach(
    model: PreTrainedModel, base: Base, method: Method, targets: list[str], heads: list[str], seed: int
) -> PeftModel:
    """The model with adapters on its `targets` that change nothing yet: A is drawn from the seed, B is 0."""
    torch.manual_seed(seed)
    alpha: Any = int(method.alpha) if method.alpha.is_integer() else method.alpha
    config = LoraConfig(
        r=method.rank,
        lora_alpha=alpha,
        lora_dropout=method.dropout,
        use_rslora=method.rslora,
        use_dora=method.dora,
        target_modules=targets,
        modules_to_save=heads or None,
        bias="none",
        task_type=TaskType.CAUSAL_LM if base.kind == "causal" else TaskType.SEQ_CLS,
    )
    if method.gradient_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()
    adapted: PeftModel = get_peft_model(model, config)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()  # in bf16 most updates would be lost to rounding
    return adapted


def adapted_layers(model: PeftModel) -> list[AdaptedLayer]:
    """Every adapted layer in the model's order."""
    return [
        _described(name.removeprefix("base_model.model."), module)
        for name, module in model.named_modules()
        if isinstance(module, LoraLayer) and ADAPTER in module.lora_A
    ]


def trainable_tensors(model: PeftModel, layers: list[AdaptedLayer]) -> dict[str, torch.Tensor]:
    """All that is trained, by name: each layer's A and B (and DoRA's m), then a head's tensors."""
    found: dict[str, torch.Tensor] = {}
    for layer in layers:
        found |= {f"{layer.name}.A": layer.a, f"{layer.name}.B": layer.b}
        if layer.magnitude is not None:
            found[f"{layer.name}.m"] = layer.magnitude
    known = {id(tensor) for tensor in found.values()}
    heads = {
        name: tensor for name, tensor in model.named_parameters() if tensor.requires_grad and id(tensor) not in known
    }
    return found | {_head_name(name): tensor for name, tensor in heads.items()}


def _described(name: str, module: Any) -> AdaptedLayer:
    vectors: Mapping[str, Any] = module.lora_magnitude_vector
    depth = re.search(r"\.(\d+)\.", name)
    return AdaptedLayer(
        name=name,
        depth=int(depth[1]) if depth else -1,
        kind=name.rpartition(".")[2],
        base=module.base_layer,
        a=module.lora_A[ADAPTER].weight,
        b=module.lora_B[ADAPTER].weight,
        scaling=float(module.scaling[ADAPTER]),
        magnitude=vectors[ADAPTER].weight if ADAPTER in vectors else None,
    )


def _head_name(name: str) -> str:
    return name.removeprefix("base_model.model.").replace(f".modules_to_save.{ADAPTER}", "")


def _linear_layers(base: Base, skeleton: PreTrainedModel) -> Iterator[tuple[str, tuple[int, int]]]:
    """All linear layers (out, in) but the output head and what is made anew."""
    output = skeleton.get_output_embeddings() if base.kind == "causal" else None
    heads = head_modules(base, skeleton)
    for name, module in skeleton.named_modules():
        if module is output or any(name == head or name.startswith(f"{head}.") for head in heads):
            continue
        if isinstance(module, nn.Linear):
            yield name, (module.out_features, module.in_features)
        elif isinstance(module, Conv1D):  # GPT-2's, a linear layer with its weight the other way round
            yield name, (module.weight.shape[1], module.weight.shape[0])


def _matching(target: str, linear: Mapping[str, Any], skeleton: PreTrainedModel) -> list[str]:
    """The layers that a name means: a layer's whole name, or its last parts. Raises BadInput if there is none."""
    found = [name for name in linear if name == target or name.endswith(f".{target}")]
    if found:
        return found
    kinds = sorted({name.rpartition(".")[2] for name in linear})
    others = {name.rpartition(".")[2]: type(part).__name__ for name, part in skeleton.named_modules() if name}
    if target in others:
        raise BadInput(
            f"target_modules has '{target}', which is a {others[target]} and gets no adapter here: there is "
            f"{', '.join(kinds)}."
        )
    hint = nearest(target, [*kinds, "all-linear"])
    choices = "" if hint.startswith("there is") else f" There is {', '.join(kinds)}."
    raise BadInput(f"target_modules has '{target}', but the model has no such layer: {hint}{choices}")
