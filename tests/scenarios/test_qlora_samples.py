"""Test answers with the adapters on and off: what they are, and that asking leaves no trace."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.scenarios import qlora_models
from tui_lab.scenarios.qlora.merging import frozen_weight
from tui_lab.scenarios.qlora.samples import NONE, Answers, _until_end


@pytest.fixture(scope="module")
def trained() -> Any:
    """Six steps, with answers in between."""
    scenario = qlora_models.build("sample_every=3", "learning_rate=0.02")
    qlora_models.train(scenario, 6)
    return scenario


def test_at_first_both_answer_the_same() -> None:
    """B is 0, so the adapters change nothing."""
    scenario = qlora_models.build()
    assert (scenario.answers.written == scenario.plain_answers.written).all()
    assert scenario.answers.likely == pytest.approx(scenario.plain_answers.likely, rel=1e-4)


def test_training_changes_the_answers_with_adapters_alone(trained: Any) -> None:
    assert trained.answers.step == 6
    again = trained.sampler(adapted=False)
    assert (again.written == trained.plain_answers.written).all()
    assert again.likely == pytest.approx(trained.plain_answers.likely, rel=1e-5)
    assert (trained.answers.likely > 1.2 * trained.plain_answers.likely).all()  # both words are learned


def test_the_likeliest_token_follows_each_time(trained: Any) -> None:
    """Against the base model, loaded plainly and given the weights that the 4-bit codes spell, token by token."""
    plain: Any = AutoModelForCausalLM.from_pretrained(trained.base.source)
    with torch.no_grad():
        for layer in trained.layers:
            plain.get_submodule(layer.name).weight.copy_(frozen_weight(layer.base))
    ids = list(trained.sampler.prompts[0].ids)
    for token in trained.plain_answers.tokens(0):
        with torch.no_grad():
            assert int(plain(torch.tensor([ids])).logits[0, -1].argmax()) == token
        ids.append(token)


def test_probabilities_are_those_of_the_first_word(trained: Any) -> None:
    prompt = trained.sampler.prompts[1]
    trained.model.eval()
    with torch.no_grad():
        scores = trained.model(torch.tensor([prompt.ids])).logits[0, -1]
    trained.model.train()
    firsts = [answer[0] for answer in trained.tokeniser.answers]
    assert trained.answers.likely[1] == pytest.approx(scores.softmax(0)[firsts].numpy(), rel=1e-4)


def test_prompts_are_of_all_classes_and_end_where_the_answer_begins(trained: Any) -> None:
    prompts = trained.sampler.prompts
    assert [prompt.label for prompt in prompts][:2] in ([0, 1], [1, 0])
    held_out = trained.tokeniser(trained.examples.held_out)
    asked = {tuple(each.ids[: each.answer_start]) for each in held_out}
    assert all(tuple(prompt.ids) in asked for prompt in prompts)


def test_asking_leaves_no_trace(trained: Any) -> None:
    before, random = trained.state(), torch.get_rng_state()
    needs = [parameter.requires_grad for parameter in trained.model.parameters()]
    trained.sampler()
    trained.sampler([trained.sampler.read("A lovely film.")], adapted=False)
    assert torch.equal(torch.get_rng_state(), random)
    assert trained.model.training and not any(
        isinstance(module, torch.nn.Dropout) and not module.training for module in trained.model.modules()
    )
    assert [parameter.requires_grad for parameter in trained.model.parameters()] == needs
    after = trained.state()
    assert all(np.array_equal(before[name], after[name], equal_nan=True) for name in before)


def test_training_goes_on_to_the_bit_whether_or_not_it_was_asked() -> None:
    losses = []
    for every in (1, 1000):
        scenario = qlora_models.build(f"sample_every={every}", "dropout=0.2")
        losses.append([metrics["loss"] for metrics in qlora_models.train(scenario, 3)])
    assert losses[0] == losses[1]


def test_going_back_shows_what_was_shown_then(trained: Any) -> None:
    state = trained.state()
    shown = trained.answers
    qlora_models.train(trained, 3)
    assert trained.answers.step == 9
    trained.restore(state)
    assert trained.answers.step == 6
    assert (trained.answers.written == shown.written).all()
    assert (trained.answers.likely == shown.likely).all()


def test_a_text_of_ones_own_is_read_as_the_examples_are(trained: Any) -> None:
    example = trained.examples.train[0]
    asked = trained.sampler.read(example.prompt)
    whole = trained.tokeniser([example])[0]
    assert asked.ids == whole.ids[: whole.answer_start]


def rows_in(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["labels", "completions"])
def test_a_prompt_leaves_positions_for_what_is_written(tmp_path: Path, kind: str) -> None:
    """GPT-2 has a table of them, and no place beyond its end."""
    long = "The music is great, the story moving, the ending perfect. " * 3
    if kind == "labels":
        rows = [{"text": f"{i} {long}", "label": ("yes", "no")[i % 2]} for i in range(40)]
    else:
        rows = [{"prompt": f"{i} {long}", "completion": " So did I, from the first scene on."} for i in range(40)]
    scenario = qlora_models.build("held_out=8", model="gpt2", data=rows_in(tmp_path / "rows.jsonl", rows))
    for prompt in (*scenario.sampler.prompts, scenario.sampler.read(long), scenario.sampler.read("Dull.")):
        assert len(prompt.ids) + scenario.sampler.limit <= scenario.base.positions == 40
        written = scenario.sampler([prompt]).written
        assert 0 < written.shape[1] <= scenario.sampler.limit
    whole = scenario.tokeniser.read(scenario.tokeniser.template.replace("{text}", long) if kind == "labels" else long)
    asked = scenario.sampler.read(long).ids
    assert asked == whole[-len(asked) :] and len(asked) + scenario.sampler.limit == 40


def test_classes_whose_words_begin_alike_are_told_apart_in_the_longest_texts(tmp_path: Path) -> None:
    long = "The music is great, the story moving, the ending perfect. " * 3
    labels = ("not lovely and warm", "not")
    rows = [{"text": f"{i} {long}", "label": labels[i % 2]} for i in range(40)]
    scenario = qlora_models.build("held_out=8", model="gpt2", data=rows_in(tmp_path / "rows.jsonl", rows))
    assert not scenario.examiner.told_by_first
    assert max(len(each.ids) for each in scenario.tokeniser(scenario.examples.held_out)) == 40
    assert scenario.examiner().confusion.sum() == len(scenario.examiner.held_out) > 1


def test_an_encoder_that_counts_positions_from_its_padding_reads_the_longest_texts(tmp_path: Path) -> None:
    rows = [{"text": f"{i} {' '.join(qlora_models.WORDS)}", "label": ("yes", "no")[i % 2]} for i in range(40)]
    scenario = qlora_models.build(model="roberta", data=rows_in(tmp_path / "rows.jsonl", rows))
    assert scenario.tokeniser.max_length == max(len(each.ids) for each in scenario.examiner.held_out) == 40
    assert np.isfinite(qlora_models.train(scenario, 1)[0]["loss"])


def test_an_encoder_is_asked_for_classes() -> None:
    scenario = qlora_models.build(model="encoder")
    assert scenario.answers.written.shape == (len(scenario.sampler.prompts), 0)
    assert scenario.answers.likely.sum(axis=1) == pytest.approx(np.ones(len(scenario.sampler.prompts)))
    own = scenario.sampler([scenario.sampler.read("A dull film.")])
    assert own.likely.shape == (1, 2)


def test_nothing_follows_the_end() -> None:
    written = np.array([[5, 7, 9, 7], [1, 2, 3, 4], [7, 7, 7, 7]])
    assert _until_end(written, [7]).tolist() == [[5, 7, NONE, NONE], [1, 2, 3, 4], [7, NONE, NONE, NONE]]
    assert Answers(0, _until_end(written, [7]), np.zeros((3, 0))).tokens(0) == [5, 7]
    assert _until_end(written, []).tolist() == written.tolist()
