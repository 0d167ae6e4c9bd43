"""The guard for bitsandbytes on a CPU: sampling in the middle of training must not touch the gradients.

Without it, on a CPU with AVX512-BF16, the first forward pass in eval mode repacks every 4-bit weight for a kernel that
has no backward. Gradients of all layers but the last are wrong from then on, and the loss looks healthy.
"""

from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.functional import has_avx512bf16
from bitsandbytes.nn.modules import Linear4bit

from tests.scenarios.qlora_models import build, llama, train
from tui_lab.scenarios.qlora.quantise import keep_trainable, packed_layers

needs_avx512bf16 = pytest.mark.skipif(not has_avx512bf16(), reason="this CPU has no AVX512-BF16: nothing is repacked")


def gradients(model: Any, batch: Any) -> list[torch.Tensor]:
    loss = model.summed_loss(model.forward(batch), batch)
    return list(torch.autograd.grad(loss, list(model.trainables.tensors.values())))


def sample(model: Any) -> None:
    """Lets the model write, as whoever looks does."""
    prompt = torch.tensor([model.tokeniser.prompt("A dull film.")])
    model.model.eval()
    with torch.no_grad():
        model.model.generate(input_ids=prompt, max_new_tokens=4, do_sample=False)
        model.examiner()
    model.model.train()


def four_bit(model: torch.nn.Module) -> list[Linear4bit]:
    return [module for module in model.modules() if isinstance(module, Linear4bit)]


def test_every_four_bit_layer_is_kept_from_being_repacked() -> None:
    layers = four_bit(build().model)
    assert len(layers) == 14
    assert not any(layer.support_avx512bf16_for_cpu for layer in layers)


def test_gradients_after_sampling_are_those_without() -> None:
    model = build()
    train(model, 2)
    batch = model.batch(model.sequences[:4])
    before = gradients(model, batch)
    sample(model)
    assert packed_layers(model.model) == []
    after = gradients(model, batch)
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_training_after_sampling_is_training_without() -> None:
    sampled, plain = build("dropout=0.1"), build("dropout=0.1")
    history = train(plain, 4)
    seen = train(sampled, 2)
    sample(sampled)
    assert [m["loss"] for m in seen + train(sampled, 2)] == [m["loss"] for m in history]


def test_widths_that_the_kernel_cannot_take_can_be_evaluated(tmp_path: Path) -> None:
    odd = llama(tmp_path / "odd", width=48, num_key_value_heads=4, intermediate_size=100)
    model = build(model=odd)
    sample(model)
    train(model, 1)


@needs_avx512bf16
def test_without_the_guard_gradients_are_destroyed_and_the_rule_finds_it() -> None:
    model = build()
    train(model, 2)
    batch = model.batch(model.sequences[:4])
    before = gradients(model, batch)
    for layer in four_bit(model.model):
        layer.support_avx512bf16_for_cpu = True
    sample(model)
    assert len(packed_layers(model.model)) == 14
    after = gradients(model, batch)
    assert not all(torch.allclose(one, other) for one, other in zip(before, after, strict=True))


def test_the_rule_finds_a_packed_layer() -> None:
    model = build().model
    weight: Any = four_bit(model)[3].weight
    weight.quant_state.packing_format_for_cpu = True
    assert len(packed_layers(model)) == 1


def test_the_guard_knows_only_four_bit_layers() -> None:
    keep_trainable(torch.nn.Sequential(torch.nn.Linear(4, 4)))
