"""The language models as a scenario: every one of them trains, stops, goes back and tells its numbers."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.scenarios.language_models import CARD, NETWORKS, SMALL, build, learned, same, story, train
from tui_lab.lab.errors import BadInput
from tui_lab.run.settings import settings_of

_ = story
MODELS = ("bigram", "ngram", *NETWORKS)
UNTIMED = ("loss", "grad_norm", "held_out_loss", "bits_per_character")


def walked(model: Any, steps: int) -> list[tuple[str, int, bool]]:
    """All moments of that many steps, operation by operation."""
    model.stop_at_operations = True
    moments = [(each.phase, each.operation, each.last) for _ in range(steps) for each in model.step()]
    model.stop_at_operations = False
    return moments


@pytest.mark.parametrize("name", MODELS)
def test_stopping_anywhere_changes_nothing(name: str, story: Path) -> None:
    finely, straight = (build(f"model={name}", "dropout=0.2", data=story) for _ in range(2))
    for _ in range(4):
        walked(finely, 1)
        train(straight, 1)
        for metric in UNTIMED:
            assert finely.metrics.get(metric) == straight.metrics.get(metric)
    assert same(learned(finely.state()), learned(straight.state()))


@pytest.mark.parametrize("name", MODELS)
def test_looking_changes_nothing(name: str, story: Path) -> None:
    watched, straight = (build(f"model={name}", "dropout=0.2", data=story) for _ in range(2))
    watched.stop_at_operations = True
    for _ in range(2):
        for moment in watched.step():
            if moment.operation % 3 == 0:
                watched.change("sample_seed", moment.operation)
                watched.change("prompt", "A fox")
                assert watched.views()
                watched.notes()
                watched.operations()
    train(straight, 2)
    assert same(learned(watched.state()), learned(straight.state()))


@pytest.mark.parametrize("name", MODELS)
def test_what_was_restored_goes_on_the_same(name: str, story: Path) -> None:
    model = build(f"model={name}", "dropout=0.2", data=story)
    start = model.state()
    train(model, 5)
    middle, losses = model.state(), [each["loss"] for each in train(model, 15)]
    end = model.state()
    for state, steps in ((middle, 15), (start, 20)):
        model.restore(state)
        assert same(learned(model.state()), learned(state))
        assert [each["loss"] for each in train(model, steps)][-15:] == losses
        assert same(learned(model.state()), learned(end))
    other = build(f"model={name}", "dropout=0.2", data=story)
    other.restore(middle)
    train(other, 15)
    assert same(learned(other.state()), learned(end))


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_group_by_group_are_those_of_the_whole(name: str, story: Path) -> None:
    model = build(f"model={name}", "max_grad_norm=off", data=story)
    walked(model, 1)
    ours = {name: tensor.grad.clone() for name, tensor in model.trainables.tensors.items()}
    inputs, targets = model.inputs, model.targets
    model.restore({**build(f"model={name}", data=story).state()})
    loss = functional.cross_entropy(model.model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    for each, tensor in model.trainables.tensors.items():
        assert torch.allclose(ours[each], tensor.grad, atol=1e-7, rtol=1e-4), each


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_agree_with_differences(name: str, story: Path) -> None:
    model = build(f"model={name}", "dropout=0.3", data=story)
    train(model, 3)
    before = model.state()
    checks = model.check_gradients()
    assert {check.entry.partition("[")[0] for check in checks} == {each.name for each in model.parameters()}
    assert max(check.relative_error for check in checks) < 1e-4
    assert sum(check.analytic != 0 for check in checks) > len(checks) / 2
    assert same(learned(model.state()), learned(before))


def test_a_wrong_gradient_is_noticed(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = build("model=bengio", data=story)
    train(model, 1)
    hide = type(model.model).hide
    monkeypatch.setattr(type(model.model), "hide", lambda self, e: (hide(self, e) + hide(self, e).detach()) / 2)
    assert max(check.relative_error for check in model.check_gradients()) > 0.4


@pytest.mark.parametrize("name", MODELS)
def test_it_learns(name: str, story: Path) -> None:
    model = build(f"model={name}", "evaluate_every=25", "steps=75", data=story)
    losses = [each["loss"] for each in train(model, 75)]
    bits = [point[2] for point in model.records[0].points]
    assert len(bits) == 3
    assert np.mean(losses[-5:]) < losses[0] - 0.4
    assert bits[-1] < math.log2(model.tokens.size) - 0.8
    assert bits[-1] < bits[0] + 0.02
    assert model.metrics["perplexity"] == pytest.approx(math.exp(model.metrics["held_out_loss"]))


def test_bits_per_character_do_not_depend_on_what_the_tokens_are(story: Path) -> None:
    """A model that knows nothing pays log₂ V bits a token, spread over that token's characters."""
    for words in (["tokens=characters"], ["tokens=byte-pairs", "vocabulary=400"]):
        model = build("model=bigram", "smoothing=1000", *words, data=story)
        train(model, 1)
        found = model.evaluate()
        characters = sum(len(piece) + 1 for piece in model.text.held_out) - model.tokens.lengths()[model.held_out[0]]
        nats = found["held_out_loss"] * (len(model.held_out) - 1)
        assert found["held_out_loss"] == pytest.approx(math.log(model.tokens.size), rel=0.01)
        assert found["bits_per_character"] == pytest.approx(nats / math.log(2) / characters)


