"""The text of the language models and its tokens."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tui_lab.lab.errors import BadInput
from tui_lab.scenarios.language_model.text import Text, divided, pieces_of, read_text, shipped_text
from tui_lab.scenarios.language_model.tokens import END, BytePairs, Characters, Tokens
from tui_lab.scenarios.language_model.windows import Windows, consecutive, stream

PROSE = "\n\n\n".join(f"Story {n}\n\nOnce there was a fox with {n} apples. It said: {'no ' * n}." for n in range(60))


@pytest.fixture(scope="module")
def shipped() -> Text:
    return read_text()


@pytest.fixture(scope="module")
def pairs(shipped: Text) -> BytePairs:
    return BytePairs.trained(shipped.training, 600)


def test_the_shipped_text_is_large_and_plain() -> None:
    text = shipped_text()
    assert len(text) >= 300_000
    assert text.isascii()
    assert "MIT License" not in text


def test_every_piece_is_either_learned_from_or_held_out(shipped: Text) -> None:
    assert not set(shipped.training) & set(shipped.held_out)
    assert sorted(shipped.training + shipped.held_out) == sorted(pieces_of(shipped_text()))
    assert 0.05 < len("".join(shipped.held_out)) / shipped.characters < 0.15
    assert read_text() == shipped


def test_a_piece_that_occurs_again_is_not_held_out() -> None:
    pieces = [f"Piece number {n} says something of its own, and not too short a thing." for n in range(40)]
    pieces[19] = pieces[3]
    text = divided("file", "\n\n\n".join(pieces))
    assert text.held_out == [pieces[9], pieces[29], pieces[39]]
    assert pieces[3] in text.training


@pytest.mark.parametrize("separator", ["\n\n\n\n", "\n\n", "\n", " "])
def test_any_text_can_be_divided(separator: str) -> None:
    sentences = [f"Sentence {n} is about the number {n * n}." for n in range(100)]
    text = divided("file", separator.join(sentences))
    assert len(text.held_out) >= 2
    assert not set(text.training) & set(text.held_out)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n\t\r\n" * 900, "is empty"),
        (b"a" * 5000, "one character, 'a', again and again"),
        (b"aa a\n" * 5000, "one character"),
        (b"\x1b" * 5000, "one character, '\xef\xbf\xbd'"),
        (b"Too short.", "only 10 characters"),
        (b"The same line.\n" * 500, "again and again"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 100, "byte 8 of it is 0"),
        ("Grüße an alle. ".encode("utf-16") * 100, "is no text"),
        ("Grüße an alle. ".encode("latin-1") * 100, "not UTF-8 text, see byte 2"),
    ],
)
def test_what_is_no_text_is_refused_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "text.txt"
    file.write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        read_text(file)
    assert sentence.encode("latin-1").decode("utf-8") in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "\x1b" not in str(refusal.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.txt"):
        with pytest.raises(BadInput, match="is not a file"):
            read_text(path)


def test_terminal_escape_sequences_are_characters(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("\x1b[31mRed\x1b[0m and \x1b]0;title\x07 plain.\n" + PROSE, encoding="utf-8")
    text = read_text(file)
    characters = Characters(text.training)
    assert characters.unknown("\x1b") == []
    assert characters.decode(characters.encode(text.training[0])) == text.training[0]
    assert "\x1b[31mRed" in text.training[0]


def test_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    plain, windows = tmp_path / "text.txt", tmp_path / "windows" / "text.txt"
    windows.parent.mkdir()
    plain.write_bytes(PROSE.encode())
    windows.write_bytes(b"\xef\xbb\xbf" + PROSE.replace("\n", "\r\n").encode())
    assert read_text(plain) == read_text(windows)


@given(st.text())
def test_byte_pairs_give_any_text_back(pairs: BytePairs, text: str) -> None:
    ids = pairs.encode(text)
    assert pairs.decode(ids) == text
    assert pairs.unknown(text) == []
    lengths = pairs.lengths()
    assert sum(lengths[id_] for id_ in ids) == len(text)


@given(st.text())
def test_characters_give_known_text_back_and_say_what_is_unknown(text: str) -> None:
    characters = Characters([text])
    assert characters.decode(characters.encode(text)) == text
    assert characters.unknown(text) == []
    others = Characters(["a known text"])
    assert all(character in text and character not in "a known text" for character in others.unknown(text))
    assert len(others.encode(text)) == len(text)
    assert sum(others.lengths()[id_] for id_ in others.encode(text)) == len(text)


def test_what_looks_like_a_special_token_is_text(pairs: BytePairs) -> None:
    for tokens in (pairs, Characters(["<|end|> or not"])):
        assert tokens.end not in tokens.encode("<|end|> or not")
        assert tokens.decode(tokens.encode("<|end|> or not")) == "<|end|> or not"
        assert tokens.pieces([0, 1]) == ["<|pad|>", END]


def test_byte_pairs_are_the_same_every_time(pairs: BytePairs, shipped: Text) -> None:
    assert BytePairs.trained(shipped.training, 600).tokenizer().to_str() == pairs.tokenizer().to_str()
    assert pairs.size == 600
    text = shipped.held_out[0]
    assert len(pairs.encode(text)) < 0.6 * len(text)


@pytest.mark.parametrize("kind", ["characters", "byte-pairs"])
def test_the_library_s_tokenizer_cuts_the_same_way(kind: str, pairs: BytePairs, shipped: Text, tmp_path: Path) -> None:
    tokens: Tokens = pairs if kind == "byte-pairs" else Characters(shipped.training)
    tokens.tokenizer().save(str(tmp_path / "tokenizer.json"))
    library = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    text = "The fox\nlaughed: 7 times! ñ"
    assert library.encode(text).ids == tokens.encode(text)
    assert library.decode(tokens.encode(text[:-1])) == text[:-1]
    assert library.token_to_id(END) == tokens.end


def test_a_step_s_batch_follows_from_its_number() -> None:
    ids = torch.arange(1000)
    windows, again = Windows(ids, 16, 4, seed=3), Windows(ids, 16, 4, seed=3)
    straight = [windows.of_step(step) for step in range(40)]
    for step in (39, 0, 17, 16, 38):
        for ours, theirs in zip(again.of_step(step), straight[step], strict=True):
            assert torch.equal(ours, theirs)
    for inputs, targets in straight:
        assert inputs.shape == targets.shape == (4, 16)
        assert torch.equal(inputs + 1, targets)


def test_an_epoch_sees_no_token_twice_and_nearly_all() -> None:
    windows = Windows(torch.arange(1000), 16, 4, seed=0)
    first = torch.cat([windows.of_step(step)[1] for step in range(windows.per_epoch)]).flatten()
    second = torch.cat([windows.of_step(step + windows.per_epoch)[1] for step in range(windows.per_epoch)]).flatten()
    assert len(set(first.tolist())) == len(first) >= 1000 - 2 * 16 - 4 * 16
    assert not torch.equal(first, second)


@given(st.integers(2, 200), st.integers(1, 40))
def test_measuring_windows_ask_for_every_token_but_the_first_once(count: int, length: int) -> None:
    pairs = list(consecutive(torch.arange(count), length, batch=3))
    assert torch.cat([targets.flatten() for _, targets in pairs]).tolist() == list(range(1, count))
    for inputs, targets in pairs:
        assert inputs.shape[1] <= length
        assert torch.equal(inputs + 1, targets)


def test_a_text_of_too_few_tokens_names_a_context_that_fits() -> None:
    with pytest.raises(BadInput, match="context=50 or less"):
        Windows(torch.arange(100), 64, 4, seed=0)
    Windows(torch.arange(100), 50, 4, seed=0)


def test_pieces_end_with_the_end_token(pairs: BytePairs) -> None:
    ids = stream(pairs, ["One.", "Two."]).tolist()
    assert pairs.decode(ids) == "One.<|end|>Two.<|end|>"
