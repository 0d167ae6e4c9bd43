"""What is shown of a language model: texts that grow and shrink, true probabilities, attention, states, surprises."""

import math
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
import pytest
import torch

from tests.scenarios.language_subjects import SIZE, TEXT, Subject, one_thread, recurrent, table, transformer  # noqa: F401
from tui_lab.lab.views import Bars, Curves, Heat, Table, Tokens, View, Words
from tui_lab.scenarios.language_model.perplexity import surprise
from tui_lab.scenarios.language_model.pictures import Pictures as Album
from tui_lab.scenarios.language_model.sampling import Rules
from tui_lab.scenarios.language_model.tensors import changes
from tui_lab.scenarios.language_model.writer import Sample, Writer

MAKERS = [table, transformer, recurrent]


def views(subject: Subject) -> list[View]:
    return list(Album(subject).views())


def written(subject: Subject, count: int, rules: Rules | None = None, writer: Writer | None = None) -> Sample:
    version = changes(subject.model)
    return (writer or Writer(subject.model, 16)).write(
        version, subject.tokens.encode("the c"), rules or Rules(), 3, count
    )


def logs_after(subject: Subject, ids: list[int]) -> np.ndarray:
    said = subject.model.log_probabilities(torch.tensor([ids[-subject.model.context :]]))
    return np.asarray(said[0, -1].double())


# Writing


@pytest.mark.parametrize("make", MAKERS)
def test_a_text_grows_and_shrinks_by_its_end(make: Callable[..., Subject]) -> None:
    subject = make()
    writer = Writer(subject.model, 16)
    whole = written(subject, 60).written
    assert len(whole) == 60
    for count in (0, 1, 7, 60, 30, 0, 60):
        sample = written(subject, count, writer=writer)
        assert sample.written == whole[:count] and sample.complete and len(sample.probabilities) == count


@pytest.mark.parametrize("make", MAKERS)
def test_each_token_has_the_probability_that_the_model_gave_it(make: Callable[..., Subject]) -> None:
    subject = make()
    sample = written(subject, 30, Rules(0.5, 4, 0.9))
    for place, token in enumerate(sample.written):
        logs = logs_after(subject, sample.ids[: len(sample.beginning) + place])
        assert sample.probabilities[place] == pytest.approx(math.exp(logs[token]), rel=1e-4)
        assert token in np.argsort(-logs)[:4]
    np.testing.assert_allclose(sample.following, logs_after(subject, sample.ids), atol=1e-4)


def test_greedy_writing_takes_the_likeliest() -> None:
    subject = table()
    sample = written(subject, 20, Rules(0.0))
    assert all(
        token == logs_after(subject, sample.ids[: 5 + place]).argmax() for place, token in enumerate(sample.written)
    )


@pytest.mark.parametrize("make", MAKERS)
def test_after_a_change_it_writes_what_a_new_writer_writes(make: Callable[..., Subject]) -> None:
    subject = make()
    writer = Writer(subject.model, 16)
    written(subject, 40, writer=writer)
    tensors = [*subject.model.parameters(), *subject.model.buffers()]
    for size in (1e-3, 0.3, 0.0):
        with torch.no_grad():
            for tensor in tensors:
                tensor.add_(size * torch.randn(tensor.shape, generator=torch.Generator().manual_seed(4)))
        for rules in (Rules(), Rules(0.7, top_p=0.8)):
            assert written(subject, 40, rules, writer).written == written(subject, 40, rules).written


def test_what_would_be_written_again_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    subject, passes = recurrent(), list[int]()
    writer = Writer(subject.model, 16)
    before = written(subject, 40, writer=writer)
    ask = subject.model.log_probabilities

    def counted(ids: torch.Tensor) -> Any:
        passes.append(ids.shape[1])
        return ask(ids)

    monkeypatch.setattr(subject.model, "log_probabilities", counted)
    with torch.no_grad():
        next(subject.model.parameters()).mul_(1 + 1e-7)
    assert written(subject, 40, writer=writer).written == before.written and passes == [16, *[16] * 29]


