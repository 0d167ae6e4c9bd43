"""Test the memory ledger against published sizes and against what a run measures, and the count of arithmetic."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.scenarios import qlora_models
from tests.scenarios.qlora_ill import defaults
from tui_lab.scenarios.qlora.accounts import Accounts
from tui_lab.scenarios.qlora.base import Base
from tui_lab.scenarios.qlora.census import census
from tui_lab.scenarios.qlora.flops import peak_of, work
from tui_lab.scenarios.qlora.ledger import ledger
from tui_lab.scenarios.qlora.method import Method
from tui_lab.scenarios.qlora.needs import Sizes
from tui_lab.scenarios.qlora.shapes import base_of_shape

GIB = 2**30
PUBLISHED = {
    "llama-2-7b": (6.738e9, 12.55, 3.60, 3.88, 40.0e6, 159.9e6),
    "llama-13b": (13.016e9, 24.24, 6.71, 7.26, 62.6e6, 250.3e6),
    "llama-33b": (32.529e9, 60.59, 16.22, 17.61, 121.9e6, 487.6e6),
    "llama-65b": (65.286e9, 121.6, 32.09, 34.90, 199.9e6, 799.5e6),
    "llama-3.2-3b": (3.213e9, 5.98, 2.09, 2.21, 24.3e6, 97.3e6),
    "llama-3.1-8b": (8.030e9, 14.96, 5.31, 5.61, 41.9e6, 167.8e6),
    "llama-3.1-70b": (70.554e9, 131.4, 36.80, 39.77, 207.1e6, 828.4e6),
}
"""Parameters; GiB in 16 bits, in NF4 with and without double quantisation and the rest in bf16; numbers in adapters of
rank 16 and 64 on all linear layers."""


def method(**changes: Any) -> Method:
    return Method.of({**defaults(), "compute_dtype": "bf16", **changes})


def frozen_bytes(base: Base, chosen: Method) -> float:
    accounts = Accounts(census(base, chosen, base.skeleton()), chosen, torch.bfloat16, gpu=True)
    return float(sum(part.size for part in (*accounts.frozen(), *accounts.unquantised())))


@pytest.mark.parametrize("name", PUBLISHED)
def test_sizes_of_known_models(name: str) -> None:
    parameters, plain, double, single, rank16, rank64 = PUBLISHED[name]
    base = base_of_shape(name)
    counts = census(base, method(), base.skeleton())
    assert counts.total == pytest.approx(parameters, rel=1e-4)
    assert 2 * counts.total / GIB == pytest.approx(plain, rel=1e-3)
    assert frozen_bytes(base, method()) / GIB == pytest.approx(double, abs=0.006)
    assert frozen_bytes(base, method(double_quant=False)) / GIB == pytest.approx(single, abs=0.006)
    assert sum(counts.adapter_sizes(method(rank=16))) == pytest.approx(rank16, rel=2e-3)
    assert sum(counts.adapter_sizes(method(rank=64))) == pytest.approx(rank64, rel=2e-3)


def test_adapter_sizes_that_are_published_to_the_last_number() -> None:
    for name, rank, expected in (("llama-2-7b", 64, 159_907_840), ("llama-3.1-8b", 16, 41_943_040)):
        base = base_of_shape(name)
        chosen = method(rank=rank)
        assert sum(census(base, chosen, base.skeleton()).adapter_sizes(chosen)) == expected


def test_65_billion_parameters_fit_into_48_gb_as_published() -> None:
    """With adapters in 16 bits, as the authors had them, and their formula for what a step keeps: 42.3 GiB."""
    base, chosen = base_of_shape("llama-65b"), method(rank=64)
    adapters = sum(census(base, chosen, base.skeleton()).adapter_sizes(chosen))
    tokens, h, f, vocabulary = 512, 8192, 22016, 32000
    step = 80 * tokens * h * 2 + tokens * (8 * h + 3 * f) * 2 + tokens * vocabulary * 10 + 2 * h * f
    assert (frozen_bytes(base, chosen) + adapters * (2 + 2 + 8) + step) / GIB == pytest.approx(42.3, abs=0.05)


def test_full_fine_tuning_of_65_billion_parameters_takes_780_gb() -> None:
    found = ledger(base_of_shape("llama-65b"), method(batch_size=1), torch.bfloat16, Sizes(1, 8, 1), gpu=True)
    assert found.full / 1e9 == pytest.approx(783, abs=1)


def test_checkpointing_and_shorter_batches_need_less() -> None:
    base, sizes = base_of_shape("llama-3.1-8b"), Sizes(2, 512, 8)
    plain = ledger(base, method(batch_size=2), torch.bfloat16, sizes, gpu=True)
    checkpointed = ledger(base, method(batch_size=2, gradient_checkpointing=True), torch.bfloat16, sizes, gpu=True)
    shorter = ledger(base, method(batch_size=1), torch.bfloat16, replace(sizes, batch=1), gpu=True)
    assert checkpointed.peak < shorter.peak < plain.peak
    assert plain.resident == checkpointed.resident == shorter.resident
    assert sum(plain.rows.values()) == pytest.approx(plain.peak)


@pytest.mark.parametrize(
    "words", [(), ("optimizer=adamw_8bit", "rank=16"), ("double_quant=false",), ("quantisation=none",)]
)
def test_what_is_predicted_is_what_is_measured(words: tuple[str, ...]) -> None:
    """Every part that lies in tensors between two steps, to the byte."""
    scenario = qlora_models.build(*words)
    qlora_models.train(scenario, 2)
    predicted = {part.name: part.size for part in scenario.bookkeeping.ledger.lasting}
    measured = scenario.bookkeeping.found().parts
    gradients = sum(tensor.numel() * 4 for tensor in scenario.trainables.tensors.values())
    assert measured.pop("gradients") == gradients
    assert measured.keys() == predicted.keys()
    for part, size in measured.items():
        few = 2048 + 4 * 56 if part == "optimizer" else 0  # shared code books, and each tensor's count of steps
        assert size == pytest.approx(predicted[part], abs=few), part


def test_an_encoders_head_is_counted() -> None:
    scenario = qlora_models.build(model="encoder")
    qlora_models.train(scenario, 1)
    predicted = {part.name: part.size for part in scenario.bookkeeping.ledger.lasting}
    measured = scenario.bookkeeping.found().parts
    for part in ("new head", "head as it was", "adapters", "4-bit codes", "biases, fp32", "embeddings, fp32"):
        assert measured[part] == predicted[part] > 0, part
    assert scenario.bookkeeping.ledger.peak > scenario.bookkeeping.ledger.resident


def test_the_ledger_tells_what_to_cut() -> None:
    scenario = qlora_models.build()
    here = scenario.bookkeeping.predict(scenario.method)
    there = scenario.bookkeeping.predict(replace(scenario.method, gradient_checkpointing=True))
    assert there["activations"] < here["activations"] / 2
    assert scenario.health.predict == scenario.bookkeeping.predict


def test_arithmetic_of_a_step() -> None:
    """4·P + 6·N for each token, without attention and head where there is next to nothing of them."""
    base, chosen = base_of_shape("llama-3.1-8b"), method(rank=16)
    counts = census(base, chosen, base.skeleton())
    done = work(counts, chosen, base.config, [1] * 1000, 0, causal=True)
    assert done.model / 1000 == pytest.approx(4 * counts.quantised + 6 * 41_943_040, rel=1e-3)
    assert done.hardware == done.model
    again = work(counts, replace(chosen, gradient_checkpointing=True), base.config, [1] * 1000, 0, causal=True)
    assert again.hardware / 1000 == pytest.approx(6 * counts.quantised + 8 * 41_943_040, rel=1e-3)


def test_attention_grows_with_the_square_of_the_length() -> None:
    base, chosen = base_of_shape("llama-3.1-8b"), method()
    counts = census(base, chosen, base.skeleton())
    one, four = (work(counts, chosen, base.config, [n], 0, causal=True).model for n in (1000, 4000))
    assert four - 4 * one == pytest.approx(3 * 2 * 32 * 4096 * (4000**2 - 4 * 1000**2))


def test_peaks_of_gpus_by_name() -> None:
    assert peak_of("NVIDIA H200") == 989e12
    assert peak_of("NVIDIA H100 PCIe") == 756e12
    assert peak_of("NVIDIA L40S") == 362e12
    assert peak_of("Imaginary 1") is None
