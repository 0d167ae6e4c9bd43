"""Tokens: the pieces that a text is cut into before a model sees it, each with a number, its id.

A character is the simplest piece. Byte pairs join what often stands together: they begin with the 256 bytes, and the
commonest pair of neighbours becomes a new token, again and again (Gage 1994; Sennrich, Haddow and Birch 2016).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

PAD, END, UNKNOWN = "<|pad|>", "<|end|>", "<|unknown|>"
"""Tokens that are no part of a text: filler, the end of a piece (a story, a letter, …), and what there is no token for.
Filler has id 0 and the end id 1 everywhere."""
_MOST_CHARACTERS = 4096
"""Different characters that become tokens, the commonest ones; rarer ones are unknown."""


class Tokens(Protocol):
    """A way to cut text into `size` different tokens."""

    name: str
    size: int
    end: int

    def encode(self, text: str) -> list[int]:
        """The ids of a text. Never fails: characters without a token become the unknown one. What looks like a special
        token in a text is only its characters."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids."""
        ...

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The text of each token by itself, for the screen."""
        ...

    def unknown(self, text: str) -> list[str]:
        """The different characters of a text that it has no token for, in their order."""
        ...

    def lengths(self) -> list[int]:
        """How many characters of text each of the `size` tokens stands for, so that measures per token become measures
        per character. The end of a piece counts as one."""
        ...

    def tokenizer(self) -> Tokenizer:
        """The same as a tokenizer of the library `tokenizers`, which can be saved."""
        ...


class Characters:
    """Every character is a token."""

    name = "characters"
    end = 1

    def __init__(self, texts: Iterable[str]) -> None:
        """The tokens are the characters of these texts."""
        counts = Counter[str]()
        for text in texts:
            counts.update(text)
        common = sorted(character for character, _ in counts.most_common(_MOST_CHARACTERS))
        self.vocabulary = [PAD, END, UNKNOWN, *common]
        self.size = len(self.vocabulary)
        self._ids = {character: id_ for id_, character in enumerate(self.vocabulary)}

    def encode(self, text: str) -> list[int]:
        unknown = self._ids[UNKNOWN]
        return [self._ids.get(character, unknown) for character in text]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(self.pieces(ids))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        return [self.vocabulary[id_] for id_ in ids]

    def unknown(self, text: str) -> list[str]:
        return [character for character in dict.fromkeys(text) if character not in self._ids]

    def lengths(self) -> list[int]:
        return [0] + [1] * (self.size - 1)

    def tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer(models.WordLevel(self._ids, unk_token=UNKNOWN))
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        tokenizer.decoder = decoders.Fuse()
        tokenizer.add_special_tokens([_special(PAD), _special(END), _special(UNKNOWN)])
        return _plain(tokenizer)


class BytePairs:
    """Tokens are bytes of UTF-8, and joined pairs of tokens. No text is unknown: every byte is a token."""

    name = "byte-pairs"
    end = 1

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = _plain(tokenizer)
        self.size: int = tokenizer.get_vocab_size()

    @classmethod
    def trained(cls, texts: Iterable[str], size: int) -> "BytePairs":
        """Joins the commonest pairs of these texts until there are `size` tokens, or no pair that occurs twice."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=2,
            special_tokens=[_special(PAD), _special(END)],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
        return cls(tokenizer)

    @classmethod
    def loaded(cls, path: Path) -> "BytePairs":
        """Those of a file `tokenizer.json`."""
        return cls(Tokenizer.from_file(str(path)))

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=False)
        return text

    def pieces(self, ids: Sequence[int]) -> list[str]:
        return [self._texts[id_] for id_ in ids]

    def unknown(self, text: str) -> list[str]:
        return []

    def lengths(self) -> list[int]:
        """A character of several bytes counts with the token that has its first byte."""
        byte_of = _bytes_by_sign()
        lengths = [0] * self.size
        for token, id_ in self._tokenizer.get_vocab().items():
            lengths[id_] = sum(byte_of.get(sign, 0x80) & 0xC0 != 0x80 for sign in token)
        lengths[:2] = 0, 1
        return lengths

    def tokenizer(self) -> Tokenizer:
        return self._tokenizer

    @cached_property
    def _texts(self) -> list[str]:
        """A token that holds a part of a character only is shown as �."""
        return [self.decode([id_]) for id_ in range(self.size)]


def make_tokens(kind: str, vocabulary: int, texts: Sequence[str]) -> Tokens:
    """`characters`, or as many `byte-pairs`, of these texts."""
    return Characters(texts) if kind == "characters" else BytePairs.trained(texts, vocabulary)


def _special(text: str) -> Any:
    return AddedToken(text, special=True, normalized=False)


def _plain(tokenizer: Tokenizer) -> Tokenizer:
    """Text that spells a special token is text."""
    tokenizer.encode_special_tokens = True
    return tokenizer


def _bytes_by_sign() -> dict[str, int]:
    """The byte that each sign of a byte-level token stands for: bytes that are printable characters stand for
    themselves, the others for characters from U+0100 on, in their order (GPT-2, Radford et al. 2019)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + i): byte for i, byte in enumerate(others)}
