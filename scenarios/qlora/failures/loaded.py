"""What can be seen of a fine-tune as soon as it is loaded, and does not change while it runs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from ..adapter import target_layers
from ..batches import MASKED, Batch
from ..merging import stops_of
from ..survival import error, in_4bit
from .finding import Finding
from .idle_adapter import fewer_than_meant
from .never_stops import Endings, Row, endings, never_stops, templates_differ
from .precision import Formats, formats
from .targets import few_adapted

if TYPE_CHECKING:
    from ..scenario import QLoRA

_LOOKED_AT = 64
"""Sequences of training data whose endings are looked at."""


def findings_at_load(scenario: "QLoRA") -> list[Finding]:
    """All of them; asked once."""
    found = [scenario.health.masked, *_targets(scenario), *formats(_formats(scenario), _measured_errors(scenario))]
    if scenario.base.kind == "causal":
        found += never_stops(endings_of(scenario, [scenario.batch(scenario.sequences[:_LOOKED_AT])]))
        found.append(_templates(scenario))
    return [finding for finding in found if finding is not None]


def endings_of(scenario: "QLoRA", batches: list[Batch]) -> Endings:
    """How the answers in batches end, as they are trained on."""
    tokenizer = scenario.base.tokenizer
    rows = [row for batch in batches for row in _rows(batch)]
    return endings(
        rows, stops_of(scenario.model, scenario.base), tokenizer.bos_token_id, lambda i: tokenizer.decode([i])
    )


def _rows(batch: Batch) -> Iterator[Row]:
    """Tokens and labels of each sequence without its padding."""
    parts = batch.attention_mask.cpu() > 0
    for ids, labels, here in zip(batch.input_ids.cpu(), batch.labels.cpu(), parts, strict=True):
        yield ids[here].tolist(), [label if label != MASKED else -1 for label in labels[here].tolist()]


def _targets(scenario: "QLoRA") -> Iterator[Finding | None]:
    skeleton = scenario.base.skeleton()
    every = target_layers(scenario.base, replace(scenario.method, target_modules="all-linear", rank=1), skeleton)
    meant = target_layers(scenario.base, scenario.method, skeleton)
    yield fewer_than_meant(len(scenario.layers), len(meant))
    sizes = {name: rows * columns for name, (rows, columns) in every.items()}
    yield few_adapted({layer.name: sizes[layer.name] for layer in scenario.layers if layer.name in sizes}, sizes)


def _templates(scenario: "QLoRA") -> Finding | None:
    """Whether a text with a label is trained on as it will be asked about."""
    whole = [each for sequence in scenario.sequences for each in sequence if each.label >= 0 and not each.cut]
    if not whole:
        return None
    trained, asked = whole[0].ids[: whole[0].answer_start], scenario.tokeniser.prompt(whole[0].text)
    spell = scenario.base.tokenizer.decode
    return templates_differ(spell(trained), spell(asked))


def _formats(scenario: "QLoRA") -> Formats:
    frozen = [parameter for parameter in scenario.model.parameters() if not parameter.requires_grad]
    gpu = scenario.device.type == "cuda"
    return Formats(
        frozen_bytes=sum(tensor.numel() * tensor.element_size() for tensor in frozen),
        unquantised_fp32=sum(tensor.numel() for tensor in frozen if tensor.dtype == torch.float32),
        compute_dtype=str(scenario.dtype).removeprefix("torch."),
        gpu=gpu,
        gpu_has_bf16=gpu and torch.cuda.is_bf16_supported(including_emulation=False),
        tf32=torch.backends.cuda.matmul.allow_tf32,
        quantisation=scenario.method.quantisation,
    )


def _measured_errors(scenario: "QLoRA") -> dict[str, float]:
    """Of both 4-bit kinds on the same normally distributed numbers, where the question arises."""
    if scenario.method.quantisation != "fp4":
        return {}
    numbers = torch.randn(256, 256, generator=torch.Generator().manual_seed(0))
    return {kind: error(in_4bit(numbers, kind=kind), numbers) for kind in ("nf4", "fp4")}
