"""What a text asks of the word vectors: does this word stand near that one, or is it only drawn at random?

T. Mikolov, K. Chen, G. Corrado and J. Dean, "Efficient estimation of word representations in vector space", 2013;
T. Mikolov, I. Sutskever, K. Chen, G. Corrado and J. Dean, "Distributed representations of words and phrases and their
compositionality", 2013: skip-gram, CBOW, negative sampling and the subsampling of frequent words.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Array

from .corpus import Corpus, Ids, Sentences

Places = NDArray[np.int32]
"""Indices of tokens; -1 is none."""

_USUAL_BATCH = 2048
_FLATTER = 0.75
"""The noise draws a word by its frequency to this power: rare words a little more often than they occur."""
_TABLE = 1 << 20
"""Entries of the table from which the noise is drawn: each word stands in it as often as it should be drawn."""
_NOISE, _WINDOWS = 1, 0
"""Which stream of random numbers is meant."""


class Questions:
    """Batches of n questions drawn from sentences.

    skip-gram gives one word (m = 1) and asks for a word near it; CBOW gives all words near a place (m = twice the
    window) and asks for the word at that place. Beside each word that truly stands there, k others are asked for.

    Buffers that `draw` fills: `given` (n, m), the ids of the words given; `shares` (n, m), what part each has in the
    mean, 0 where there are fewer; `asked` (n, 1 + k), the ids asked for, the true one first; `answers` (n, 1 + k) is
    always 1, 0, …, 0. The questions of a step follow from its number and the seed: there is no cursor to save.
    """

    def __init__(
        self, corpus: Corpus, sentences: Sentences, settings: Mapping[str, Any], seed: int, usual: int = _USUAL_BATCH
    ) -> None:
        """Raises BadInput where there is nothing to ask, and for a batch larger than an epoch."""
        self.corpus, self.sentences, self.seed = corpus, sentences, seed
        self.window: int = settings["window"]
        self.single = settings["method"] == "skip-gram"
        frequency = corpus.counts[: corpus.size] / corpus.counts.sum()
        self.kept = kept_shares(frequency, settings["subsample"])
        self.table = noise_table(frequency)
        self._epoch, self._order = -1, np.zeros(0, np.intp)
        self._centres, self._near = np.zeros(0, np.int32), np.zeros((0, 1), np.int32)
        self.count = self._begin(0)  # questions in an epoch, up to the chance of subsampling
        self.size = batch_size(settings["batch_size"], self.count, usual)
        self.per_epoch = max(self.count // self.size, 1)
        width = 1 if self.single else 2 * self.window
        self.given: Array = np.zeros((self.size, width))
        self.shares: Array = np.zeros((self.size, width))
        self.asked: Array = np.zeros((self.size, 1 + settings["negatives"]))
        self.answers: Array = np.zeros(self.asked.shape)
        self.answers[:, 0] = 1.0
        self.first: tuple[int, list[int]] = (0, [])
        """Of the batch's first question: the place of the token asked for, and those of the tokens given."""

    def draw(self, step: int) -> None:
        """Fill the buffers with the questions of the step that comes after `step` steps."""
        epoch, batch = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._begin(epoch)
        rows = self._order[np.arange(batch * self.size, (batch + 1) * self.size) % len(self._order)]
        centres, near = self._centres[rows], self._near[rows]
        asked, given = (near[:, 0], centres[:, None]) if self.single else (centres, near)
        ids = self.sentences.ids
        there = given >= 0
        self.given[...] = np.where(there, ids[given], 0)
        np.divide(there, there.sum(axis=1, keepdims=True), out=self.shares)
        self.asked[:, 0] = ids[asked]
        self.asked[:, 1:] = self.table[self._stream(_NOISE, step).integers(_TABLE, size=self.asked[:, 1:].shape)]
        self.first = int(asked[0]), given[0][there[0]].tolist()

    def _begin(self, epoch: int) -> int:
        """Draw an epoch's questions and their order; how many there are. Raises BadInput if there are none."""
        draw = self._stream(_WINDOWS, epoch)
        self._centres, self._near = self._windows(draw)
        if not len(self._centres):
            raise BadInput(f"No two words of {self.corpus.title} with a vector stand in one sentence.")
        self._epoch, self._order = epoch, draw.permutation(len(self._centres))
        return len(self._centres)

    def _windows(self, draw: np.random.Generator) -> tuple[Places, Places]:
        """Places of centres (c,) and of words near them, (c, 1) or (c, m) with -1 for none.

        Some tokens of frequent words are left out, anew in each epoch, and the others close up. How far a centre looks
        is drawn from 1 to the window, so that next neighbours count most.
        """
        ids, numbers = self.sentences.ids, self.sentences.numbers
        known = np.flatnonzero(ids < self.corpus.size).astype(np.int32)
        places = known[draw.random(len(known)) < self.kept[ids[known]]]
        reach = draw.integers(1, self.window, len(places), endpoint=True)
        near = np.full((len(places), 2 * self.window), -1, np.int32)
        for distance in range(1, min(self.window, len(places) - 1) + 1):
            left, right = places[:-distance], places[distance:]
            together = numbers[left] == numbers[right]
            near[:-distance, 2 * distance - 1] = np.where(together & (reach[:-distance] >= distance), right, -1)
            near[distance:, 2 * distance - 2] = np.where(together & (reach[distance:] >= distance), left, -1)
        if self.single:  # a question for each pair
            centre, column = np.nonzero(near >= 0)
            return places[centre], near[centre, column][:, None]
        some = (near >= 0).any(axis=1)
        return places[some], near[some]

    def _stream(self, which: int, number: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(which, number)))


def kept_shares(frequency: Array, threshold: float) -> Array:
    """The chance that a token of each word is kept, √(t/f) + t/f up to 1, as in the authors' program; 1 for t = 0."""
    if not threshold:
        return np.ones_like(frequency)
    shares: Array = np.minimum(np.sqrt(threshold / frequency) + threshold / frequency, 1.0)
    return shares


def noise_table(frequency: Array) -> Ids:
    """The ids (2²⁰,) to draw noise from."""
    upper = np.cumsum(frequency**_FLATTER)
    table: Ids = np.searchsorted(upper, (np.arange(_TABLE) + 0.5) / _TABLE * upper[-1]).astype(np.int32)
    return table


def batch_size(setting: int | str, count: int, usual: int) -> int:
    """How many questions a step asks: `usual` for auto. Raises BadInput for more than there are."""
    if setting == "auto":
        return min(usual, count)
    if int(setting) > count:
        raise BadInput(f"batch_size is {setting}, but an epoch has only {count:,} questions: give fewer, or auto.")
    return int(setting)
