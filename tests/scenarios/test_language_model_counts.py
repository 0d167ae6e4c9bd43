"""Models that count, against their formulas."""

import math
import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tui_lab.lab.errors import BadInput
from tui_lab.scenarios.language_model.counts import Bigram, Counting
from tui_lab.scenarios.language_model.measure import measure
from tui_lab.scenarios.language_model.ngram import NGram
from tui_lab.scenarios.language_model.windows import consecutive

SIZE = 7


def text(length: int, seed: int = 0) -> list[int]:
    """Ids in which some tokens follow others more often than by chance."""
    draw, ids = random.Random(seed), [0]
    while len(ids) < length:
        ids.append((ids[-1] + draw.choice((1, 1, 1, 2, 3))) % SIZE if draw.random() < 0.9 else draw.randrange(SIZE))
    return ids


def read(model: Counting, ids: list[int], context: int = 16) -> None:
    for inputs, targets in consecutive(torch.tensor(ids), context, batch=3):
        model.count(inputs, targets)


@given(st.lists(st.integers(0, SIZE - 1), min_size=2, max_size=300), st.integers(1, 40))
def test_bits_of_the_text_are_the_entropy_of_its_counts(ids: list[int], context: int) -> None:
    model = Bigram(SIZE, smoothing=0.0)
    read(model, ids, context)
    pairs = Counter(pairwise(ids))
    firsts = Counter(ids[:-1])
    closed = -sum(n / (len(ids) - 1) * math.log2(n / firsts[a]) for (a, _), n in pairs.items())
    found = measure(model, torch.tensor(ids), torch.ones(SIZE), context)
    assert found.tokens == len(ids) - 1
    assert found.loss / math.log(2) == pytest.approx(closed, abs=1e-9)
    assert model.entropy() == pytest.approx(closed, abs=1e-9)


def test_smoothing_leaves_a_chance_to_what_never_came() -> None:
    model = Bigram(3, smoothing=0.5)
    model.count(torch.tensor([[0, 0, 0]]), torch.tensor([[1, 1, 2]]))
    probabilities = model.log_probabilities(torch.tensor([[0, 1]])).exp()[0]
    assert probabilities[0].tolist() == pytest.approx([0.5 / 4.5, 2.5 / 4.5, 1.5 / 4.5])
    assert probabilities[1].tolist() == pytest.approx([1 / 3] * 3)


def witten_bell(windows: list[list[int]], order: int, history: list[int]) -> list[float]:
    """The formula, from the shortest context to the longest."""
    p = [1 / SIZE] * SIZE
    for length in range(min(order - 1, len(history)) + 1):
        after: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for window in windows:
            for place in range(max(length, 1), len(window)):
                after[tuple(window[place - length : place])][window[place]] += 1
        counts = after[tuple(history[len(history) - length :])]
        if counts:
            total, different = counts.total(), len(counts)
            p = [(counts[w] + different * p[w]) / (total + different) for w in range(SIZE)]
    return p


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(0, 1000))
def test_an_n_gram_is_witten_bell_s_formula(order: int, seed: int) -> None:
    ids, context = text(120, seed), 16
    model = NGram(SIZE, order)
    read(model, ids, context)
    windows = [
        [*inputs[row].tolist(), int(targets[row, -1])]
        for inputs, targets in consecutive(torch.tensor(ids), context, batch=3)
        for row in range(len(inputs))
    ]
    asked = text(12, seed + 1)
    said = model.log_probabilities(torch.tensor([asked])).exp()[0]
    for place in range(len(asked)):
        assert said[place].tolist() == pytest.approx(witten_bell(windows, order, asked[: place + 1]), abs=1e-12)


def test_longer_contexts_say_more() -> None:
    ids = text(4000)
    losses = []
    for order in (1, 2, 3):
        model = NGram(SIZE, order)
        read(model, ids[:3000])
        losses.append(measure(model, torch.tensor(ids[3000:]), torch.ones(SIZE), 16).loss)
    assert losses[1] < losses[0] - 0.1
    assert losses[2] < losses[1] + 0.05, "the text is a chain of order one: more context neither helps nor hurts much"


@pytest.mark.parametrize("make", [lambda: Bigram(SIZE, 0.1), lambda: NGram(SIZE, 3)], ids=["bigram", "ngram"])
def test_counts_saved_and_loaded_are_the_same(make: "type[Counting]") -> None:
    model, other = make(), make()
    read(model, text(200))
    other.load(model.arrays())
    asked = torch.tensor([text(20, seed=5)])
    assert torch.equal(model.log_probabilities(asked), other.log_probabilities(asked))
    read(model, text(100, seed=2))
    read(other, text(100, seed=2))
    assert torch.equal(model.log_probabilities(asked), other.log_probabilities(asked))


@pytest.mark.parametrize("make", [lambda: Bigram(SIZE, 0.1), lambda: NGram(SIZE, 3)], ids=["bigram", "ngram"])
def test_the_tables_tell_what_was_added(make: "type[Counting]") -> None:
    model = make()
    inputs = torch.tensor([[0, 1, 2], [3, 4, 5]])
    for times in (1, 2):
        model.count(inputs, (inputs + 1) % SIZE)
        for parameter in model.described():
            assert parameter.value.sum() == parameter.update.sum() * times > 0
            assert parameter.norms()[1] == 0


def test_too_long_grams_are_refused_in_one_sentence() -> None:
    with pytest.raises(BadInput, match="order=6 is too much for 2,048 different tokens"):
        NGram(2048, 6)


def test_the_same_after_any_cut_of_the_reading() -> None:
    whole, halves = NGram(SIZE, 3), NGram(SIZE, 3)
    batches = list(consecutive(torch.tensor(text(400)), 16, batch=8))
    for inputs, targets in batches:
        whole.count(inputs, targets)
        for half in range(2):
            if len(inputs[half::2]):
                halves.count(inputs[half::2], targets[half::2])
    asked: Tensor = torch.tensor([text(20, seed=5)])
    assert torch.equal(whole.log_probabilities(asked), halves.log_probabilities(asked))