@pytest.mark.parametrize("make", MAKERS)
def test_a_model_that_is_what_it_was_is_not_looked_at_again(make: Callable[..., Subject]) -> None:
    """So a step back inside a step draws nothing anew: torch counts the way there and back as changes."""
    subject = make()
    observer = Album(subject).observer
    sample, (tensor, *_) = observer.sample(), subject.model.tensors()
    with torch.no_grad():
        before = tensor.clone()
        tensor.add_(1)
        other = observer.sample()
        tensor.copy_(before)
    again = observer.sample()
    assert other is not sample and again.following.tolist() == sample.following.tolist()
    with torch.no_grad():
        tensor.copy_(before)
    assert observer.sample() is again


def test_a_hurried_text_grows_while_the_model_changes() -> None:
    subject = transformer()
    writer, weights = Writer(subject.model, 16), next(subject.model.parameters())
    lengths, texts = [], []
    for place in range(5):
        with torch.no_grad():
            weights.mul_(0.7)
        sample = writer.write(place, subject.tokens.encode("the c"), Rules(), 3, 300, patience=0.002)
        lengths.append(len(sample.written))
        texts.append(sample.written)
        np.testing.assert_allclose(sample.following, logs_after(subject, sample.ids), atol=1e-4)
    assert all(a < b for a, b in pairwise(lengths)) and sample.mixed and not sample.complete
    assert all(longer[: len(text)] == text for text, longer in pairwise(texts))
    assert written(subject, 60, writer=writer).written == written(subject, 60).written
    assert not written(subject, 60, writer=writer).mixed


def test_a_hurried_picture_says_what_it_is() -> None:
    subject = transformer(grown=300)
    subject.hurried, album = True, Album(subject)
    list(album.views())
    with torch.no_grad():
        next(subject.model.parameters()).mul_(1.1)
    text = next(album.views())
    assert isinstance(text, Tokens) and text.title.endswith("of 300, each by the model of its moment")
    subject.hurried = False
    text = next(album.views())
    assert isinstance(text, Tokens) and text.title == "what it writes: 300 tokens"


def test_prompt_and_written_tokens_are_told_apart() -> None:
    text = views(transformer())[0]
    assert isinstance(text, Tokens) and text.marks == ["prompt", "written"]
    (passage,) = text.passages
    assert passage.pieces[:5] == list("the c") and passage.marks.tolist() == [0] * 5 + [1] * 12
    assert np.isnan(passage.shades[:5]).all() and ((passage.shades[5:] > 0) & (passage.shades[5:] <= 1)).all()


def test_unknown_characters_and_escapes_are_shown_as_what_they_are() -> None:
    prompt = "the \x1b[31mκ"
    text, bars, *_ = views(transformer(prompt=prompt, sentence=prompt))
    assert isinstance(text, Tokens) and text.marks[2] == "unknown to the model"
    (passage,) = text.passages
    assert passage.pieces[: len(prompt)] == list(prompt)
    assert passage.marks[: len(prompt)].tolist() == [0, 0, 0, 0, 2, 2, 2, 2, 0, 2]
    assert isinstance(bars, Bars) and len(bars.names)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("prompt", ["", "κόσμε", "the cat sat on the mat. " * 20])
def test_any_prompt_can_be_written_on(make: Callable[..., Subject], prompt: str) -> None:
    assert views(make(prompt=prompt, grown=3, sentence=""))


# The next token


def test_bars_are_the_probabilities_and_point_at_the_next_token() -> None:
    for grown in range(6):
        subject = table(grown=grown)
        bars = views(subject)[1]
        assert isinstance(bars, Bars)
        ids = written_ids(subject, grown)
        p = np.exp(logs_after(subject, ids))
        np.testing.assert_allclose(bars.values, np.sort(p)[::-1][: len(bars.values)], rtol=1e-5)
        assert not bars.compared.size and bars.kept.all()
        following = written_ids(subject, grown + 1)[-1]
        assert bars.names[bars.chosen] == subject.tokens.pieces([following])[0]


def written_ids(subject: Subject, grown: int) -> list[int]:
    album = Album(Subject(subject.model, grown=grown))
    return list(album.observer.sample().ids)


def test_temperature_and_cuts_are_seen_in_the_bars() -> None:
    bars = views(table(temperature=2.0, top_k=5, top_p=0.9))[1]
    assert isinstance(bars, Bars)
    own = bars.compared**0.5
    np.testing.assert_allclose(bars.values / bars.values[0], own / own[0], rtol=1e-6)
    assert 1 <= bars.kept.sum() <= 5 and bars.kept[bars.chosen] and f"of {SIZE} are kept" in bars.title
    assert bars.value_label == "probability at temperature 2" and bars.compared_label == "the model's own"


