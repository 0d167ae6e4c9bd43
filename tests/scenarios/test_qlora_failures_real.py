"""Failures 1 to 6 made to happen on a small model, and told; and a healthy fine-tune that is told none."""

from pathlib import Path
from types import MethodType
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, DataCollatorForLanguageModeling

from tests.scenarios.qlora_ill import Tune, data, folder, model, one_thread, steps, told, tune, values
from tui_lab.lab.errors import BadInput, Halt
from tui_lab.scenarios.qlora.adapter import adapted_layers
from tui_lab.scenarios.qlora.batches import batch_of
from tui_lab.scenarios.qlora.failures.finding import Weight
from tui_lab.scenarios.qlora.failures.health import Health
from tui_lab.scenarios.qlora.failures.idle_adapter import fewer_than_meant
from tui_lab.scenarios.qlora.failures.loaded import endings_of
from tui_lab.scenarios.qlora.failures.never_stops import never_stops, samples_run_on
from tui_lab.scenarios.qlora.scenario import QLoRA
from tui_lab.scenarios.qlora.tokenise import Tokenised

__all__ = ["data", "folder", "model", "one_thread", "tune"]


def test_a_healthy_run_is_told_no_failure(tune: Tune) -> None:
    scenario = tune(evaluate_every=5)
    seen = []
    for _ in range(25):
        steps(scenario, 1)
        with scenario.health.sampling():
            scenario.examiner()
        seen += [finding for finding in scenario.remarks.findings() if finding.weight >= Weight.FAILURE]
    assert seen == []
    assert scenario.health.effect > 1e-3


def test_clipping_at_the_papers_limit_is_no_failure(tune: Tune) -> None:
    scenario = tune()
    steps(scenario, 20)
    note = told(scenario, "Clipping")
    assert "in 100% of the last 20 steps the gradient was longer than 0.3" in note
    assert "no failure" in note


# 1: not a number


def test_nan_stops_before_the_update_and_names_the_layer(tune: Tune) -> None:
    scenario = tune(alpha=float("nan"))
    before = values(scenario)
    steps(scenario, 1)
    assert np.isnan(scenario.metrics["loss"])
    assert scenario.done == 0
    assert all(torch.equal(a, b) for a, b in zip(before, values(scenario), strict=True))
    assert "model.layers.0.self_attn.q_proj" in scenario.notes()[0]
    assert "alpha/rank = nan" in scenario.notes()[0]


def test_the_reason_outlives_going_back_to_the_last_good_step(tune: Tune) -> None:
    scenario = tune()
    steps(scenario, 2)
    good = scenario.state()
    healthy = scenario.layers[3].base
    handle = healthy.register_forward_hook(lambda _m, _i, output: output * float("inf"))
    steps(scenario, 1)
    handle.remove()
    assert scenario.done == 2
    scenario.restore(good)
    assert healthy is scenario.model.get_submodule(f"base_model.model.{scenario.layers[3].name}.base_layer")
    assert scenario.layers[3].name in told(scenario, "Not a number")
    steps(scenario, 1)
    assert scenario.done == 3
    assert not told(scenario, "Not a number")


def test_a_gradient_alone_can_be_infinite(tune: Tune) -> None:
    scenario = tune()
    layer = scenario.layers[5]
    layer.b.register_hook(lambda gradient: gradient * float("inf"))
    steps(scenario, 1)
    assert scenario.done == 0
    assert f"every output is finite, the gradient of {layer.name}.B is not" in " ".join(scenario.notes())


# 2: nothing to learn


def cut_at_the_end(scenario: QLoRA, room: int) -> list[list[Tokenised]]:
    """As tools cut by default: what is beyond the maximum length goes, and that is the answer."""
    return [
        [Tokenised(e.ids[:room], e.trained[:room], e.text, cut=max(len(e.ids) - room, 0))]
        for (e,) in scenario.sequences
    ]


def test_answers_that_were_cut_off(tune: Tune) -> None:
    scenario = tune()
    scenario.sequences = cut_at_the_end(scenario, max(sequence[0].answer_start for sequence in scenario.sequences))
    scenario.health = Health(scenario)
    note = scenario.health.masked
    assert note is not None
    assert "raise max_length above" in note.sentence
    assert note.weight == Weight.FAILURE
    scenario.sequences = cut_at_the_end(scenario, 4)
    with pytest.raises(BadInput, match=r"Nothing to learn: 36 of 36 training examples have no trained token"):
        Health(scenario)


