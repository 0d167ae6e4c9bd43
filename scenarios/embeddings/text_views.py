"""The pictures of word vectors: where words lie, what is near what, and how tokens become vectors."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.activations import response, sigmoid
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape
from tui_lab.lab.views import Bars, Heat, Passage, Table, Tokens, View, Words

from .corpus import Corpus
from .kinds import sums_in
from .questions import Questions
from .rotation import rotation
from .similarity import Analogy, Space, largest
from .trail import Trail

_NEIGHBOURS = 10
_DRAWN_NEIGHBOURS = 5
"""Neighbours of the chosen word that are drawn in the plane beside the words always shown."""
_ENTRIES = 4
"""Entries of a vector that a table has room for."""
_MARKS = ["of the sentence", "given: c", "asked for: o", "noise, asked for too", "without a vector"]
_PLAIN, _GIVEN, _ASKED, _NOISE, _UNKNOWN = range(5)


class Reader(Protocol):
    """The text, as its pictures see it."""

    corpus: Corpus
    training: Questions
    trail: Trail
    shown: NDArray[np.intp]
    judged: Array
    word: int
    analogy: Analogy


class TextViews:
    """Draws the vectors where the parameters of a tape stand."""

    def __init__(self, text: Reader, tape: Tape) -> None:
        self.text, self.corpus = text, text.corpus
        self.vectors = tape.parameters.part("V", tape.parameters.values)
        before = text.trail.before_training
        self.space = Space(self.vectors)
        self.before = self.space if before is None else Space(before)
        self.scores = self.scores_of_first_question(tape)

    def views(self) -> Iterator[View]:
        """All pictures, the most telling first."""
        yield self.plane()
        yield self.neighbours()
        yield self.sentence()
        yield self.rows()
        yield self.agreement()
        yield self.heat()
        yield self.analogy()
        yield from self.sums()
        yield self.turned()

    def plane(self) -> Words:
        """The words shown, the chosen one and its neighbours, and the way that they have come."""
        word, trail = self.text.word, self.text.trail
        near = self.space.near(word, _DRAWN_NEIGHBOURS)
        ids = list(dict.fromkeys([*self.text.shown.tolist(), word, *near]))
        plane = trail.now(self.vectors)
        now = plane.of(self.vectors[ids])
        ways = np.zeros((len(ids), trail.moments, 2))
        for moment, places in enumerate(trail.places[: trail.moments]):
            ways[:, moment] = plane.of(places[ids])
        share = plane.share(self.vectors[self.text.shown])
        return Words(
            title=f"{len(ids)} of {self.corpus.size} words, {share:.0%} of their spread (PCA)",
            x_label="",
            y_label="",
            names=[self.corpus.words[id_] for id_ in ids],
            x=now[:, 0],
            y=now[:, 1],
            before_x=ways[:, :, 0],
            before_y=ways[:, :, 1],
            chosen=np.array([ids.index(id_) for id_ in [word, *near]], np.intp),
        )

    def neighbours(self) -> Table:
        """What points most nearly the same way as the chosen word, now and before training."""
        word = self.text.word
        columns = [
            self._with_scores(space.near(word, _NEIGHBOURS), space.cosines(space.units[word]))
            for space in (self.space, self.before)
        ]
        title = f"nearest to '{self.corpus.words[word]}' ({int(self.corpus.counts[word])} times in the text)"
        return _now_and_before(title, columns)

    def sentence(self) -> Tokens:
        """The sentence of the batch's first question, and the noise drawn for it."""
        questions, words = self.text.training, self.corpus.words
        asked, given = questions.first
        around = questions.sentences.around(asked)
        ids = questions.sentences.ids[around.start : around.stop].tolist()
        marks = [_PLAIN if id_ < self.corpus.size else _UNKNOWN for id_ in ids]
        for place in given:
            marks[place - around.start] = _GIVEN
        marks[asked - around.start] = _ASKED
        noise = [words[id_] for id_ in _ids(questions.asked[0, 1:])]
        return Tokens(
            title="the batch's first question",
            passages=[
                _passage("what stands near the word given?", [words[id_] for id_ in ids], marks),
                _passage("and these, drawn at random?", noise, [_NOISE] * len(noise)),
            ],
            marks=_MARKS,
        )

    def rows(self) -> Table:
        """Tokens, their ids, and the rows of V that these number."""
        questions = self.text.training
        around = questions.sentences.around(questions.first[0])
        ids = questions.sentences.ids[around.start : around.stop].tolist()
        rows: list[list[str | float]] = []
        for id_ in ids:
            known = id_ < self.corpus.size
            entries = self.vectors[id_, :_ENTRIES].tolist() if known else ["no row"] + [""] * (_ENTRIES - 1)
            rows.append([self.corpus.words[id_], str(id_), *entries])
        heads = [f"V[id,{column}]" for column in range(min(_ENTRIES, self.vectors.shape[1]))]
        return Table("token → id → row of V", ["token", "id", *heads], [row[: 2 + len(heads)] for row in rows])

    def agreement(self) -> Bars:
        """What the batch's first question was answered."""
        questions, words = self.text.training, self.corpus.words
        shares = questions.shares[0]
        given = [words[id_] for id_ in _ids(questions.given[0][shares > 0])]
        return Bars(
            title=f"how likely near '{' '.join(given)}': the true word and noise",
            value_label="σ(s)",
            names=[words[id_] for id_ in _ids(questions.asked[0])],
            values=response(sigmoid, self.scores)[0],
            chosen=0,
        )

    def heat(self) -> Heat:
        """The rows of V of the words shown."""
        ids = self.text.shown
        values = self.vectors[ids]
        high = float(np.abs(values).max()) or 1.0
        return Heat(
            title=f"{len(ids)} of the {self.corpus.size} rows of V",
            row_label="word",
            column_label="entry",
            rows=[self.corpus.words[id_] for id_ in ids.tolist()],
            columns=[str(column) for column in range(values.shape[1])],
            values=values,
            low=-high,
            high=high,
        )

    def analogy(self) -> Table:
        """What comes nearest to a sum of words, now and before training."""
        analogy = self.text.analogy
        columns = [
            self._with_scores(analogy.answers(space, _NEIGHBOURS), analogy.scores(space))
            for space in (self.space, self.before)
        ]
        return _now_and_before(f"{analogy.text} = ?", columns)

    def sums(self) -> Iterator[Table]:
        """How a list of such sums comes out; beside them what is nearest to their first word alone."""
        rows: list[list[str | float]] = []
        for text, wanted in sums_in(self.corpus):
            analogy = Analogy(text, self.corpus)
            answers = analogy.answers(self.space, len(self.vectors))
            alone = largest(self.space.cosines(self.space.units[analogy.ids[0]]), 1, analogy.ids)
            rank = answers.index(self.corpus.id_of(wanted)) + 1
            rows.append([analogy.text, *self._named(answers[:1]), wanted, f"{rank}.", *self._named(alone)])
        if rows:
            yield Table("sums of words", ["sum", "comes out", "hoped for", "comes as", "first alone"], rows)

    def turned(self) -> Table:
        """The same cosines after all vectors were turned: what single entries are means nothing."""
        turned = self.vectors @ rotation(self.vectors.shape[1])
        word = self.text.word
        name = self.corpus.words[word]
        rows: list[list[str | float]] = [
            [f"entry {column} of '{name}'", float(self.vectors[word, column]), float(turned[word, column])]
            for column in range(min(_ENTRIES, self.vectors.shape[1]))
        ]
        here, there = (space.cosines(space.units[word]) for space in (self.space, Space(turned)))
        near = self.space.near(word, _ENTRIES)
        rows += [[f"cosine with '{self.corpus.words[id_]}'", float(here[id_]), float(there[id_])] for id_ in near]
        return Table("all vectors turned by one rotation", ["", "as learned", "turned"], rows)

    def scores_of_first_question(self, tape: Tape) -> Array:
        """s (1 + k,) of the batch's first question, with the parameters as they stand."""
        questions, outer = self.text.training, tape.parameters.part("U", tape.parameters.values)
        given, asked = _ids(questions.given[0]), _ids(questions.asked[0])
        scores: Array = outer[asked] @ (questions.shares[0] @ self.vectors[given])
        return scores

    def _with_scores(self, ids: list[int], scores: Array) -> list[tuple[str, float]]:
        return [(self.corpus.words[id_], float(scores[id_])) for id_ in ids]

    def _named(self, ids: list[int]) -> list[str]:
        return [self.corpus.words[id_] for id_ in ids]


def _now_and_before(title: str, columns: list[list[tuple[str, float]]]) -> Table:
    rows: list[list[str | float]] = [[*now, *before] for now, before in zip(*columns, strict=True)]
    return Table(title, ["now", "cosine", "before training", "cosine"], rows)


def _passage(caption: str, words: list[str], marks: list[int]) -> Passage:
    pieces = [*words[:1], *(f" {word}" for word in words[1:])]
    return Passage(caption, pieces, np.array(marks, np.intp), np.full(len(pieces), np.nan))


def _ids(numbers: Array) -> list[int]:
    return [int(number) for number in numbers]