# What goes on inside


def test_all_heads_are_small_maps_and_one_is_large() -> None:
    subject = transformer()
    ids = Album(subject).observer.sample().ids[-16:]
    weights = subject.model.traces(torch.tensor([ids])).attention
    small = next(view for view in views(subject) if isinstance(view, Heat))
    assert (small.rows, small.columns) == (["layer 1", "layer 2"], ["head 1", "head 2", "head 3"])
    assert small.values.shape == (2 * 17, 3 * 17) and np.isnan(small.values[16]).all()
    found = small.values[17:33, 34:50]  # layer 2, head 3
    np.testing.assert_allclose(np.nan_to_num(found), weights[1][2].numpy(), atol=1e-6)
    large = next(view for view in views(transformer(layer=2, head=3)) if isinstance(view, Heat))
    np.testing.assert_array_equal(large.values, found)
    assert np.isnan(large.values[0, 1:]).all() and np.isfinite(large.values[np.tri(16, dtype=bool)]).all()
    assert large.rows == large.columns and len(large.rows) == 16 and large.title == "attention of layer 2 head 3"


@pytest.mark.parametrize(("layer", "head", "maps", "texts"), [(1, 0, 3, 3), (0, 2, 2, 2), (9, 9, 1, 1), (0, 0, 6, 2)])
def test_layer_and_head_choose(layer: int, head: int, maps: int, texts: int) -> None:
    shown = views(transformer(layer=layer, head=head))
    heat = next(view for view in shown if isinstance(view, Heat))
    assert heat.values.size == (maps * 17 * 17 if maps > 1 else 16 * 16)
    where = [view for view in shown if isinstance(view, Tokens)][1]
    assert len(where.passages) == texts
    assert all(passage.shades.sum() == pytest.approx(1) for passage in where.passages)


def test_states_are_those_of_the_sample() -> None:
    subject = recurrent(grown=9)
    shown = views(subject)
    h, c, gates = [view for view in shown if isinstance(view, Heat)]
    ids = Album(subject).observer.sample().ids[-16:]
    expected = subject.model.traces(torch.tensor([ids])).states["h"].T.numpy()
    np.testing.assert_allclose(h.values, expected, rtol=1e-5)
    np.testing.assert_allclose(c.values, 2 * expected, rtol=1e-5)
    assert h.high == -h.low == np.abs(expected).max() and h.columns[0] == "∎" and h.columns[1:6] == list("the c")
    assert gates.rows == ["forget", "candidate"] and (gates.low, gates.high) == (-1.0, 1.0)
    assert gates.columns == h.columns and gates.values.shape == (2 * (SIZE + 1), 15)
    np.testing.assert_allclose(gates.values[:SIZE], 1 / (1 + np.exp(-expected)), rtol=1e-5)
    np.testing.assert_allclose(gates.values[SIZE + 1 : -1], np.tanh(expected), rtol=1e-5)


def test_the_bigrams_table_is_what_it_says() -> None:
    subject = table()
    heat = next(view for view in views(subject) if isinstance(view, Heat))
    counts = {character: TEXT[:250].count(character) for character in set(TEXT)}
    assert heat.rows[0] == max(counts, key=lambda character: counts[character]) and heat.rows == heat.columns
    one, other = subject.tokens.encode(heat.rows[2])[0], subject.tokens.encode(heat.rows[4])[0]
    assert heat.values[2, 4] == pytest.approx(math.exp(logs_after(subject, [one])[other]), rel=1e-5)


def test_embeddings_keep_their_places_in_the_plane() -> None:
    subject = recurrent()
    words = next(view for view in views(subject) if isinstance(view, Words))
    vectors = subject.model.embedding.weight.detach().double().numpy()
    ids = [subject.tokens.encode(name)[0] for name in words.names if len(name) == 1 and name != "∎"]
    shown = [i for i, name in enumerate(words.names) if len(name) == 1 and name != "∎"]
    flat = np.stack([words.x, words.y], 1)[shown]
    centred = vectors[ids] - vectors[ids].mean(axis=0)
    # Distances in the plane are those along two orthogonal directions: never longer than the true ones.
    assert (np.linalg.norm(flat[0] - flat[1:], axis=1) <= np.linalg.norm(centred[0] - centred[1:], axis=1) + 1e-6).all()
    again = next(view for view in views(subject) if isinstance(view, Words))
    np.testing.assert_array_equal(words.x, again.x)


