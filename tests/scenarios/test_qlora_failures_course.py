"""Failures 7 to 10 made to happen on a small model, and told; one of them in a trainer of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.cli import Command, command
from tests.scenarios import qlora_models
from tests.scenarios.qlora_ill import Tune, data, folder, model, one_thread, reviews, steps, told, tune
from tui_lab.lab.errors import BadInput, Halt
from tui_lab.scenarios.qlora import scenario as scenario_module
from tui_lab.scenarios.qlora.failures import room
from tui_lab.scenarios.qlora.scenario import QLoRA

__all__ = ["command", "data", "folder", "model", "one_thread", "tune"]


def block(scenario: QLoRA, number: int) -> Any:
    return scenario.model.get_submodule(f"base_model.model.model.layers.{number}")


# 7: out of memory


def test_out_of_memory_is_a_state_and_not_a_crash(tune: Tune) -> None:
    scenario = tune()
    scenario.health.predict = lambda method: {
        "activations": 2e9 * method.batch_size / (4 if method.gradient_checkpointing else 1),
        "logits": 1e9 * method.batch_size,
    }
    handle = block(scenario, 1).register_forward_hook(lambda *_: torch.empty(10**15))
    with pytest.raises(Halt) as halted:
        steps(scenario, 1)
    handle.remove()
    sentence = str(halted.value)
    assert sentence.startswith("Out of memory: ")
    assert "the ledger's largest row is activations with 7.45 GiB" in sentence
    assert "batch_size=2 with accumulation=2, which cuts activations and saves 5.59 GiB" in sentence
    steps(scenario, 1)
    assert scenario.done == 1


def test_a_run_that_does_not_fit_is_refused_before_its_weights_are_loaded(
    tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = list[object]()
    monkeypatch.setattr(scenario_module, "load_frozen", lambda *given: loaded.append(given))
    monkeypatch.setattr(room, "free_memory", lambda _: 1e5)
    with pytest.raises(BadInput, match=r"need about \d+ KiB, and 97.7 KiB of the machine's memory are free") as refused:
        tune()
    assert "batch_size=2 with accumulation=2" in str(refused.value) or "gradient_checkpointing" in str(refused.value)
    assert not loaded


def test_other_errors_are_not_taken_for_it(tune: Tune) -> None:
    scenario = tune()

    def fail(*_: Any) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    block(scenario, 0).register_forward_hook(fail)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        steps(scenario, 1)


# 8: precision


@pytest.mark.parametrize(("dtype", "lost"), [(torch.float32, False), (torch.bfloat16, True)])
def test_updates_that_bf16_rounds_away(tune: Tune, dtype: torch.dtype, lost: bool) -> None:
    scenario = tune(learning_rate=2e-6)
    for tensor in scenario.trainables.tensors.values():
        tensor.data = tensor.data.to(dtype)
    steps(scenario, 4)
    assert bool(told(scenario, "Updates lost to rounding")) == lost


def test_fp4_is_told_beside_nf4_with_measured_errors(tune: Tune) -> None:
    note = told(tune(quantisation="fp4"), "FP4 instead of NF4")
    assert "FP4 is off by 12.2% of them and NF4 by 9.2%" in note


# 9: divergence, forgetting, learning by heart


def test_a_learning_rate_that_is_too_hot(tune: Tune) -> None:
    scenario = tune(learning_rate=1e-2, evaluate_every=10, rank=8, alpha=16.0, schedule="constant")
    steps(scenario, 40)
    assert not told(scenario, "Diverging")
    scenario.change("learning_rate", 3.0)
    steps(scenario, 6)
    assert "a learning rate of 3 is too high" in told(scenario, "Diverging")
    assert "above 0.3" in told(scenario, "Far from the base")


@pytest.fixture
def unlearnable(tmp_path: Path) -> Iterator[Path]:
    """Labels that nothing in a text tells: they can only be learned by heart."""
    draw = np.random.default_rng(0)
    words = ("odd", "blue", "tall", "late", "loud", "soft", "cold", "old")
    rows = [
        (f"{words[draw.integers(8)]} {words[draw.integers(8)]} {i}", ("yes", "no")[draw.integers(2)]) for i in range(24)
    ]
    yield reviews(tmp_path, rows)


def test_learning_by_heart(tune: Tune, unlearnable: Path) -> None:
    scenario = tune(data=unlearnable, learning_rate=5e-3, evaluate_every=6, held_out=50)
    notes = ""
    for _ in range(12):
        steps(scenario, 6)
        notes += told(scenario, "Overfitting")
    assert "the held-out loss has risen from" in notes


# 10: continued from something else


def test_the_seed_reaches_the_adapter(tune: Tune) -> None:
    first, same, other = tune(), tune(), tune(seed=1)
    assert torch.equal(first.layers[0].a, same.layers[0].a)
    assert not torch.equal(first.layers[0].a, other.layers[0].a)


def test_a_state_continued_on_the_same_model_is_told_nothing(tune: Tune) -> None:
    scenario = tune()
    steps(scenario, 3)
    state = scenario.state()
    again = tune()
    again.restore(state)
    assert again.health.resumed is None
    steps(scenario, 2)
    steps(again, 2)
    assert scenario.metrics["loss"] == again.metrics["loss"]


def test_a_state_continued_on_other_weights(tune: Tune, tmp_path: Path) -> None:
    scenario = tune()
    steps(scenario, 3)
    other = tune(model=qlora_models.llama(tmp_path / "other", seed=5, initializer_range=0.2))
    other.restore(scenario.state())
    assert "when the run was saved" in told(other, "Resumed from something else")


def test_adapters_that_are_not_those_that_were_saved(tune: Tune) -> None:
    scenario, again = tune(evaluate_every=3), tune(evaluate_every=3)
    steps(scenario, 3)
    state = scenario.state()
    again.restore(state)
    assert again.health.resumed is None
    state["adapter/model.layers.0.mlp.up_proj.B"] *= 2
    other = tune(evaluate_every=3)
    other.restore(state)
    assert f"{scenario.health.witness.loss():.9g} when the run was saved" in told(other, "Resumed from something else")


@pytest.mark.parametrize("changed", [{"rank": 2}, {"quantisation": "none"}, {"alpha": 8.0}, {"max_length": 12}])
def test_a_state_of_another_method_is_refused(tune: Tune, changed: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="This state cannot be continued here: its"):
        tune(**changed).restore(tune().state())


def test_going_back_in_a_run_forgets_what_came_later(tune: Tune) -> None:
    scenario = tune(evaluate_every=2)
    steps(scenario, 4)
    state = scenario.state()
    here = scenario.health.trace.losses
    steps(scenario, 4)
    scenario.restore(state)
    assert scenario.health.trace.losses.tolist() == here.tolist()
    assert [each.step for each in scenario.health.trace.evaluations] == [2, 4]
    steps(scenario, 4)
    assert len(scenario.health.trace.losses) == 8


# In a trainer of its own


def test_a_run_in_fp16_that_overflows_fails_at_its_last_good_step(
    command: Command, model: Path, data: Path, tmp_path: Path
) -> None:
    hot = ("compute_dtype=fp16", "learning_rate=10", "max_grad_norm=off")
    settings = (f"model={model}", "batch_size=4", "rank=4", "held_out=25", "device=cpu", "optimizer=adamw", *hot)
    words = [word for setting in settings for word in ("--set", setting)]
    done = command("run", "qlora", "--headless", "--json", "--steps", 20, "--data", data, *words)
    assert done.code == 1
    assert "fp16 ends at 65504" in done.err
    last = json.loads(done.out.splitlines()[-1])
    assert last["status"] == "failed"
    assert 1 <= last["step"] < 20
    shown = command("show", "latest", "--json").document
    assert "Not a number" in shown["reason"]
    assert all(np.isfinite(parameter["norm"]) for parameter in shown["parameters"])
