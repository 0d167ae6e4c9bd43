"""Texts of any kind become tokens, or are refused in one sentence; and a run from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli import Command, command
from tests.scenarios.networks import train
from tests.scenarios.vectors import build, module, sentences, text_file
from tui_lab.lab.errors import BadInput

__all__ = ["command"]

CORPUS, SIMILARITY = module("corpus"), module("similarity")


def test_tokens_are_small_words_and_ids_go_by_frequency(tmp_path: Path) -> None:
    text = "Don’t stop! It's the cat's mat, the MAT… the end.\nÉté 42; naïve_x — the rest"
    corpus = CORPUS.read_corpus(text_file(tmp_path, "\n\n".join([text] * 30 + [f"{n} more" for n in range(30)])), 100)
    assert corpus.words[0] == "the" and corpus.counts[0] == corpus.counts.max()
    assert {"don't", "it's", "cat's", "mat", "été", "42", "naïve_x"} <= set(corpus.words)
    assert corpus.id_of(" THE ") == 0 and corpus.id_of("Don’t") == corpus.words.index("don't")
    ids, numbers = corpus.training.ids, corpus.training.numbers
    first = [corpus.words[id_] for id_ in ids[numbers == 1]]
    assert first == ["it's", "the", "cat's", "mat", "the", "mat"]
    assert [corpus.words[id_] for id_ in ids[np.array(corpus.training.around(3))]] == first


def test_terminal_escapes_are_only_characters(tmp_path: Path) -> None:
    text = "\n\n".join(f"\x1b[31mred\x1b[0m \x1b]0;title\x07 word{n % 7} and word{n % 5} stand here" for n in range(60))
    model = build(data=text_file(tmp_path, text))
    train(model, 3)
    assert not any("\x1b" in word for word in model.subject.corpus.words)
    assert len(model.views()) == 8


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "small.txt is empty"),
        (b" \n\t\n", "small.txt is empty"),
        (b"word " * 400, "has only 1 word, again and again: give a text with at least 10 different words"),
        (b"one two\n\n" * 200, "says the same again and again"),
        (b"a few words only", "has only 16 characters"),
        (bytes(range(256)) * 8, "small.txt is no text: byte 0 of it is 0"),
        ("naïve words ".encode("latin-1") * 200, "small.txt is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 100, "small.txt is no text"),
        (
            "\n\n".join(f"{n:09b}".replace("0", "no ").replace("1", "yes ") for n in range(90)).encode(),
            "has only 2 different words: give",
        ),
        (
            "\n\n".join(" ".join(f"{n:05o}") for n in range(200)).encode(),
            "has only 8 different words: give a text with",
        ),
        ("\n\n".join("?!"[: n % 2 + 1] * n for n in range(9, 90)).encode(), "has only 0 different words"),
        ("\n\n".join(f"word{n}" for n in range(400)).encode(), "No two words of small.txt .* stand in one sentence"),
    ],
)
def test_what_is_no_text_to_learn_from(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "small.txt"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=sentence) as caught:
        build(data=path)
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)


def test_a_text_in_another_language_is_shown_by_its_frequent_words(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    words = [f"слово{n}" for n in range(120)]
    text = "\n\n".join(" ".join(words[n] for n in draw.zipf(1.3, 9) % 120) for _ in range(300))
    model = build(data=text_file(tmp_path, text))
    train(model, 5)
    assert len(model.subject.shown) == 60 and model.subject.word == 30
    assert not any("sums of words" in view.title for view in model.views())
    assert not any("pairs of words of one kind" in note for note in model.notes())


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_gives_words_without_space_or_capitals(text: str) -> None:
    for words in CORPUS._sentences([text]):
        assert words and all(word and not any(map(str.isspace, word)) for word in words)
        assert CORPUS._sentences([" ".join(words)]) == [words]


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="+-−– abcthe'", max_size=20))
def test_any_sum_is_read_or_refused(text: str) -> None:
    empty = CORPUS.Sentences(np.zeros(0, np.int32), np.zeros(0, np.int32))
    words = ["the", "a", "cat", "bee"]
    corpus = CORPUS.Corpus("text", words, np.ones(4, np.int64), 4, empty, empty)
    try:
        analogy = SIMILARITY.Analogy(text, corpus)
    except BadInput as error:
        assert "\n" not in str(error)
    else:
        assert len(analogy.ids) == len(analogy.signs) >= 1 and set(analogy.signs.tolist()) <= {1.0, -1.0}
        assert SIMILARITY.Analogy(analogy.text, corpus).ids == analogy.ids


def test_a_run_from_a_terminal(command: Command, tmp_path: Path) -> None:
    data = text_file(tmp_path, sentences(2000))
    done = command("run", "embeddings", "--headless", "--json", "--data", data, "--set", "word=fox", "--steps", 40)
    last = json.loads(done.out.splitlines()[-1])
    assert done.code == 0 and last["status"] == "finished" and last["step"] == 40
    assert last["metrics"]["held_out_loss"] < 4.16
    assert [parameter["name"] for parameter in last["parameters"]] == ["V", "U"]
    again = command("run", "embeddings", "--headless", "--json", "--data", data, "--steps", 40)
    assert json.loads(again.out.splitlines()[-1])["state_hash"] == last["state_hash"]  # a look changes nothing


def test_a_word_that_is_not_there_is_one_sentence_and_exit_code_2(command: Command, tmp_path: Path) -> None:
    refused = command("run", "embeddings", "--headless", "--data", text_file(tmp_path), "--set", "word=caat")
    assert refused.code == 2 and "did you mean 'cat'?" in refused.err and "Traceback" not in refused.err
