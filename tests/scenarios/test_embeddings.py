"""Embeddings: the numbers of torch, questions as the papers have them, and exactness in time."""

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.scenarios.networks import same, train
from tests.scenarios.vectors import build, module, picture_file, text_file
from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Scenario

GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa"
METHODS = (("method=skip-gram",), ("method=cbow", "window=2"))


def loss_of_torch(model: Any, vectors: torch.Tensor, outer: torch.Tensor) -> torch.Tensor:
    """−log σ(s) of the true word and −log σ(−s) of the noise, from the batch's ids."""
    batch = model.subject.training
    given, asked = (torch.tensor(ids.astype(np.int64)) for ids in (batch.given, batch.asked))
    v = (torch.tensor(batch.shares)[:, :, None] * vectors[given]).sum(dim=1)
    scores = (v[:, None, :] * outer[asked]).sum(dim=2)
    signs = torch.tensor([1.0] + [-1.0] * (scores.shape[1] - 1), dtype=torch.float64)
    return -torch.nn.functional.logsigmoid(signs * scores).sum(dim=1).mean()


# What it computes


@pytest.mark.parametrize("words", METHODS)
def test_loss_and_gradients_are_those_of_torch(words: tuple[str, ...], tmp_path: Path) -> None:
    model = build(*words, "dimensions=5", "batch_size=64", data=text_file(tmp_path))
    for _ in range(5):
        before = {name: value.copy() for name, value in model.values.items()}
        train(model, 1)
        tensors = {name: torch.tensor(value, requires_grad=True) for name, value in before.items()}
        loss = loss_of_torch(model, tensors["V"], tensors["U"])
        loss.backward()
        assert model.metrics["loss"] == pytest.approx(loss.item(), rel=1e-12)
        for parameter in model.parameters():
            gradient = tensors[parameter.name].grad
            assert gradient is not None
            np.testing.assert_allclose(parameter.gradient, gradient.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("optimizer", "rate"), [("adam", 0.01), ("sgd", 2.0), ("momentum", 0.5), ("rmsprop", 0.01)])
