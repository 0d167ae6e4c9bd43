"""Cosines: how alike two vectors point, whatever their length; and what comes nearest to one."""

import re

import numpy as np

from tui_lab.lab.csv_table import printable
from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Array

from .corpus import Corpus
from .kinds import Pairs

_SIGNS = re.compile(r"([+\-−–])")


class Space:
    """Vectors (v, d), each made 1 long: then the dot product of two is the cosine of the angle between them. A vector
    of length 0 stays so."""

    def __init__(self, vectors: Array) -> None:
        self.units = _unit(vectors)

    def cosines(self, wanted: Array) -> Array:
        """Of all vectors with one more (d,): (v,), from -1 to 1."""
        found: Array = self.units @ _unit(wanted[None])[0]
        return found

    def of_pairs(self, pairs: Pairs) -> Array:
        """The cosines (p,) of the vectors of each pair (p, 2)."""
        found: Array = (self.units[pairs[:, 0]] * self.units[pairs[:, 1]]).sum(axis=1)
        return found

    def near(self, place: int, count: int) -> list[int]:
        """The places of the vectors with the largest cosines with the one at `place`, largest first."""
        return largest(self.cosines(self.units[place]), count, [place])


def largest(scores: Array, count: int, without: list[int]) -> list[int]:
    """The places of the `count` largest scores (n,), largest first, but for some."""
    order = np.argsort(-scores, kind="stable")
    return [int(place) for place in order[~np.isin(order, without)][:count]]


def _unit(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: Array = np.divide(vectors, lengths, out=np.zeros(vectors.shape), where=lengths > 0)
    return made


class Analogy:
    """`king - man + woman`: some words added, some taken away. `ids` are those of its words; signs (n,) are 1 or -1."""

    def __init__(self, text: str, corpus: Corpus) -> None:
        """Raises BadInput for what is no such sum, and for a word without a vector."""
        pieces = [piece.strip() for piece in _SIGNS.split(text)]
        pieces = ["+", *pieces] if pieces[0] else pieces[1:]  # the first word may have a sign of its own
        signs, words = pieces[::2], pieces[1::2]
        if not words or len(signs) != len(words) or not all(words):
            raise BadInput(f"analogy cannot be '{printable(text)}': write a sum of words, such as king - man + woman.")
        self.ids = [corpus.id_of(word) for word in words]
        self.signs: Array = np.array([1.0 if sign == "+" else -1.0 for sign in signs])
        self.text = " ".join(
            f"{'+' if sign > 0 else '−'} {corpus.words[id_]}" for sign, id_ in zip(self.signs, self.ids, strict=True)
        ).removeprefix("+ ")

    def scores(self, space: Space) -> Array:
        """The cosine (v,) of every word's vector with the sum of those of the words, each first made 1 long."""
        return space.cosines(self.signs @ space.units[self.ids])

    def answers(self, space: Space, count: int) -> list[int]:
        """The ids that come nearest, nearest first; the words of the question do not count."""
        return largest(self.scores(space), count, self.ids)