def test_counts_read_the_text_once(story: Path) -> None:
    model = build("model=bigram", "batch_size=64", "smoothing=0.000001", data=story)
    train(model, model.reading.per_epoch)
    counts = model.parameters()[0].value
    assert counts.sum() == len(model.training) - 1
    train(model, 2)
    assert np.array_equal(model.parameters()[0].value, counts)
    found = -model.model.log_probabilities(model.training[None, :-1])[0].gather(-1, model.training[1:, None]).mean()
    assert found / math.log(2) == pytest.approx(model.model.entropy(), abs=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_operations_get_their_numbers_one_by_one(name: str, story: Path) -> None:
    model = build(f"model={name}", data=story)
    train(model, 1)
    model.stop_at_operations = True
    count = len(model.operations())
    seen = []
    for moment in model.step():
        lines = model.operations()
        assert [bool(line.numbers) for line in lines] == [place <= moment.operation for place in range(count)]
        assert lines[moment.operation].phase == moment.phase
        file, _, number = lines[moment.operation].source.partition(":")
        assert (Path(CARD.folder) / file).is_file()
        assert int(number) > 1
        seen.append(moment.operation)
    assert seen == list(range(count))
    learns = ["tokens", "forward", "loss", "backward", "clip", "update"]
    counts = ["tokens", "forward", "loss", "update"]
    assert list(dict.fromkeys(line.phase for line in lines)) == (learns if name in NETWORKS else counts)


def test_a_layer_is_walked_through_group_by_group(story: Path) -> None:
    model = build("model=transformer", "layers=2", data=story)
    walked(model, 1)
    lines = model.operations()
    forward = [line.symbols for line in lines if line.phase == "forward"]
    assert forward == [
        "h = E[x]",
        "h = h + Attention1(norm(h))",
        "h = h + MLP1(norm(h))",
        "h = h + Attention2(norm(h))",
        "h = h + MLP2(norm(h))",
        "z = norm(h)·Eᵀ",
    ]
    assert [line.shape for line in lines if line.phase == "forward"] == [(3, 12, 16)] * 5 + [(3, 12, model.tokens.size)]
    backward = [line.numbers for line in lines if line.phase == "backward"]
    for name, numbers in zip(["logits", "MLP 2", "attention 2", "MLP 1", "attention 1"], backward[1:], strict=False):
        assert f"back through {name}: norm of ∂L/∂θ" in numbers


def test_entries_of_what_an_operation_computes(story: Path) -> None:
    model = build("model=transformer", data=story)
    train(model, 1)
    value = model.chain.outputs[1][2, 7, 5].item()
    assert f"h[2,7,5] = {value:.4g}" in model.entry(2, (2, 7, 5)).numbers
    with pytest.raises(BadInput, match="has no entry"):
        model.entry(2, (3, 0, 0))


def test_a_parameter_set_by_hand_has_another_loss_at_once(story: Path) -> None:
    for name, parameter in (("transformer", "norm.weight"), ("bigram", "counts")):
        model = build(f"model={name}", data=story)
        train(model, 2)
        before = model.metrics["loss"]
        index = (0,) if name == "transformer" else (5, 6)
        model.assign(parameter, index, 300.0)
        assert model.metrics["loss"] != before


def test_settings_that_do_not_fit_are_told(story: Path) -> None:
    for words, sentence in (
        (["model=transformer", "width=18", "heads=4"], "width=18 cannot be shared by heads=4.*width=16"),
        (["model=rnn", "context=1024", "tokens=byte-pairs", "vocabulary=8192"], None),
        (["model=ngram", "order=8", "tokens=byte-pairs", "vocabulary=2000"], "order=8 is too much"),
        (["model=compare", "steps=7"], "compare trains 8 models"),
    ):
        if sentence is None:
            build(*words, data=story)
            continue
        with pytest.raises(BadInput, match=sentence):
            build(*words, data=story)


def test_a_context_longer_than_the_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("".join(f"Line {n} of a short text.\n" for n in range(60)))
    with pytest.raises(BadInput, match="too few for a context of 1024: give context="):
        build("model=rnn", "context=1024", data=path)


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
def test_every_optimizer_learns_and_goes_back(optimizer: str, story: Path) -> None:
    model = build("model=bengio", f"optimizer={optimizer}", "schedule=cosine", "warmup=3", data=story)
    history = train(model, 10)
    state = model.state()
    losses = [each["loss"] for each in history + train(model, 20)]
    assert np.mean(losses[-5:]) < losses[0] - 0.2
    model.restore(state)
    assert [each["loss"] for each in train(model, 20)] == losses[10:]


def test_the_learning_rate_warms_up_falls_and_can_be_changed(story: Path) -> None:
    model = build("model=rnn", "learning_rate=0.01", "warmup=4", "schedule=cosine", "steps=20", data=story)
    rates = [each["learning_rate"] for each in train(model, 20)]
    assert rates[:5] == pytest.approx([0.002, 0.004, 0.006, 0.008, 0.01])
    assert all(after < before for before, after in pairwise(rates[4:]))
    assert rates[-1] == pytest.approx(0.001, rel=0.2)
    model.change("learning_rate", 0.5)
    assert train(model, 1)[0]["learning_rate"] == pytest.approx(0.05)


def test_clipping_shortens_long_gradients_only(story: Path) -> None:
    free, clipped = (build("model=lstm", f"max_grad_norm={limit}", data=story) for limit in ("off", 0.01))
    train(free, 1)
    train(clipped, 1)
    assert free.metrics["grad_norm"] == clipped.metrics["grad_norm"] > 0.01
    length = math.sqrt(sum(float(each.norms()[1]) ** 2 for each in clipped.parameters()))
    assert length == pytest.approx(0.01, rel=1e-3)


def test_defaults_are_valid_and_build_from_the_shipped_text() -> None:
    settings = settings_of(CARD, [word for word in SMALL if word.startswith("device")])
    assert settings["model"] == "bigram"
    assert settings_of(CARD, ["preset=compare"])["model"] == "compare"


def test_a_transformer_is_saved_for_hugging_face_and_others_are_not(story: Path, tmp_path: Path) -> None:
    model = build("model=transformer", data=story)
    model.save("huggingface", tmp_path)
    assert (tmp_path / "model.safetensors").is_file()
    assert list(model.formats) == ["huggingface"]
    other = build("model=rnn", data=story)
    assert other.formats == {}
    with pytest.raises(BadInput, match="cannot be saved as 'huggingface'"):
        other.save("huggingface", tmp_path)


@pytest.mark.parametrize("name", NETWORKS)
def test_group_by_group_gradients_are_those_in_one_piece_to_the_last_bit(name: str, story: Path) -> None:
    whole, stepped = (build(f"model={name}", "dropout=0.2", data=story) for _ in range(2))
    stepped.stop_at_operations = True
    for _ in range(2):
        train(whole, 1)
        train(stepped, 1)
    for one, other in zip(whole.model.parameters(), stepped.model.parameters(), strict=True):
        assert torch.equal(one, other) and torch.equal(one.grad, other.grad)
    for one, other in zip(whole.chain.inputs[1:], stepped.chain.inputs[1:], strict=True):
        assert torch.equal(one.grad, other.grad), "what lies between two groups"


@pytest.mark.parametrize("words", [["width=100", "heads=8"], ["vocabulary=2048", "order=8"]])
def test_a_comparison_is_refused_before_its_first_step_if_a_later_model_cannot_be_made(
    words: list[str], story: Path
) -> None:
    with pytest.raises(BadInput):
        build("model=compare", "tokens=byte-pairs", *words, data=story)


@pytest.mark.parametrize("name", ["bigram", "ngram"])
def test_a_text_that_was_read_once_adds_nothing_more(name: str, story: Path) -> None:
    model = build(f"model={name}", data=story)
    train(model, model.steps_per_epoch)
    assert model.parameters()[-1].norms()[2] > 0
    train(model, 1)
    assert model.parameters()[-1].norms()[2] == 0
    assert next(line for line in model.operations() if line.phase == "update").numbers.startswith("Δc = 0")


def test_a_count_set_by_hand_is_seen_at_once(story: Path) -> None:
    model = build("model=ngram", "prompt=the", "grown=0", data=story)
    train(model, 3)
    before = model.pictures.observer.sample().following
    model.assign("1-grams", (0,), 1e6)
    assert not np.array_equal(model.pictures.observer.sample().following, before)


def test_the_narrowest_of_all_has_a_plane_of_embeddings(story: Path) -> None:
    assert build("model=bengio", "width=4", data=story).views()


def test_the_beginning_of_a_run_says_nothing_of_a_step(story: Path) -> None:
    model = build("model=rnn", "max_grad_norm=0.0001", data=story)
    start = model.state()
    train(model, 1)
    assert any("was shortened to" in note for note in model.notes())
    model.restore(start)
    assert not any("was shortened to" in note for note in model.notes())
