"""What a fine-tune is saved as: loaded by other programs, in processes of their own, and what survives a merge."""

import json
import math
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import GenerationConfig

from tests.cli import Command, command
from tests.scenarios import qlora_models
from tests.scenarios.qlora_ill import fine_tune, reviews, steps
from tui_lab.lab.errors import BadInput
from tui_lab.lab.views import Table
from tui_lab.scenarios.qlora.failures.export import demand_sound, merge_erases
from tui_lab.scenarios.qlora.merging import frozen_weight, merged_weight
from tui_lab.scenarios.qlora.saving import save_merged, surviving
from tui_lab.scenarios.qlora.scenario import QLoRA
from tui_lab.scenarios.qlora.survival import as_json, in_4bit, in_bf16, kept, overall, survival, survival_table

__all__ = ["command"]

IDS = [[5, 6, 7, 40, 41, 99, 120, 7]]
Tune = Callable[..., QLoRA]

ADAPTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "nf4": ("llama", {}),
    "biased": ("qwen2", {"rslora": True, "double_quant": False}),
    "encoder": ("encoder", {}),
    "dora": ("llama", {"quantisation": "none", "dora": True}),
}
MERGED: dict[str, tuple[str, dict[str, Any]]] = {
    "nf4": ("llama", {}),
    "dora": ("untied", {"dora": True}),
    "biased": ("qwen2", {"quantisation": "fp4"}),
    "encoder": ("encoder", {"quantisation": "int8"}),
}
ANSWER = """
with torch.no_grad():
    answers[name] = model(input_ids=torch.tensor(ids)).logits.double().tolist()
"""
BEFORE = """
import sys, json, pathlib, torch
torch.set_num_threads(1)
ids, answers = json.loads(sys.argv[2]), {}
for name, words in json.loads(sys.argv[1]).items():
"""
MERGED_CODE = """
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
folder, kind = words
auto = AutoModelForCausalLM if kind == "causal" else AutoModelForSequenceClassification
model, found = auto.from_pretrained(folder, output_loading_info=True)
assert "peft" not in sys.modules and "bitsandbytes" not in sys.modules
assert not any(found.values()), found
assert model.dtype == torch.bfloat16
assert AutoTokenizer.from_pretrained(folder).eos_token == "<|end|>"
model.eval()
"""
ADAPTER_CODE = """
import os
os.chdir(words)
code = pathlib.Path("README.md").read_text().split("```python")[1].split("```")[0]
exec(code, scope := {})
model = scope["model"]
"""
AFTER = """
print(json.dumps(answers))
"""


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Two threads that wait for each other are slow on a machine that has other things to do."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("qlora")


@pytest.fixture(scope="module")
def models(folder: Path) -> dict[str, Path]:
    return {
        "llama": qlora_models.llama(folder / "llama", initializer_range=0.2),
        "untied": qlora_models.llama(folder / "untied", initializer_range=0.2, tie_word_embeddings=False),
        "qwen2": qlora_models.qwen2(folder / "qwen2"),
        "encoder": qlora_models.encoder(folder / "encoder"),
    }


@pytest.fixture(scope="module")
def tune(models: dict[str, Path], folder: Path) -> Tune:
    data = reviews(folder)

    def made(model: str = "llama", **settings: Any) -> QLoRA:
        scenario = fine_tune(models[model], data, **{"learning_rate": 1e-2, **settings})
        steps(scenario, 4)
        return scenario

    return made


def logits(scenario: QLoRA, adapter: bool = True) -> torch.Tensor:
    scenario.model.eval()
    with torch.no_grad(), nullcontext() if adapter else scenario.model.disable_adapter():
        found: torch.Tensor = scenario.model(input_ids=torch.tensor(IDS)).logits
    scenario.model.train()
    return found.double()