def test_a_step_without_a_label_has_no_gradient(tune: Tune) -> None:
    scenario = tune()
    scenario.sequences = cut_at_the_end(scenario, 4)
    steps(scenario, 1)
    assert scenario.metrics["loss"] == 0.0
    assert scenario.gradient_norm == 0.0
    assert "is trained, all are masked, and the gradient's norm is 0" in told(scenario, "Nothing to learn")


# 3: never stops


def test_masking_padding_that_is_the_end_masks_the_end(tune: Tune) -> None:
    scenario = tune()
    tokenizer = scenario.base.tokenizer
    tokenizer.pad_token = tokenizer.eos_token
    ours = scenario.batch(scenario.sequences[:4])
    assert never_stops(endings_of(scenario, [ours])) == []  # what is padding is known by its place
    collate = DataCollatorForLanguageModeling(tokenizer, mlm=False)
    theirs = collate([{"input_ids": sequence[0].ids} for sequence in scenario.sequences[:4]])
    batch = type(ours)(
        theirs["input_ids"], theirs["labels"], theirs["attention_mask"], theirs["attention_mask"], ours.examples
    )
    (finding,) = never_stops(endings_of(scenario, [batch]))
    assert "4 of 4 answers do not end in a trained token that stops generation ('<|end|>')" in finding.evidence
    assert "4 of them are ended, but the end is masked" in finding.cause


def test_a_text_that_begins_twice(tune: Tune) -> None:
    scenario = tune()
    tokenizer = scenario.base.tokenizer
    tokenizer.bos_token = "<|user|>"
    begin = tokenizer.bos_token_id
    twice = [[Tokenised([begin, begin, *e.ids], [False, False, *e.trained], e.text)] for (e,) in scenario.sequences[:3]]
    (finding,) = never_stops(endings_of(scenario, [batch_of(twice, "causal", 0)]))
    assert finding.name == "Begins twice"


def test_samples_that_go_on(tune: Tune) -> None:
    scenario = tune()
    prompt = torch.tensor([scenario.tokeniser.prompt("A dull film.")])
    lengths = []
    for _ in range(3):
        text = scenario.model.generate(input_ids=prompt, max_new_tokens=8, do_sample=False, pad_token_id=0)
        lengths.append(text.shape[1] - prompt.shape[1])
    finding = samples_run_on(lengths, 8, max(len(answer) for answer in scenario.tokeniser.answers))
    assert finding is not None
    assert "3 of 3 samples went on to the limit of 8 tokens" in finding.evidence


def test_one_template_for_training_and_sampling(tune: Tune) -> None:
    scenario = tune()
    assert not told(scenario, "Another template")
    scenario.tokeniser.template = "Review: {text}\n"
    del scenario.remarks.at_load
    assert "Review: A" in told(scenario, "Another template")


# 4: the adapter does nothing


def test_b_that_stays_zero(tune: Tune) -> None:
    scenario = tune()
    for layer in scenario.layers:
        layer.b.register_hook(torch.zeros_like)
    steps(scenario, 2)
    assert not told(scenario, "The adapter does nothing")
    steps(scenario, 1)
    assert "after 3 updates every B is still 0" in told(scenario, "The adapter does nothing")


def test_an_adapter_that_moves_too_little(tune: Tune) -> None:
    scenario = tune(learning_rate=1e-9, evaluate_every=3)
    steps(scenario, 3)
    assert "the logits of a fixed batch differ by" in told(scenario, "The adapter does nothing")


def test_alpha_zero(tune: Tune) -> None:
    assert "multiplied by alpha/rank = 0" in told(tune(alpha=0.0), "The adapter does nothing")


def test_another_adapter_is_active(tune: Tune) -> None:
    scenario = tune()
    scenario.model.add_adapter("other", scenario.model.peft_config["default"])
    scenario.model.set_adapter("other")
    assert "computes with adapter 'other', and 'default' is trained" in told(scenario, "The adapter does nothing")


