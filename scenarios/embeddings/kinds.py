"""Words of a kind, and sums of words: what the pictures show and the notes measure. All are English; a text in
which they do not occur is shown by its frequent words instead."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus

Pairs = NDArray[np.intp]

KINDS = {
    "family": "mother father grandmother grandfather sister brother uncle aunt son daughter",
    "days": "monday tuesday wednesday thursday friday saturday sunday",
    "numbers": "two three four five six seven eight nine ten",
    "colours": "red blue green white black grey brown yellow",
    "animals": "dog cat fox mouse horse bear bird rabbit",
    "praise": "wonderful superb beautiful clever exciting funny touching lovely",
    "blame": "dull stupid boring slow terrible bad weak predictable",
    "deeds": "went came walked ran looked sat stood turned",
}
"""What sort of word each is, and the words."""

SUMS = (
    ("was - is + are", "were"),
    ("his - he + they", "their"),
    ("me - i + we", "us"),
    ("my - i + we", "our"),
    ("he - man + woman", "she"),
    ("boy - he + she", "girl"),
    ("father - man + woman", "mother"),
    ("uncle - man + woman", "aunt"),
    ("second - two + three", "third"),
    ("took - take + go", "went"),
    ("saw - see + take", "took"),
    ("king - man + woman", "queen"),
)
"""Sums of words, and what a person would say they come to."""

_FEWEST_OF_A_KIND, _FEWEST_KINDS = 3, 3
_FIRST, _SHOWN = 30, 60
"""Without kinds the words shown are so many by frequency, after the most frequent, which say little: the, and, of."""


def kinds_in(corpus: Corpus) -> dict[str, list[int]]:
    """The ids of the words of each kind, as far as they have vectors; nothing if there are too few."""
    known = {
        kind: [corpus.id_of(word) for word in words.split() if corpus.knows(word)] for kind, words in KINDS.items()
    }
    kinds = {kind: ids for kind, ids in known.items() if len(ids) >= _FEWEST_OF_A_KIND}
    return kinds if len(kinds) >= _FEWEST_KINDS else {}


def pairs_of(kinds: Mapping[str, list[int]]) -> tuple[Pairs, Pairs]:
    """All pairs of words of one kind (p, 2), and all pairs of words of two kinds (q, 2)."""
    kind = np.array([number for number, ids in enumerate(kinds.values()) for _ in ids])
    ids = np.array([id_ for each in kinds.values() for id_ in each], np.intp)
    left, right = np.triu_indices(len(ids), k=1)
    pairs = np.stack([ids[left], ids[right]], axis=1)
    alike = kind[left] == kind[right]
    return pairs[alike], pairs[~alike]


def shown_words(corpus: Corpus) -> NDArray[np.intp]:
    """The ids of the words that pictures show."""
    kinds = kinds_in(corpus)
    if kinds:
        return np.array([id_ for ids in kinds.values() for id_ in ids], np.intp)
    first = _FIRST if corpus.size >= _FIRST + _SHOWN else 0
    return np.arange(first, min(first + _SHOWN, corpus.size))


def sums_in(corpus: Corpus) -> list[tuple[str, str]]:
    """The sums all of whose words have vectors, and what they should come to."""
    return [
        (text, answer)
        for text, answer in SUMS
        if all(map(corpus.knows, [answer, *text.replace("-", " ").replace("+", " ").split()]))
    ]
