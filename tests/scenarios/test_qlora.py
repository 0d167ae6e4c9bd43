"""A QLoRA fine-tune as mathematics: against transformers and PEFT as everybody uses them, and against itself."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from tests.scenarios.networks import same
from tests.scenarios.qlora_models import build, folder, train


def gradients(model: Any) -> dict[str, torch.Tensor]:
    return {name: tensor.grad.clone() for name, tensor in model.trainables.tensors.items()}


def walk_to(model: Any, phase: str) -> None:
    """Into a step, to the end of a phase."""
    for moment in model.step():
        if moment.phase == phase and moment.last:
            return


@pytest.mark.parametrize("quantisation", ["nf4", "none"])
def test_loss_and_gradients_are_those_of_plain_peft(quantisation: str) -> None:
    ours = build(f"quantisation={quantisation}", "max_grad_norm=off")
    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.float32,
    )
    plain = AutoModelForCausalLM.from_pretrained(
        folder("llama"), device_map={"": "cpu"}, quantization_config=config if quantisation == "nf4" else None
    )
    theirs = get_peft_model(plain, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
    theirs.load_state_dict(ours.model.state_dict(), strict=False)
    train(ours, 2)
    theirs.load_state_dict(ours.model.state_dict(), strict=False)
    walk_to(ours, "backward")
    batch = ours.micro_batches[0]
    theirs.train()
    loss = theirs(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels).loss
    loss.backward()
    assert ours.losses[0] == pytest.approx(loss.item(), rel=1e-5)
    mine = dict(ours.model.named_parameters())
    for name, parameter in theirs.named_parameters():
        if parameter.requires_grad:
            torch.testing.assert_close(mine[name].grad, parameter.grad, rtol=1e-3, atol=1e-6)


def test_a_larger_batch_and_accumulated_small_ones_are_the_same() -> None:
    whole, parts = build("batch_size=8"), build("batch_size=2", "accumulation=4")
    large, small = train(whole, 5), train(parts, 5)
    assert [len(model.micro_batches) for model in (whole, parts)] == [1, 4]
    for one, other in zip(large, small, strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-5)
        assert one["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-4)


def test_the_loss_is_the_mean_over_all_answers_whatever_micro_batch_they_are_in() -> None:
    model = build("batch_size=1", "accumulation=3")
    metrics = train(model, 1)[0]
    learned = [batch.learned for batch in model.micro_batches]
    assert metrics["loss"] == pytest.approx(np.dot(model.losses, learned) / sum(learned))


def test_the_adapter_changes_nothing_before_the_first_step() -> None:
    model = build()
    batch = model.batch(model.sequences[:3])
    with torch.no_grad(), model.model.disable_adapter():
        without = model.forward(batch)
    assert torch.equal(model.forward(batch), without)
    walk_to(model, "backward")
    for layer in model.layers:
        assert layer.a.grad.abs().max() == 0, "∂L/∂A = s·Bᵀ·∂L/∂y·xᵀ, and B is 0"
        assert layer.b.grad.abs().max() > 0


def test_only_the_adapters_change() -> None:
    model = build()
    trained = {id(tensor) for tensor in model.trainables.tensors.values()}
    frozen = {name: each.detach().clone() for name, each in model.model.named_parameters() if id(each) not in trained}
    before = {name: tensor.detach().clone() for name, tensor in model.trainables.tensors.items()}
    train(model, 3)
    assert all(torch.equal(dict(model.model.named_parameters())[name], value) for name, value in frozen.items())
    assert all(not torch.equal(model.trainables.tensors[name], value) for name, value in before.items())


def test_it_learns() -> None:
    history = train(build("learning_rate=0.01"), 25)
    assert history[-1]["loss"] < 0.9 * history[0]["loss"]


def test_a_step_is_the_same_to_the_last_bit_wherever_it_is_stopped() -> None:
    straight, halting = build("dropout=0.3", "accumulation=2"), build("dropout=0.3", "accumulation=2")
    train(straight, 3)
    halting.stop_at_operations = True
    for _ in range(3):
        for _ in halting.step():
            torch.rand(3)  # whoever looks may draw random numbers
            halting.operations()
    assert same(straight.state(), halting.state())


def test_every_operation_is_stopped_at_in_order_and_stands_in_the_code() -> None:
    model = build("accumulation=2")
    model.stop_at_operations = True
    moments = list(model.step())
    lines = model.operations()
    assert {moment.operation for moment in moments} == set(range(len(lines)))
    assert all(lines[moment.operation].phase == moment.phase for moment in moments)
    assert [moment.phase for moment in moments if moment.last] == [
        "tokens", *["forward", "loss", "backward"] * 2, "clip", "update"
    ]  # fmt: skip
    assert all(line.source.startswith("scenario.py:") for line in lines)
    assert all(line.numbers for line in lines)


def test_the_numbers_of_the_close_up_are_those_of_the_layer() -> None:
    model = build("layer=3")
    train(model, 3)
    walk_to(model, "forward")
    layer, seen = model.closeup.layer, model.closeup.seen
    assert layer is model.layers[2]
    module = model.model.get_submodule(f"base_model.model.{layer.name}")
    torch.testing.assert_close(layer.a @ seen.x, seen.u)
    torch.testing.assert_close(module.base_layer(seen.x[None])[0] + seen.v, seen.y)
    model.change("layer", 5)
    assert model.closeup.seen.y.shape == (model.layers[4].weight_shape[0],)


@pytest.mark.parametrize("optimizer", ["adamw", "adamw_8bit", "paged_adamw_8bit", "paged_adamw_32bit"])
def test_a_state_continues_to_the_last_bit_in_another_process(optimizer: str) -> None:
    # rank 64 makes tensors of 4096 numbers, the least that 8-bit optimizers keep in 8 bits
    words = (f"optimizer={optimizer}", "dropout=0.2", "rank=64", "target_modules=q_proj,up_proj", "evaluate_every=2")
    straight = build(*words)
    train(straight, 3)
    state = {name: array.copy() for name, array in straight.state().items()}
    if "8bit" in optimizer:
        assert any(array.dtype == np.uint8 and array.size >= 4096 for array in state.values())
    losses = [metrics["loss"] for metrics in train(straight, 4)]
    other = build(*words)
    other.restore(state)
    assert [metrics["loss"] for metrics in train(other, 4)] == losses
    assert same(straight.state(), other.state())


@pytest.mark.parametrize("optimizer", ["adamw", "paged_adamw_32bit", "adamw_8bit"])
def test_a_state_has_no_base_weights_and_a_beginning_is_restored_too(optimizer: str) -> None:
    model = build(f"optimizer={optimizer}")
    beginning = {name: array.copy() for name, array in model.state().items()}
    first = train(model, 3)
    adapters = sum(tensor.numel() for tensor in model.trainables.tensors.values())
    assert sum(array.nbytes for array in model.state().values()) < 4 * 4 * adapters
    model.restore(beginning)
    assert model.micro_batches == [] and model.done == 0
    assert model.state().keys() == beginning.keys()
    assert [metrics["loss"] for metrics in train(model, 3)] == [metrics["loss"] for metrics in first]


def test_the_learning_rate_is_live() -> None:
    model = build()
    train(model, 1)
    model.change("learning_rate", 1e-9)
    before = model.state()
    train(model, 1)
    moved = max(
        float(np.abs(model.state()[name] - array).max()) for name, array in before.items() if name[:8] == "adapter/"
    )
    assert 0 < moved < 2e-9 or moved == 0
    assert model.metrics["learning_rate"] == 1e-9


@pytest.mark.parametrize(("schedule", "expected"), [
    ("constant", [1 / 3, 2 / 3, 1, 1, 1, 1, 1, 1, 1]),
    ("linear", [1 / 3, 2 / 3, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6, 0]),
    ("cosine", [1 / 3, 2 / 3, *((1 + math.cos(math.pi * i / 6)) / 2 for i in range(7))]),
])  # fmt: skip
def test_a_schedule_rises_and_falls(schedule: str, expected: list[float]) -> None:
    model = build(f"schedule={schedule}", "warmup=2", "steps=8", "learning_rate=0.001")
    rates = [metrics["learning_rate"] for metrics in train(model, 9)]
    assert rates == pytest.approx([0.001 * factor for factor in expected])


def test_gradients_are_clipped_together_and_told_before() -> None:
    model = build("max_grad_norm=0.05")
    walk_to(model, "backward")
    long = torch.cat([gradient.flatten() for gradient in gradients(model).values()])
    clipped = build("max_grad_norm=0.05")
    train(clipped, 1)
    short = torch.cat([gradient.flatten() for gradient in gradients(clipped).values()])
    assert clipped.metrics["grad_norm"] == pytest.approx(float(long.norm()), rel=1e-5)
    torch.testing.assert_close(short, long * (0.05 / long.norm()))


def test_a_number_that_is_not_finite_stops_before_the_update() -> None:
    model = build()
    train(model, 2)
    layer = model.layers[0]
    with torch.no_grad():
        layer.a[0, 0] = math.inf
    before = model.state()
    train(model, 1)
    assert not math.isfinite(model.metrics["loss"])
    after = model.state()
    assert all(after[name].tobytes() == array.tobytes() for name, array in before.items() if name[:8] == "adapter/")
    assert model.done == 2


def test_gradients_agree_with_central_differences() -> None:
    model = build("dropout=0.2")
    train(model, 3)
    found = model.check_gradients()
    assert {check.entry.rsplit(".", 1)[1][0] for check in found} == {"A", "B"}
    assert all(check.relative_error < 0.02 for check in found), found


def test_an_entry_set_by_hand_changes_loss_and_gradients_at_once() -> None:
    model = build()
    train(model, 2)
    state, entry = model.state(), "model.layers.1.mlp.down_proj.B"
    model.assign(entry, (3, 2), 1.5)
    moved = model.metrics
    model.assign(entry, (3, 2), float(state[f"adapter/{entry}"][3, 2]))
    assert model.metrics["loss"] != pytest.approx(moved["loss"], abs=1e-6)
    assert model.metrics["grad_norm"] != pytest.approx(moved["grad_norm"], abs=1e-6)


def test_evaluations_come_as_often_as_asked_and_change_nothing() -> None:
    often, never = build("evaluate_every=1", "dropout=0.1"), build("dropout=0.1")
    histories = train(often, 4), train(never, 4)
    assert [m["loss"] for m in histories[0]] == [m["loss"] for m in histories[1]]
    assert all("held_out_accuracy" in metrics for metrics in histories[0])
    assert not any("held_out_accuracy" in metrics for metrics in histories[1])
    assert often.evaluation.step == 4 and often.before.step == 0
    assert often.evaluation.confusion.sum() == len(often.examples.held_out)


def test_fp16_scales_its_loss_and_takes_it_back() -> None:
    half, whole = build("compute_dtype=fp16", "max_grad_norm=off"), build("max_grad_norm=off")
    train(half, 1)
    train(whole, 1)
    assert half.metrics["grad_norm"] == pytest.approx(whole.metrics["grad_norm"], rel=0.02)


def test_checkpointing_changes_no_gradient() -> None:
    plain, kept = build("dropout=0.2"), build("dropout=0.2", "gradient_checkpointing=on")
    histories = train(plain, 3), train(kept, 3)
    assert [metrics["loss"] for metrics in histories[0]] == [metrics["loss"] for metrics in histories[1]]
    assert same(plain.state(), kept.state())
