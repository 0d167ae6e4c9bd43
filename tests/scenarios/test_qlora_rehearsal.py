"""Test a rehearsal against the formula for a block, against what real steps keep, and against torch's own record."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.profiler import ProfilerActivity, profile
from transformers import AutoConfig, PreTrainedConfig

from tests.scenarios import qlora_models
from tests.scenarios.qlora_ill import defaults
from tui_lab.scenarios.qlora.adapter import attach
from tui_lab.scenarios.qlora.base import Base
from tui_lab.scenarios.qlora.batches import batch_of
from tui_lab.scenarios.qlora.census import census
from tui_lab.scenarios.qlora.counting import ByteCount
from tui_lab.scenarios.qlora.method import Method
from tui_lab.scenarios.qlora.needs import Needs, Sizes
from tui_lab.scenarios.qlora.network import Network
from tui_lab.scenarios.qlora.quantise import DTYPES, load_frozen
from tui_lab.scenarios.qlora.rehearsal import observed, rehearse
from tui_lab.scenarios.qlora.tokenise import Tokenised


def method(**changes: Any) -> Method:
    return Method.of({**defaults(), "compute_dtype": "bf16", **changes})


def tiny(**more: Any) -> Base:
    config = AutoConfig.from_pretrained(qlora_models.folder("llama"))
    return Base("", _with(config, more), None, "causal")


def _with(config: PreTrainedConfig, changes: dict[str, Any]) -> PreTrainedConfig:
    for name, value in changes.items():
        setattr(config, name, value)
    config.use_cache = False
    return config


def test_a_block_keeps_what_the_formula_says() -> None:
    batch, length, rank = 3, 40, 8
    h, f, hq, hk, heads, tokens = 64, 128, 64, 32, 4, batch * length
    chosen = method(rank=rank)
    kept = []
    for blocks in (4, 5):
        base = tiny(num_hidden_layers=blocks)
        counts = census(base, chosen, base.skeleton())
        kept.append(rehearse(base, chosen, torch.bfloat16, Sizes(batch, length, 5), counts, gpu=True).kept)
    adapters = sum(counts.adapter_sizes(chosen)) // 5
    norms, mlp = 8 * tokens * (h + 1), 6 * tokens * f
    attention = 4 * tokens * (hq + hk + heads)
    inputs = 2 * tokens * (2 * h + f + 7 * rank) + 2 * adapters
    assert kept[1] - kept[0] == norms + inputs + attention + mlp


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four blocks, wide enough that tensors of a few numbers do not matter."""
    return qlora_models.llama(tmp_path_factory.mktemp("four"), width=128, blocks=4)


def real_step(folder: Path, chosen: Method) -> tuple[Needs, Network, Any, Base, Sizes]:
    """What a real step of a real quantised model needs on this CPU, by counting."""
    base = Base(str(folder), _with(AutoConfig.from_pretrained(folder), {}), None, "causal")
    frozen = load_frozen(base, chosen, torch.device("cpu"), [])
    targets = list(census(base, chosen, base.skeleton()).adapted)
    model = attach(frozen, base, chosen, targets, [], seed=0).train()
    if chosen.accumulation > 1:
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.grad = torch.zeros_like(parameter)
    example = Tokenised(list(range(100)), [False] * 90 + [True] * 10, "")
    batch = batch_of([[example]] * 4, "causal", 0)
    network = Network(model, "causal", DTYPES[chosen.compute_dtype])
    gradients = [each.grad for each in model.parameters() if each.grad is not None]
    with ByteCount([*model.parameters(), *model.buffers(), *gradients]) as count:
        found = observed(count, network, batch)
    return found, network, batch, base, Sizes(4, 100, 10)


@pytest.mark.parametrize(
    "changes",
    [
        {"dropout": 0.1, "gradient_checkpointing": True, "accumulation": 2},
        {"upcast": True, "target_modules": "q_proj,v_proj"},
        {"quantisation": "none", "compute_dtype": "fp32"},
        {"dora": True},
    ],
)
def test_a_rehearsal_finds_what_a_real_step_needs(folder: Path, changes: dict[str, Any]) -> None:
    chosen = method(**changes)
    real, network, _, base, sizes = real_step(folder, chosen)
    counts = census(base, chosen, base.skeleton())
    said = rehearse(base, chosen, network.dtype, sizes, counts, gpu=False)
    assert said.kept == pytest.approx(real.kept, rel=0.02)
    assert said.forward == pytest.approx(real.forward, rel=0.06)  # the real one's library hides some of its work
    assert said.peak == pytest.approx(real.peak, rel=0.02)
    if not changes.get("dora"):  # which asks for W in full, and a rehearsal has it already
        assert said.backward == pytest.approx(real.backward, rel=0.02)


def test_the_count_is_the_allocators(folder: Path) -> None:
    """Against torch's own record of every allocation."""
    counted, network, batch, _, _ = real_step(folder, method())
    for parameter in network.model.parameters():
        parameter.grad = None
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
        network.summed_loss(network.forward(batch), batch).backward()
    events = [each for each in record.profiler.kineto_results.events() if each.name() == "[memory]"]
    live = peak = 0
    for event in sorted(events, key=lambda each: each.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    assert counted.peak == pytest.approx(peak, rel=0.04)


def test_global_random_numbers_stay_as_they_are() -> None:
    base, chosen = tiny(), method(dropout=0.5)
    counts = census(base, chosen, base.skeleton())
    before = torch.get_rng_state()
    rehearse(base, chosen, torch.bfloat16, Sizes(2, 8, 2), counts, gpu=True)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.is_autocast_enabled("cuda")


def test_dropout_keeps_less_on_a_gpu() -> None:
    """One byte for each number that it passes or drops, where a CPU keeps four."""
    base, chosen, sizes = tiny(), method(dropout=0.5), Sizes(2, 32, 2)
    counts = census(base, chosen, base.skeleton())
    gpu, cpu = (rehearse(base, chosen, torch.float32, sizes, counts, gpu=gpu).kept for gpu in (True, False))
    first = 3 * 64  # q, k and v of the first block: what they read needs no gradient
    dropped = sizes.tokens * (sum(columns for _, columns in counts.adapted.values()) - first)
    assert cpu - gpu == 3 * dropped
