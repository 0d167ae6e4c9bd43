"""The transformer, as a Hugging Face folder, and the base model that is trained from nothing."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from tui_lab.scenarios.language_model import base, huggingface
from tui_lab.scenarios.language_model.model import evaluating
from tui_lab.scenarios.language_model.text import divided
from tui_lab.scenarios.language_model.tokens import BytePairs, Characters, Tokens
from tui_lab.scenarios.language_model.transformer import Shape, Transformer, rotated

TEXTS = [f"The {n} foxes saw {n * n} apples, and the mouse said nothing to them all day long." for n in range(50)]
TEXT = divided("foxes", "\n".join(TEXTS))

OTHER_PROCESS = """
import sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
text, answers, *folders = sys.argv[1:]
found = []
for folder in folders:
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(text, return_tensors="pt").input_ids
    assert tokenizer.decode(ids[0]) == text, tokenizer.decode(ids[0])
    assert (tokenizer.pad_token_id, tokenizer.eos_token_id) == (0, 1)
    assert (model.config.pad_token_id, model.config.eos_token_id) == (0, 1)
    found.append((ids, model(ids).logits.detach(), sum(p.numel() for p in model.parameters())))
torch.save(found, answers)
"""


def model(tokens: int, dropout: float = 0.0) -> Transformer:
    torch.manual_seed(7)
    made = Transformer(Shape(tokens, width=64, layers=2, heads=4, hidden=128, context=64, dropout=dropout))
    for parameter in made.parameters():  # away from the smooth beginning, also RMSNorm's ones
        parameter.data += 0.2 * torch.randn_like(parameter)
    return made


def test_a_fresh_process_loads_the_folder_and_computes_the_same(tmp_path: Path) -> None:
    kinds: list[Tokens] = [BytePairs.trained(TEXTS, 300), Characters(TEXTS)]
    saved = [(tokens, model(tokens.size), tmp_path / str(number)) for number, tokens in enumerate(kinds)]
    for tokens, ours, folder in saved:
        huggingface.save(ours, tokens, folder)
    text, answers = "The 7 foxes said nothing, all day.", tmp_path / "answers.pt"
    command = [sys.executable, "-c", OTHER_PROCESS, text, str(answers), *(str(folder) for _, _, folder in saved)]
    subprocess.run(command, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True)
    for (tokens, ours, _), (ids, logits, parameters) in zip(saved, torch.load(answers), strict=True):
        assert ids[0].tolist() == tokens.encode(text)
        with evaluating(ours):
            assert torch.allclose(ours(ids), logits, atol=1e-5, rtol=1e-5)
        assert parameters == sum(parameter.numel() for parameter in ours.parameters())


def test_no_position_sees_what_comes_after_it() -> None:
    ours, ids = model(50), torch.randint(50, (2, 20))
    changed = ids.clone()
    changed[:, 12] = (ids[:, 12] + 1) % 50
    before, after = ours.log_probabilities(ids), ours.log_probabilities(changed)
    assert torch.equal(before[:, :12], after[:, :12])
    assert not torch.allclose(before[:, 12:], after[:, 12:])
    assert torch.allclose(before.exp().sum(-1), torch.ones(2, 20))


def test_attention_weights_are_shares_of_the_past() -> None:
    traces = model(50).traces(torch.randint(50, (1, 9)))
    assert [tuple(weights.shape) for weights in traces.attention] == [(4, 9, 9)] * 2
    for weights in traces.attention:
        assert torch.allclose(weights.sum(-1), torch.ones(4, 9))
        assert torch.equal(weights.triu(1), torch.zeros_like(weights))


def test_rotation_leaves_lengths_and_depends_on_distance_only() -> None:
    def score(q: Tensor, k: Tensor, at: int, back: int) -> float:
        """q at position `at` times k at `at - back`."""
        return float(rotated(q.expand(1, 1, 40, 16))[0, 0, at] @ rotated(k.expand(1, 1, 40, 16))[0, 0, at - back])

    q, k = torch.randn(16), torch.randn(16)
    assert torch.allclose(rotated(q.expand(1, 1, 40, 16)).norm(dim=-1), q.norm())
    assert score(q, k, 10, 3) == pytest.approx(score(q, k, 39, 3), abs=1e-4)
    assert score(q, k, 10, 3) != pytest.approx(score(q, k, 10, 4), abs=1e-4)


def test_dropout_follows_from_seed_and_step_and_stops_for_looks() -> None:
    ours, ids = model(50, dropout=0.3), torch.randint(50, (2, 10))

    def drawn(step: int) -> Tensor:
        ours.dropout.begin(1, step, ids.device)
        logits: Tensor = ours(ids)
        return logits

    assert torch.equal(drawn(4), drawn(4))
    assert not torch.equal(drawn(4), drawn(5))
    assert torch.equal(ours.log_probabilities(ids), ours.log_probabilities(ids))
    assert ours.training


def test_the_same_recipe_makes_the_same_weights(tmp_path: Path) -> None:
    recipe = base.Recipe(
        vocabulary=300, width=64, layers=1, heads=2, hidden=64, context=32, steps=6, held_out_every=3, threads=1
    )
    first, second = (base.make(tmp_path / name, recipe, TEXT) for name in ("first", "second"))
    assert first["sha256"] == second["sha256"]
    assert hashlib.sha256((tmp_path / "first" / "model.safetensors").read_bytes()).hexdigest() == first["sha256"]
    assert json.loads((tmp_path / "first" / "training.json").read_text())["sha256"] == first["sha256"]
    other = base.make(tmp_path / "other", base.Recipe(**{**first["recipe"], "seed": 1}), TEXT)
    assert other["sha256"] != first["sha256"]


def test_training_keeps_the_best_weights_it_met() -> None:
    recipe = base.Recipe(
        vocabulary=300, width=64, layers=1, heads=2, hidden=64, context=32, steps=400, held_out_every=20, patience=2,
        warm_up=5, learning_rate=2e-2, threads=1,
    )  # fmt: skip
    training = base.Pretraining(recipe, TEXT)
    told = [(step, found.loss) for step, _, found in training.train()]
    best = min(loss for _, loss in told)
    assert base.held_out_facts(training)["held_out_loss"] == pytest.approx(best, abs=1e-4)
    assert told[0][1] > best
    assert told[-1][0] < 400, "a text this small is soon learned by heart, which ends the training"


def test_the_rate_warms_up_and_falls_to_a_tenth() -> None:
    recipe = base.Recipe(steps=1000, warm_up=10, learning_rate=1.0)
    assert [recipe.rate(step) for step in (0, 4, 9, 10, 505, 1000)] == pytest.approx([0.1, 0.5, 1, 1, 0.55, 0.1])


def test_the_shipped_base_model_is_what_it_says() -> None:
    facts = json.loads((base.FOLDER / "training.json").read_text())
    weights = base.FOLDER / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == facts["sha256"]
    assert sum(tensor.numel() for tensor in load_file(weights).values()) == facts["parameters"]
    assert sum(path.stat().st_size for path in base.FOLDER.iterdir()) <= 8_000_000
    assert all(side % 64 == 0 for tensor in load_file(weights).values() for side in tensor.shape)