# Surprise


@pytest.mark.parametrize("make", MAKERS)
def test_bits_are_those_of_the_probabilities(make: Callable[..., Subject]) -> None:
    subject = make()
    ids = subject.tokens.encode("the cat ate.")
    found = surprise(subject.model, 16, subject.tokens.end, ids, subject.tokens.lengths())
    before = [subject.tokens.end, *ids]
    expected = [-logs_after(subject, before[: i + 1])[id_] / math.log(2) for i, id_ in enumerate(ids)]
    np.testing.assert_allclose(found.bits, expected, rtol=1e-4, atol=1e-4)
    assert found.perplexity == pytest.approx(2 ** np.mean(expected), rel=1e-3)
    assert found.bits_per_character == pytest.approx(np.mean(expected), rel=1e-3)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("length", [1, 15, 16, 17, 23, 24, 25, 90])
def test_a_long_sentence_is_gone_through_in_windows(make: Callable[..., Subject], length: int) -> None:
    subject = make()
    ids = subject.tokens.encode((TEXT * 2)[:length])
    found = surprise(subject.model, 16, subject.tokens.end, ids, subject.tokens.lengths())
    before = [subject.tokens.end, *ids]
    assert found.bits.shape == (length,) and (found.bits > 0).all()
    for i, id_ in enumerate(ids):
        # Of a window's tokens every one but the first window's has at least half a context before it.
        candidates = [
            -logs_after(subject, before[max(i + 1 - seen, 0) : i + 1])[id_] / math.log(2) for seen in range(8, 17)
        ]
        assert min(abs(found.bits[i] - np.array(candidates))) < 1e-3


def test_the_sentence_is_shaded_by_its_surprise() -> None:
    subject = transformer(sentence="the cat κ")
    view = [view for view in views(subject) if isinstance(view, Tokens)][-1]
    (passage,) = view.passages
    assert passage.pieces == list("the cat κ") and passage.marks.tolist() == [0] * 8 + [1]
    assert view.high == pytest.approx(math.log2(SIZE)) and view.title.startswith("your sentence: perplexity ")
    found = surprise(subject.model, 16, 1, subject.tokens.encode("the cat κ"), subject.tokens.lengths())
    np.testing.assert_allclose(passage.shades, np.clip(found.bits / view.high, 0, 1))
    assert not [v for v in views(transformer(sentence="")) if isinstance(v, Tokens) and "sentence" in v.title]


# All of them


@pytest.mark.parametrize("make", MAKERS)
def test_looking_leaves_no_trace(make: Callable[..., Subject]) -> None:
    subject = make()
    tensors = [*subject.model.parameters(), *subject.model.buffers()]
    before, noise = [tensor.clone() for tensor in tensors], torch.get_rng_state()
    subject.model.train()
    views(subject)
    assert all(torch.equal(a, b) for a, b in zip(before, tensors, strict=True))
    assert torch.equal(noise, torch.get_rng_state()) and all(tensor.grad is None for tensor in tensors)
    assert subject.model.training


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("size", [1e30, math.inf, math.nan])
def test_numbers_that_are_none_raise_nothing(make: Callable[..., Subject], size: float) -> None:
    subject = make()
    with torch.no_grad():
        for tensor in [*subject.model.parameters(), *subject.model.buffers()]:
            tensor.reshape(-1).numpy()[::3] = size
    assert views(subject)


def test_a_second_look_is_cheap() -> None:
    album = Album(transformer(grown=100))
    list(album.views())
    times = []
    for _ in range(5):
        began = perf_counter()
        list(album.views())
        times.append(perf_counter() - began)
    assert min(times) < 0.02


def kinds(subject: Subject) -> list[Any]:
    return [type(view) for view in views(subject)]


def test_writing_comes_first_and_then_what_is_particular() -> None:
    assert kinds(table()) == [Tokens, Bars, Heat, Tokens, Table]
    assert kinds(transformer()) == [Tokens, Bars, Heat, Tokens, Curves, Tokens, Words, Table]
    assert kinds(recurrent()) == [Tokens, Bars, Heat, Heat, Heat, Curves, Tokens, Words, Table]
