"""What a model is made of: how many numbers in which parts, counted on its skeleton, before any weight is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from torch import nn
from transformers import PreTrainedModel

from .adapter import head_modules, target_layers
from .base import Base
from .method import Method

Shapes = Mapping[str, tuple[int, int]]
"""The weights of linear layers by name, each (out, in)."""


@dataclass(frozen=True)
class Census:
    """The numbers of a model by what becomes of them. No tensor is counted twice, tied ones included."""

    linear: Shapes
    """The layers whose weights are quantised."""
    adapted: Shapes
    """The layers that get an adapter."""
    rest: Mapping[str, int]
    """Numbers that are not quantised, by what they are: embeddings, output head, norms, biases."""
    kinds: Mapping[str, str]
    """What each parameter is that is not quantised, by its name."""
    head: int
    """Numbers of a classification head, which is trained in full; 0 for a causal model."""
    scores: int
    """What the model answers at one place: a score for each word of its vocabulary, or for each class."""

    @cached_property
    def quantised(self) -> int:
        """Weights that are quantised."""
        return sum(rows * columns for rows, columns in self.linear.values())

    @property
    def total(self) -> int:
        """All parameters of the model without its adapters."""
        return self.quantised + sum(self.rest.values()) + self.head

    def adapter_sizes(self, method: Method) -> list[int]:
        """Numbers in each trained tensor of the adapters: A has r·in of them, B out·r, and DoRA's m out."""
        sizes = []
        for rows, columns in self.adapted.values():
            sizes += [method.rank * columns, rows * method.rank] + [rows] * method.dora
        return sizes


def census(base: Base, method: Method, skeleton: PreTrainedModel) -> Census:
    """Count a model's numbers. Raises BadInput for targets that it does not have."""
    everything = replace(method, target_modules="all-linear", rank=1)
    linear = target_layers(base, everything, skeleton)
    heads = head_modules(base, skeleton)
    rest, kinds = dict[str, int](), dict[str, str]()
    head = 0
    for name, parameter in skeleton.named_parameters():
        module, _, last = name.rpartition(".")
        if any(module == each or module.startswith(f"{each}.") for each in heads):
            head += parameter.numel()
        elif module not in linear or last != "weight":
            kinds[name] = kind = _kind(skeleton, module, last)
            rest[kind] = rest.get(kind, 0) + parameter.numel()
    config: Any = base.config
    scores = config.get_text_config().vocab_size if base.kind == "causal" else config.num_labels
    return Census(linear, target_layers(base, method, skeleton), rest, kinds, head, scores)


def _kind(skeleton: PreTrainedModel, module: str, last: str) -> str:
    part = skeleton.get_submodule(module)
    if isinstance(part, nn.Embedding):
        return "embeddings"
    if part is skeleton.get_output_embeddings():
        return "output head"
    if "norm" in type(part).__name__.lower() or "norm" in module.rpartition(".")[2].lower():
        return "norms"
    return "biases" if last == "bias" else "others"
