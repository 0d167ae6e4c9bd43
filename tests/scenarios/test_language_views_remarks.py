"""What is said of a language model: sentences with true numbers, and only where they apply."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.scenarios.language_subjects import SIZE, Subject, one_thread, recurrent, table, transformer  # noqa: F401
from tui_lab.scenarios.language_model.counts import Bigram
from tui_lab.scenarios.language_model.measure import measure
from tui_lab.scenarios.language_model.observer import Observer
from tui_lab.scenarios.language_model.remarks import Remarks
from tui_lab.scenarios.language_model.standards import standards


def remarks(subject: Subject) -> list[str]:
    return list(Remarks(subject, Observer(subject)).sentences())


def measured(subject: Subject, *bits: float) -> Subject:
    for place, value in enumerate(bits, 1):
        subject.records[-1].steps = 100 * place
        subject.records[-1].measured(value)
    return subject


def test_unknown_characters_are_named_and_escapes_are_not_obeyed() -> None:
    (said,) = (note for note in remarks(transformer(prompt="the κατ\x1b[31m")) if "prompt" in note)
    assert "7 characters" in said and "'κ' (U+03BA)" in said and "(U+001B)" in said and "\x1b" not in said
    assert said.count("U+") == 6 and "(U+0033), …: it sees" in said
    (said,) = (note for note in remarks(transformer(sentence="κ")) if "sentence" in note)
    assert said.startswith("The sentence has 1 character that")
    assert not any("U+" in note for note in remarks(transformer()))


def test_overfitting_is_told_when_the_held_out_text_becomes_dearer() -> None:
    subject = measured(table(), 3.0, 2.0, 2.5, 2.6, 2.7)
    subject.training = subject.training[:1].repeat(200)  # of which the model is sure
    subject.model.logs[subject.training[0], subject.training[0]] = 50.0
    (said,) = (note for note in remarks(subject) if note.startswith("Overfitting"))
    assert "2.000 bits per character at step 200 and costs 2.700 now" in said
    assert (
        f"learns from only {measure(subject.model, subject.training, subject.lengths, 16).bits_per_character:.3f}"
        in said
    )


@pytest.mark.parametrize("bits", [(3.0, 2.0, 1.9), (3.0, 2.0, 2.5, 2.6), (3.0, 2.0, 2.001, 2.001, 2.001), ()])
def test_a_little_noise_is_no_overfitting(bits: tuple[float, ...]) -> None:
    assert not any("Overfitting" in note for note in remarks(measured(table(), *bits)))


def test_a_model_that_knows_its_own_text_no_better_does_not_overfit() -> None:
    assert not any("Overfitting" in note for note in remarks(measured(table(), 3.0, 2.0, 2.5, 2.6, 2.7)))


def test_a_shortened_gradient_is_told_with_both_norms() -> None:
    subject = transformer()
    subject.settings["max_grad_norm"], subject.metrics = 1.5, {"grad_norm": 3.25}
    assert any("had the norm 3.25 and was shortened to 1.5" in note for note in remarks(subject))
    for norm, limit in ((1.2, 1.5), (3.25, "off")):
        subject.settings["max_grad_norm"], subject.metrics = limit, {"grad_norm": norm}
        assert not any("shortened" in note for note in remarks(subject))


def test_the_price_is_told_beside_guessing_and_counting() -> None:
    subject = measured(table(), 2.5)
    than = standards(subject.training, subject.held_out, subject.lengths, 16, 0.1)
    (said,) = (note for note in remarks(subject) if note.startswith("Held-out"))
    assert f"2.500 bits per character; guessing evenly among {SIZE} tokens {math.log2(SIZE):.3f}" in said
    assert said.endswith(f"counts of pairs {than.pairs:.3f}.")
    table_view = than.table("gru", 2.5)
    assert [row[1] for row in table_view.rows] == [than.even, than.pairs, than.entropy, 2.5]
    assert than.table("gru", math.nan).rows[3] == ["this gru, held-out text", "–"]


def test_standards_are_those_of_counts() -> None:
    subject = table()
    than = standards(subject.training, subject.held_out, subject.lengths, 16, 0.1)
    ids = subject.training.tolist()
    counts = np.zeros((SIZE, SIZE))
    np.add.at(counts, (ids[:-1], ids[1:]), 1.0)
    with np.errstate(all="ignore"):
        bits = -np.nansum(counts * np.log2(counts / counts.sum(1, keepdims=True)))
    assert than.entropy == pytest.approx(bits / counts.sum(), rel=1e-9)  # every token is one character
    smoothed = (counts + 0.1) / (counts + 0.1).sum(1, keepdims=True)
    held = subject.held_out.tolist()
    assert than.pairs == pytest.approx(np.mean([-np.log2(smoothed[a, b]) for a, b in pairwise(held)]))
    assert than.even == pytest.approx(math.log2(SIZE))


def test_no_model_of_one_token_beats_the_entropy_on_its_text() -> None:
    subject = table()
    bigram = Bigram(SIZE, 1e-9)
    bigram.count(subject.training[None, :-1], subject.training[None, 1:])
    than = standards(subject.training, subject.held_out, subject.lengths, 16, 0.1)
    found = [
        measure(each, subject.training, subject.lengths, 16).bits_per_character for each in (bigram, subject.model)
    ]
    assert found[0] == pytest.approx(than.entropy, abs=1e-6) and found[1] > than.entropy


def test_how_far_the_gradient_reaches_is_measured() -> None:
    (said,) = (note for note in remarks(recurrent(0.8)) if "gradient is left" in note)
    assert said == f"After 15 tokens back {0.8**15:.2%} of the gradient is left, × 0.8 per token."
    assert not any("gradient" in note for note in remarks(table()))


def test_answers_that_are_no_numbers_are_told() -> None:
    subject = transformer()
    assert not any("not numbers" in note for note in remarks(subject))
    with torch.no_grad():
        next(subject.model.parameters()).fill_(math.nan)
    assert any(note.startswith("The model's answers are not numbers") for note in remarks(subject))