def in_a_process(code: str, words: dict[str, Any]) -> dict[str, torch.Tensor]:
    """What a fresh process, which runs `code` for each name, finds the models to answer."""
    script = BEFORE + textwrap.indent(code + ANSWER, "    ") + AFTER
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, json.dumps(words), json.dumps(IDS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    return {name: torch.tensor(answer, dtype=torch.float64) for name, answer in answers.items()}


def test_adapters_answer_the_same_in_a_fresh_process_that_does_what_their_readme_says(
    tune: Tune, tmp_path: Path
) -> None:
    scenarios = {name: tune(model, **settings) for name, (model, settings) in ADAPTERS.items()}
    for name, scenario in scenarios.items():
        (tmp_path / name).mkdir()
        scenario.save("adapter", tmp_path / name)
    found = in_a_process(ADAPTER_CODE, {name: str(tmp_path / name) for name in scenarios})
    for name, scenario in scenarios.items():
        assert torch.equal(found[name], logits(scenario)), name
        assert not torch.allclose(found[name], logits(scenario, adapter=False)), name


def test_merged_models_need_neither_peft_nor_bitsandbytes(tune: Tune, tmp_path: Path) -> None:
    scenarios = {name: tune(model, **settings) for name, (model, settings) in MERGED.items()}
    for name, scenario in scenarios.items():
        (tmp_path / name).mkdir()
        scenario.save("merged", tmp_path / name)
        assert "quantization_config" not in json.loads((tmp_path / name / "config.json").read_text())
    found = in_a_process(
        MERGED_CODE, {name: (str(tmp_path / name), each.base.kind) for name, each in scenarios.items()}
    )
    for name, scenario in scenarios.items():
        wanted, base = logits(scenario), logits(scenario, adapter=False)
        effect = wanted - base
        kept_effect = float(((found[name] - base) * effect).sum() / effect.square().sum())
        assert kept_effect == pytest.approx(1.0, abs=0.1), name
        assert float((found[name] - wanted).norm() / wanted.norm()) < 0.05, name


def test_an_encoders_trained_head_is_saved(tune: Tune, tmp_path: Path) -> None:
    scenario = tune("encoder")
    (tmp_path / "a").mkdir()
    (tmp_path / "m").mkdir()
    scenario.save("adapter", tmp_path / "a")
    scenario.save("merged", tmp_path / "m")
    head = scenario.trainables.tensors["classifier.weight"].detach()
    saved = load_file(tmp_path / "a" / "adapter_model.safetensors")
    assert torch.equal(saved["base_model.model.classifier.weight"], head)
    assert torch.equal(load_file(tmp_path / "m" / "model.safetensors")["classifier.weight"], head.bfloat16())


def test_a_layer_that_is_not_adapted_is_dequantised(tune: Tune, tmp_path: Path) -> None:
    scenario = tune(target_modules="q_proj")
    scenario.save("merged", tmp_path)
    written = load_file(tmp_path / "model.safetensors")
    down = scenario.model.get_submodule("base_model.model.model.layers.1.mlp.down_proj")
    assert torch.equal(written["model.layers.1.mlp.down_proj.weight"], frozen_weight(down).bfloat16())
    merged = merged_weight(scenario.layers[0]).bfloat16()
    assert torch.equal(written["model.layers.0.self_attn.q_proj.weight"], merged)


def test_another_format_is_refused(tune: Tune, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="did you mean 'adapter'"):
        tune().save("adaptor", tmp_path)


def test_saving_changes_nothing(tune: Tune, tmp_path: Path) -> None:
    scenario, other = tune(), tune()
    (tmp_path / "a").mkdir()
    (tmp_path / "m").mkdir()
    scenario.save("adapter", tmp_path / "a")
    scenario.save("merged", tmp_path / "m")
    for each in (scenario, other):
        steps(each, 2)
    assert scenario.metrics["loss"] == other.metrics["loss"]


# What survives


@pytest.mark.parametrize(
    ("ratio", "four", "bf16"), [(0.01, 0.01, 0.16), (0.03, 0.04, 0.06), (0.1, 0.84, 0.02), (0.3, 0.99, 0.006)]
)
def test_the_curve_of_survival(ratio: float, four: float, bf16: float) -> None:
    generator = torch.Generator().manual_seed(0)
    base = in_4bit(torch.randn(512, 512, generator=generator))
    change = torch.randn(512, 16, generator=generator) @ torch.randn(16, 512, generator=generator)
    change *= ratio * base.norm() / change.norm()
    row = survival("q_proj", base, change)
    assert row.ratio == pytest.approx(ratio, rel=1e-3)
    assert row.kept_4bit == pytest.approx(four, abs=0.01)
    assert row.kept_bf16 == pytest.approx(1.0, abs=0.005)
    assert row.error_bf16 == pytest.approx(bf16, rel=0.2)


def test_what_survives_is_a_projection() -> None:
    change = torch.tensor([[3.0, 4.0]])
    assert kept(change, change) == 1.0
    assert kept(torch.tensor([[4.0, -3.0]]), change) == 0.0
    assert kept(change / 2, change) == 0.5
    assert math.isnan(kept(change, torch.zeros(1, 2)))
    assert torch.equal(in_bf16(torch.tensor([1.0, 1.0 + 2**-9])), torch.tensor([1.0, 1.0]))


def test_survival_is_measured_on_the_numbers_that_are_written(tune: Tune, tmp_path: Path) -> None:
    scenario = tune(learning_rate=1e-4)
    rows = save_merged(scenario.model, scenario.base, scenario.layers, tmp_path)
    assert rows == surviving(scenario.layers)
    assert [row.name for row in rows] == [layer.name for layer in scenario.layers]
    written, layer = load_file(tmp_path / "model.safetensors"), scenario.layers[0]
    left = written[f"{layer.name}.weight"].float() - frozen_weight(layer.base)
    assert rows[0].kept_bf16 == pytest.approx(kept(left, layer.change()), abs=1e-4)
    document = json.loads((tmp_path / "survival.json").read_text())
    assert document["layers"][0]["kept_4bit"] == pytest.approx(rows[0].kept_4bit)
    assert document["kept_4bit"] < 0.1 < 0.9 < document["kept_bf16"]
    table = survival_table(rows)
    assert isinstance(table, Table)
    assert len(table.rows) == 14
    assert table.rows[0][3] == pytest.approx(100 * rows[0].error_bf16)


def test_an_adapter_that_is_still_zero_has_no_survival_and_can_be_saved(
    models: dict[str, Path], folder: Path, tmp_path: Path
) -> None:
    scenario = fine_tune(models["llama"], reviews(folder))
    scenario.save("merged", tmp_path)
    document = json.loads((tmp_path / "survival.json").read_text())
    assert document["kept_bf16"] is None
    assert document["layers"][0]["ratio"] == 0.0
    assert math.isnan(overall(surviving(scenario.layers))[0])
    assert as_json([])["layers"] == []


def test_merging_into_4_bits_erases_what_a_merge_into_16_keeps(tune: Tune, tmp_path: Path) -> None:
    scenario = tune(learning_rate=1e-4)
    with_it, without = logits(scenario), logits(scenario, adapter=False)
    rows = surviving(scenario.layers)
    demand_sound(overall(rows)[0], [], tmp_path)
    scenario.model.merge_and_unload()
    left = logits_of(scenario.model.get_base_model()) - without
    effect = with_it - without
    in_4 = float((left * effect).sum() / effect.square().sum())
    finding = merge_erases(in_4, 4)
    assert finding is not None
    assert finding.name == "The merge erases the adapter"
    assert overall(rows)[1] < 0.5 < overall(rows)[0]


def logits_of(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model.eval()(input_ids=torch.tensor(IDS)).logits
    return found.double()


def test_an_export_that_is_not_what_was_trained_is_refused(tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": [2, 5]}')
    demand_sound(0.99, [5], tmp_path)
    with pytest.raises(
        BadInput, match="answers were trained to end in token 7, and the exported generation_config stops"
    ):
        demand_sound(0.99, [7], tmp_path)
    with pytest.raises(BadInput, match="12% of what the adapter does is left"):
        demand_sound(0.12, [5], tmp_path)


def test_a_merged_model_stops_where_its_answers_were_trained_to_end(tmp_path: Path) -> None:
    """Also where the base model names another token that ends what it writes."""
    base = qlora_models.llama(tmp_path / "base", eos_token_id=9)
    scenario = qlora_models.build(model=base)
    (end,) = scenario.tokeniser.end
    assert end != 9
    scenario.save("merged", tmp_path / "merged")
    assert GenerationConfig.from_pretrained(tmp_path / "merged").eos_token_id == [end, 9]


def test_a_run_is_saved_from_the_command_line(
    command: Command, models: dict[str, Path], folder: Path, tmp_path: Path
) -> None:
    settings = [f"model={models['llama']}", "batch_size=4", "rank=4", "held_out=25", "device=cpu", "optimizer=adamw"]
    words = [word for setting in settings for word in ("--set", setting)]
    done = command("run", "qlora", "--headless", "--json", "--steps", 2, "--data", reviews(folder), *words)
    assert done.code == 0, done.err
    out = tmp_path / "out"
    saved = command("export", "latest", "--format", "merged", out)
    assert saved.code == 0, saved.err
    assert {"config.json", "model.safetensors", "tokenizer.json", "survival.json"} <= {
        each.name for each in out.iterdir()
    }