def test_the_trajectory_is_that_of_torch(optimizer: str, rate: float, tmp_path: Path) -> None:
    model = build(
        f"optimizer={optimizer}", f"learning_rate={rate}", "dimensions=4", "batch_size=64", data=text_file(tmp_path)
    )
    tensors = {name: torch.tensor(value.copy(), requires_grad=True) for name, value in model.values.items()}
    kinds: dict[str, Any] = {
        "sgd": lambda: torch.optim.SGD(tensors.values(), lr=rate),
        "momentum": lambda: torch.optim.SGD(tensors.values(), lr=rate, momentum=0.9),
        "rmsprop": lambda: torch.optim.RMSprop(tensors.values(), lr=rate),
        "adam": lambda: torch.optim.Adam(tensors.values(), lr=rate),
    }
    theirs = kinds[optimizer]()
    for _ in range(30):
        train(model, 1)
        theirs.zero_grad()
        loss_of_torch(model, tensors["V"], tensors["U"]).backward()
        theirs.step()
    for name, value in model.values.items():
        np.testing.assert_allclose(value, tensors[name].detach().numpy(), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("words", [*METHODS, ("dataset=china",)])
def test_gradients_are_those_of_differences(words: tuple[str, ...], tmp_path: Path) -> None:
    picture = "dataset=china" in words
    model = build(*words, data=picture_file(tmp_path) if picture else text_file(tmp_path))
    for steps in (0, 3):
        train(model, steps)
        checks = model.check_gradients()
        assert len(checks) == 40 and len({check.entry[0] for check in checks}) == 2
        assert max(check.relative_error for check in checks) < 1e-6
    assert sum(check.analytic != 0 for check in checks) > 20


def test_the_first_step_knows_nothing_and_moves_only_what_is_asked_for(tmp_path: Path) -> None:
    model = build("negatives=4", data=text_file(tmp_path))
    start = {name: value.copy() for name, value in model.values.items()}
    assert np.abs(start["V"]).max() <= 0.5 / 32 and not start["U"].any()
    train(model, 1)
    assert model.metrics["loss"] == pytest.approx(5 * np.log(2))
    assert (model.values["V"] == start["V"]).all() and model.values["U"].any()
    train(model, 1)
    assert (model.values["V"] != start["V"]).any()


# What it asks


def test_pairs_are_all_pairs_within_the_window_of_a_sentence(tmp_path: Path) -> None:
    text = "\n\n".join(f"one two three four five. six seven one! two. nine ten one. n{i}" for i in range(40))
    model = build("window=2", "subsample=0", "vocabulary=10", data=text_file(tmp_path, text))
    questions, words = model.subject.training, model.subject.corpus.words
    found: Counter[tuple[str, str]] = Counter()
    for epoch in range(40):
        questions._begin(epoch)
        ids = questions.sentences.ids
        pairs = zip(questions._centres, questions._near[:, 0], strict=True)
        found.update((words[ids[centre]], words[ids[near]]) for centre, near in pairs)
    known = set(model.subject.corpus.vocabulary)
    possible = set()
    for sentence in ("one two three four five", "six seven one", "nine ten one"):
        kept = [word for word in sentence.split() if word in known]
        near = [(a, b) for a, b in itertools.permutations(range(len(kept)), 2) if abs(a - b) <= 2]
        possible |= {(kept[a], kept[b]) for a, b in near}
    assert set(found) == possible
    assert found["two", "three"] == pytest.approx(2 * found["two", "four"], rel=0.1)  # one in two looks that far


def test_cbow_gives_all_words_near_the_one_asked_for(tmp_path: Path) -> None:
    text = "\n\n".join(f"{GREEK}. number{number}" for number in range(30))
    settings = ("method=cbow", "window=3", "subsample=0", "vocabulary=10", "batch_size=64")
    model = build(*settings, data=text_file(tmp_path, text))
    questions = model.subject.training
    place = {word: number for number, word in enumerate(GREEK.split())}
    names = model.subject.corpus.words
    sizes = set()
    for step in range(5):
        questions.draw(step)
        for given, share, asked in zip(questions.given, questions.shares, questions.asked[:, 0], strict=True):
            near = sorted(place[names[int(id_)]] for id_ in given[share > 0])
            here = place[names[int(asked)]]
            reach = max(abs(there - here) for there in near)
            whole = [there for there in range(here - reach, here + reach + 1) if there != here and 0 <= there < 10]
            assert near == whole and reach <= 3 and share.sum() == pytest.approx(1)
            sizes.add(len(near))
    assert sizes == {1, 2, 3, 4, 5, 6}


def test_noise_is_drawn_by_frequency_to_the_power_of_three_quarters(tmp_path: Path) -> None:
    model = build(data=text_file(tmp_path))
    questions, counts = model.subject.training, model.subject.corpus.counts
    drawn = np.zeros(len(counts))
    for step in range(100):
        questions.draw(step)
        drawn += np.bincount(questions.asked[:, 1:].astype(int).ravel(), minlength=len(counts))
    expected = counts**0.75 / (counts**0.75).sum()
    np.testing.assert_allclose(drawn / drawn.sum(), expected, rtol=0.05)


def test_frequent_words_are_left_out_as_often_as_the_authors_do() -> None:
    frequency = np.array([0.05, 0.01, 0.0004])
    shares = module("questions").kept_shares(frequency, 0.001)
    np.testing.assert_allclose(shares, [np.sqrt(0.02) + 0.02, np.sqrt(0.1) + 0.1, 1.0])
    assert (module("questions").kept_shares(frequency, 0.0) == 1).all()


def test_every_tenth_piece_is_held_out_and_never_learned_from(tmp_path: Path) -> None:
    pieces = [f"the cat number{number} sat on the mat and looked at the dog" for number in range(40)]
    model = build(data=text_file(tmp_path, "\n\n".join(pieces)))
    words = set(model.subject.corpus.words)
    assert {f"number{number}" for number in range(40)} - words == {"number9", "number19", "number29", "number39"}
    metrics = train(model, 40)
    assert ["held_out_loss" in each for each in metrics].count(True) == 2
    assert metrics[39]["held_out_loss"] < metrics[19]["held_out_loss"]


# Time


def moments(model: Scenario, finely: bool) -> int:
    model.stop_at_operations = finely
    return len(list(model.step()))


@pytest.mark.parametrize("words", [("batch_size=50",), ("method=cbow", "optimizer=momentum"), ("dataset=flower",)])
def test_going_back_and_on_repeats_every_bit(words: tuple[str, ...], tmp_path: Path) -> None:
    data = picture_file(tmp_path) if "dataset=flower" in words else text_file(tmp_path)
    model = build(*words, data=data)
    states, metrics = [model.state()], []
    for _ in range(90):
        metrics += train(model, 1)
        states.append(model.state())
    for step in (0, 1, 9, 40, 79, 80, 89):
        model.restore(states[step])
        assert same(model.state(), states[step])
        assert train(model, 90 - step) == metrics[step:]
        assert same(model.state(), states[-1])
    there = build(*words, data=data)
    there.restore(states[50])
    assert train(there, 40) == metrics[50:]


@pytest.mark.parametrize("words", [("batch_size=40",), ("dataset=flower",)])
def test_the_grain_and_looking_change_no_number(words: tuple[str, ...], tmp_path: Path) -> None:
    data = picture_file(tmp_path) if "dataset=flower" in words else text_file(tmp_path)
    coarse, fine, watched = (build(*words, data=data) for _ in range(3))
    for step in range(12):
        assert moments(coarse, finely=False) == 4
        assert moments(fine, finely=True) == len(fine.operations())
        for _ in watched.step():
            watched.views(), watched.notes(), watched.operations(), watched.check_gradients()
        if "dataset=flower" in words:
            watched.change("row", step)
        else:
            watched.change("word", ("fox", "soup")[step % 2])
            watched.change("analogy", "fox - dog + soup")
        assert same(coarse.state(), fine.state()) and same(coarse.state(), watched.state())
        assert coarse.metrics == fine.metrics == watched.metrics
        assert coarse.operations() == fine.operations() == watched.operations()


def test_equations_say_what_was_computed(tmp_path: Path) -> None:
    model = build("dimensions=2", "negatives=1", data=text_file(tmp_path))
    train(model, 3)
    lines = {line.symbols: number for number, line in enumerate(model.operations())}
    assert all(line.source.startswith("scenario.py:") for line in model.operations())
    batch, v = model.subject.training, model.weights.part("V", model.weights.seen)
    row = model.entry(lines["v = V[c]"], (7, 1)).numbers
    subscript = str(int(batch.given[7, 0])).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    assert row == f"v₇,₁ = V{subscript},₁ = {v[int(batch.given[7, 0]), 1]:.5g}"
    score = model.entry(lines["s = v·U[o]"], (7, 0)).numbers
    u = model.weights.part("U", model.weights.seen)
    expected = v[int(batch.given[7, 0])] @ u[int(batch.asked[7, 0])]
    assert score.startswith("s₇,₀ = ") and float(score.rpartition(" = ")[2]) == pytest.approx(expected, rel=1e-4)
    back = model.entry(lines["∂L/∂V = Σ(c = row) ∂L/∂v"], (3, 0)).numbers
    assert float(back.rpartition(" = ")[2]) == pytest.approx(model.parameters()[0].gradient[3, 0], rel=1e-4)
    with pytest.raises(BadInput, match="has no entry"):
        model.entry(lines["v = V[c]"], (7, 2))


@pytest.mark.parametrize("words", METHODS)
def test_every_entry_of_every_equation_can_be_told(words: tuple[str, ...], tmp_path: Path) -> None:
    model = build(*words, "dimensions=3", "batch_size=20", data=text_file(tmp_path))
    train(model, 4)
    for number, line in enumerate(model.operations()):
        for index in itertools.islice(np.ndindex(*line.shape), 0, None, 7):
            said = model.entry(number, index).numbers
            assert said.count(" = ") >= 1 and "nan" not in said


def test_an_entry_set_by_hand_shows_at_once(tmp_path: Path) -> None:
    model = build(data=text_file(tmp_path))
    train(model, 20)
    before = dict(model.metrics)
    model.assign("U", (0, 3), 9.0)
    assert model.metrics["loss"] != before["loss"]
    assert train(model, 1)[0]["loss"] > 0


def test_live_hyperparameters_and_looks(tmp_path: Path) -> None:
    model = build("optimizer=momentum", data=text_file(tmp_path))
    train(model, 1)
    model.change("learning_rate", 0.0)
    model.change("momentum", 0.0)
    start = model.weights.values.copy()
    train(model, 3)
    assert (model.weights.values == start).all()
    with pytest.raises(NotImplementedError):
        model.change("window", 3)
    with pytest.raises(BadInput, match="optimizer=momentum"):
        build(data=text_file(tmp_path)).change("momentum", 0.5)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("batch_size=100000",), r"batch_size is 100000, but an epoch has only [\d,]+ questions: give fewer, or auto"),
        (("word=foxx",), "'foxx' is no word of small.txt: did you mean 'fox'?"),
        (("word=zzz",), "'zzz' is no word of small.txt: take one of its words, such as 'the'"),
        (("vocabulary=10", "word=corn"), "'corn' has no vector: it is number 1"),
        (("analogy=fox - dig + hen",), "'dig' is no word of small.txt: did you mean 'dog'?"),
        (("analogy=fox -",), "analogy cannot be 'fox -': write a sum of words, such as king - man + woman"),
        (("analogy=+ -",), "analogy cannot be"),
    ],
)
def test_settings_that_cannot_be(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=sentence.replace("?", r"\?").replace(" + ", r" \+ ")) as caught:
        build(*words, data=text_file(tmp_path))
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)
