"""The result of a fine-tune, for other programs: the adapter alone, or merged into the base model in 16 bits."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from peft import PeftModel
from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from tui_lab.lab.errors import BadInput, nearest

from .adapted import AdaptedLayer
from .adapter import ADAPTER
from .base import Base
from .failures.export import demand_sound
from .loading import readme
from .merging import frozen_weight, merged_weight, plain_model, tensors
from .survival import Rounding, Survival, as_json, in_4bit, overall, survival

if TYPE_CHECKING:
    from .scenario import QLoRA

FORMATS: Mapping[str, str] = {
    "adapter": "the adapters alone in PEFT's format, to be loaded onto the base model with PeftModel.from_pretrained",
    "merged": "the whole model in bf16 with the adapters merged into the dequantised base, for programs without PEFT",
}


def save_model(scenario: "QLoRA", format: str, folder: Path) -> None:  # noqa: A002 - as Scenario.save has it
    """Save a fine-tune as it stands in one of the FORMATS. Raises BadInput for another."""
    if format == "adapter":
        save_adapter(scenario.model, scenario.base, folder)
        (folder / "README.md").write_text(readme(scenario), encoding="utf-8")
    elif format == "merged":
        rows = save_merged(scenario.model, scenario.base, scenario.layers, folder)
        ends = scenario.tokeniser.end if scenario.base.kind == "causal" else []
        demand_sound(overall(rows)[0], ends, folder)
    else:
        raise BadInput(f"This scenario's model cannot be saved as '{format}': {nearest(format, FORMATS)}")


def save_adapter(model: PeftModel, base: Base, folder: Path) -> None:
    """Write adapter_config.json and adapter_model.safetensors (an encoder's head is in it, too) and the tokenizer."""
    model.save_pretrained(str(folder), safe_serialization=True, selected_adapters=[ADAPTER])
    base.tokenizer.save_pretrained(str(folder))


def save_merged(
    model: PeftModel, base: Base, layers: Sequence[AdaptedLayer], folder: Path, rounding: Rounding = in_4bit
) -> list[Survival]:
    """Write a folder that transformers loads by itself, in bf16, with survival.json beside it: what of each layer's ΔW
    is left in the numbers that were written, and what would be, were they 4-bit ones. It takes 2 bytes a parameter of
    the machine's memory.

    W' = bf16(W + s·B·A).
    """
    plain, rows = plain_model(model, base), list[Survival]()
    merged = dict(_merged(plain, model, {id(layer.base): layer for layer in layers}, rows, rounding))
    plain.save_pretrained(str(folder), state_dict=merged, safe_serialization=True)
    base.tokenizer.save_pretrained(str(folder))
    (folder / "survival.json").write_text(json.dumps(as_json(rows), indent=2, ensure_ascii=False), encoding="utf-8")
    return rows


def surviving(layers: Sequence[AdaptedLayer], rounding: Rounding = in_4bit) -> list[Survival]:
    """What of each layer's ΔW a merge would leave, without writing anything."""
    rows = []
    for layer in layers:
        weight = frozen_weight(layer.base)
        rows.append(survival(layer.name, weight, merged_weight(layer) - weight, rounding))
    return rows


def _merged(
    plain: PreTrainedModel,
    model: PeftModel,
    layers: Mapping[int, AdaptedLayer],
    rows: list[Survival],
    rounding: Rounding,
) -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor to write, in bf16 on the CPU; tied ones are one and the same. What survives goes into `rows`."""
    written: dict[int, torch.Tensor] = {}
    for name, tensor, module in tensors(plain, model):
        if id(tensor) not in written:
            layer = layers.get(id(module)) if name.endswith(".weight") else None
            if layer is not None:
                rows += surviving([layer], rounding)
            numbers = _numbers(tensor, module, layer)
            if isinstance(plain.get_submodule(name.rpartition(".")[0]), Conv1D) and name.endswith(".weight"):
                numbers = numbers.T  # GPT-2's layers have their weights the other way round
            written[id(tensor)] = numbers.to("cpu", torch.bfloat16).contiguous()
        yield name, written[id(tensor)]


def _numbers(tensor: torch.Tensor, module: nn.Module, layer: AdaptedLayer | None) -> torch.Tensor:
    """A tensor of the merged model; weights of linear layers are (out, in)."""
    if layer is not None:
        return merged_weight(layer)
    is_weight = tensor is getattr(module, "weight", None) and isinstance(module, nn.Linear | Conv1D)
    return frozen_weight(module) if is_weight else tensor.detach()
