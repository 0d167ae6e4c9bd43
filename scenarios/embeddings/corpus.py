"""A text as word tokens: each word has a number, its id, and the most frequent word has id 0."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.csv_table import printable
from tui_lab.lab.errors import BadInput

from ..language_model.text import read_text

Ids = NDArray[np.int32]

_WORD = re.compile(r"\w+(?:'\w+)*")
_SENTENCE_END = re.compile(r"[.!?…。！？]+|\n\s*\n")
_FEWEST_WORDS = 10
"""Different words from which on there is something to tell apart."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """n tokens one after the other: the word's id, and the number of the sentence in which it stands, both (n,)."""

    ids: Ids
    numbers: Ids

    def around(self, place: int) -> range:
        """The places of all tokens of the sentence to which the token at `place` belongs."""
        number = self.numbers[place]
        return range(int(np.searchsorted(self.numbers, number)), int(np.searchsorted(self.numbers, number, "right")))

    def has_pairs(self, size: int) -> bool:
        """Whether two of the words with ids below `size` stand in one sentence."""
        numbers = self.numbers[self.ids < size]
        return bool((numbers[1:] == numbers[:-1]).any())


@dataclass(frozen=True)
class Corpus:
    """`words` are all words of the part to learn from, `counts` (w,) how often each occurs there. Only the first `size`
    get a vector: they are the vocabulary."""

    title: str
    words: list[str]
    counts: NDArray[np.int64]
    size: int
    training: Sentences
    held_out: Sentences

    @property
    def vocabulary(self) -> list[str]:
        """The words that have a vector, by id."""
        return self.words[: self.size]

    def knows(self, word: str) -> bool:
        """Whether the word has a vector."""
        return self._ids.get(word, self.size) < self.size

    def id_of(self, text: str) -> int:
        """The id of a word as a person writes it. Raises BadInput with the nearest word if it has no vector."""
        word = plain(text).strip()
        found = self._ids.get(word)
        if found is None:
            close = difflib.get_close_matches(word, self.vocabulary, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"take one of its words, such as '{self.words[0]}'."
            raise BadInput(f"'{printable(text.strip())}' is no word of {self.title}: {hint}")
        if found >= self.size:
            raise BadInput(
                f"'{word}' has no vector: it is number {found + 1:,} of the words of {self.title} by frequency, and "
                f"only the first {self.size:,} have one; start a run with a larger vocabulary."
            )
        return found

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}


def read_corpus(data: Path | None, vocabulary: int) -> Corpus:
    """The words of a file, or of the shipped text; every tenth piece of it is held out. Raises BadInput."""
    text = read_text(data)
    training, held_out = (_sentences(pieces) for pieces in (text.training, text.held_out))
    counts = Counter(word for sentence in training for word in sentence)
    if len(counts) < _FEWEST_WORDS:
        number = "1 word, again and again" if len(counts) == 1 else f"{len(counts)} different words"
        raise BadInput(f"{text.title} has only {number}: give a text with at least {_FEWEST_WORDS} different words.")
    ranked = counts.most_common()
    words = [word for word, _ in ranked]
    ids = {word: number for number, word in enumerate(words)}
    return Corpus(
        title=text.title,
        words=words,
        counts=np.array([count for _, count in ranked]),
        size=min(vocabulary, len(words)),
        training=_numbered(training, ids),
        held_out=_numbered(held_out, ids),
    )


def plain(text: str) -> str:
    """Small letters, and one kind of apostrophe: The and the are one word."""
    return text.lower().replace("’", "'")


def _sentences(pieces: Iterable[str]) -> list[list[str]]:
    """The words of every sentence. What is no letter, digit or apostrophe inside a word belongs to no word."""
    found = (_WORD.findall(sentence) for piece in pieces for sentence in _SENTENCE_END.split(plain(piece)))
    return [words for words in found if words]


def _numbered(sentences: list[list[str]], ids: dict[str, int]) -> Sentences:
    """The words as ids; those without an id, which only what is held out can have, are left out."""
    tokens = [(ids[word], number) for number, words in enumerate(sentences) for word in words if word in ids]
    both = np.array(tokens, np.int32).reshape(-1, 2)
    return Sentences(both[:, 0].copy(), both[:, 1].copy())