def test_peft_adapts_fewer_layers_than_it_was_asked_to_and_says_nothing(model: Path) -> None:
    plain = AutoModelForCausalLM.from_pretrained(model)
    adapted = get_peft_model(plain, LoraConfig(r=2, target_modules=["q_proj", "v_porj", "up_prj"]))
    finding = fewer_than_meant(len(adapted_layers(adapted)), 6)
    assert finding is not None
    assert finding.evidence == "2 layers have an adapter where 6 were meant to"


# 5: targets


def test_misspelt_targets_are_refused_with_the_nearest(tune: Tune) -> None:
    with pytest.raises(BadInput, match="did you mean 'v_proj'"):
        tune(target_modules="q_proj,v_porj")


def test_few_targets_are_told_with_their_share(tune: Tune) -> None:
    note = told(tune(target_modules="q_proj,v_proj"), "Few layers adapted")
    assert "4 of 14 linear layers have an adapter" in note
    assert "down_proj, gate_proj, k_proj, o_proj, up_proj have none" in note


# 6: gradients cut


def block(scenario: QLoRA, number: int) -> Any:
    return scenario.model.get_submodule(f"base_model.model.model.layers.{number}")


def test_a_detached_block(tune: Tune) -> None:
    scenario = tune()
    block(scenario, 1).register_forward_pre_hook(lambda _, inputs: (inputs[0].detach(), *inputs[1:]))
    steps(scenario, 1)
    assert not told(scenario, "Gradients cut")
    steps(scenario, 1)
    note = told(scenario, "Gradients cut")
    assert "7 of 28 trained tensors had no gradient for 2 steps" in note
    assert "model.layers.0.mlp.down_proj.B" in note


def test_a_gradient_that_fades_on_its_way(tune: Tune) -> None:
    scenario = tune()

    def fade(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        inputs[0].register_hook(lambda gradient: gradient * 1e-4)

    block(scenario, 1).register_forward_pre_hook(fade)
    steps(scenario, 3)
    assert "for 3 steps the first block's gradient has been" in told(scenario, "Gradients fade")


def test_packing_for_inference_destroys_gradients_and_stops_the_step(tune: Tune) -> None:
    scenario = tune()
    before = scenario.health.witness.gradients()
    for layer in scenario.layers:
        layer.base.support_avx512bf16_for_cpu = True  # what the guard at loading switches off
    scenario.examiner()
    after = scenario.health.witness.gradients()
    assert float((after - before).norm() / before.norm()) > 0.1  # the reason for all this
    with pytest.raises(Halt, match="14 of 14 frozen layers are packed for inference"):
        steps(scenario, 1)
    assert scenario.done == 0


def test_sampling_that_changes_gradients(tune: Tune) -> None:
    scenario = tune()
    scenario.health = Health(scenario)
    with scenario.health.sampling():
        scenario.model.get_submodule("base_model.model.model.norm").weight.data.mul_(1.01)
    assert "after the model had answered a prompt" in told(scenario, "Gradients changed by sampling")
    with pytest.raises(Halt, match="Gradients changed by sampling"):
        steps(scenario, 1)


def test_sampling_with_the_guard_changes_none(tune: Tune) -> None:
    scenario = tune(dropout=0.5)
    steps(scenario, 2)
    scenario.health = Health(scenario)
    before = scenario.health.witness.gradients()
    with scenario.health.sampling():
        scenario.examiner()
        scenario.model.generate(input_ids=torch.tensor([[5, 6, 7]]), max_new_tokens=4, pad_token_id=0)
        scenario.model.train()
    assert scenario.health.sampled is None
    assert torch.equal(before, scenario.health.witness.gradients())


# What watching costs


def test_watching_a_step_is_cheap_and_changes_nothing(tune: Tune) -> None:
    watched, bare = tune(), tune()
    bare.health.over = MethodType(lambda _, moments: moments, bare.health)
    for scenario in (watched, bare):
        steps(scenario, 3)
    assert all(torch.equal(a, b) for a, b in zip(values(watched), values(bare), strict=True))
    watched.notes()
    watched.state()
    steps(watched, 2)
    steps(bare, 2)
    assert all(torch.equal(a, b) for a, b in zip(values(watched), values(bare), strict=True))
