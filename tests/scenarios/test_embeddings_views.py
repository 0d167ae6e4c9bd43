"""What is shown of word vectors, and said about them: neighbours, sums, the plane, questions; and that it is true."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tests.scenarios.networks import train
from tests.scenarios.vectors import CARD, DID, WHAT, WHO, build, module, text_file
from tui_lab.lab.errors import BadInput


@pytest.fixture(scope="module")
def learned() -> Any:
    """The shipped text after 400 steps, a fifth of what the settings say; tests leave it as it is."""
    model = build()
    train(model, 400)
    return model


@pytest.fixture
def small(tmp_path: Path) -> Any:
    """Animals that eat food, learned."""
    model = build("dimensions=8", "batch_size=500", "word=cat", data=text_file(tmp_path))
    train(model, 150)
    return model


def views(model: Any, kind: str) -> list[Any]:
    return [view for view in model.views() if view.kind == kind]


def table(model: Any, title: str) -> Any:
    return next(view for view in views(model, "table") if title in view.title)


def look(model: Any, name: str, value: str) -> None:
    model.change(name, value)


# What a learner sees within a minute


@pytest.mark.parametrize(
    ("word", "kind", "least"),
    [("mother", "family", 5), ("three", "numbers", 4), ("tuesday", "days", 3), ("boring", "blame", 2)],
)
def test_words_of_a_kind_are_near_each_other(learned: Any, word: str, kind: str, least: int) -> None:
    look(learned, "word", word)
    found = table(learned, f"nearest to '{word}'")
    wanted = set(module("kinds").KINDS[kind].split())
    assert sum(row[0] in wanted for row in found.rows) >= least
    assert sum(row[2] in wanted for row in found.rows) <= 2  # before training
    look(learned, "word", "")


def test_the_first_sum_of_words_comes_out_and_not_by_its_first_word_alone(learned: Any) -> None:
    found = table(learned, "was − is + are = ?")
    assert found.rows[0][0] == "were" and found.rows[0][2] != "were"
    rows = {row[0]: row[1:] for row in table(learned, "sums of words").rows}
    assert len(rows) == 12
    comes, hoped, rank, alone = rows["was − is + are"]
    assert (comes, hoped, rank) == ("were", "were", "1.") and alone != "were"
    assert rows["king − man + woman"][0] != "queen"  # as the lesson says
    assert sum(row[2] == "1." for row in rows.values()) >= 5
    assert all((row[0] == row[1]) == (row[2] == "1.") for row in rows.values())


def test_notes_count_what_came_together(learned: Any) -> None:
    notes = " ".join(learned.notes())
    pairs, nearer = (int(n) for n in re.findall(r"Of (\d+) pairs .*? (\d+) are nearer", notes)[0])
    then, now, between = (
        float(n) for n in re.findall(r"cosine (\S+) then and (\S+) now, (\S+) between kinds", notes)[0]
    )
    assert pairs > 200 and nearer > 0.95 * pairs and abs(then) < 0.1 and now > between + 0.2
    assert "before training 0 did" in notes
    look(learned, "word", "queen")
    assert re.search(r"'queen' occurs \d+ times in [\d,]+ words of text", " ".join(learned.notes()))
    look(learned, "word", "")


def test_the_lesson_tells_the_truth(learned: Any) -> None:
    lesson = CARD.lesson
    assert f"{6 * np.log(2):.2f}" in lesson and "6·log 2" in lesson
    for title in re.findall(r"\*(token → .*? of V|nearest to .*?|sums of words|all vectors .*? rotation)\*", lesson):
        assert any(title in view.title for view in learned.views()), title
    corpus = learned.subject.corpus
    assert all(corpus.knows(word) for word in ("monday", "three", "she", "king", "queen", "wonderful"))
    assert corpus.counts[corpus.id_of("queen")] < 20
    opposites = {*module("kinds").KINDS["blame"].split(), "mess", "noisy", "confusing", "tedious", "clumsy", "awful"}
    look(learned, "word", "wonderful")
    assert opposites & {row[0] for row in table(learned, "nearest to 'wonderful'").rows}
    look(learned, "word", "")


# What the pictures say


def test_neighbours_are_those_of_the_cosine(small: Any) -> None:
    vectors, words = small.values["V"], small.subject.corpus.words
    cosines = vectors @ vectors[words.index("cat")]
    cosines /= np.linalg.norm(vectors, axis=1) * np.linalg.norm(vectors[words.index("cat")])
    order = [i for i in np.argsort(-cosines) if words[i] != "cat"][:10]
    rows = table(small, "nearest to 'cat'").rows
    assert [row[0] for row in rows] == [words[i] for i in order]
    assert [row[1] for row in rows] == pytest.approx(cosines[order])
    assert {row[0] for row in rows[:4]} == set(WHO) - {"cat"}


def test_a_sum_is_that_of_vectors_of_length_one(small: Any) -> None:
    look(small, "analogy", " Fox –dog+SOUP ")
    vectors, words = small.values["V"], small.subject.corpus.words
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    fox, dog, soup = (units[words.index(word)] for word in ("fox", "dog", "soup"))
    wanted = fox - dog + soup
    cosines = units @ wanted / np.linalg.norm(wanted)
    order = [i for i in np.argsort(-cosines) if words[i] not in ("fox", "dog", "soup")][:10]
    rows = table(small, "fox − dog + soup = ?").rows
    assert [row[0] for row in rows] == [words[i] for i in order]
    assert [row[1] for row in rows] == pytest.approx(cosines[order])
    assert len(set(WHAT) & {row[0] for row in rows[:5]}) == 4


def test_the_plane_is_that_of_principal_components(small: Any) -> None:
    [plane] = views(small, "words")
    ids = [small.subject.corpus.words.index(name) for name in plane.names]
    vectors = small.values["V"]
    theirs = PCA(2).fit(vectors[small.subject.shown])
    expected = theirs.transform(vectors[ids])
    here = np.stack([plane.x, plane.y], axis=1)
    near, far = (np.linalg.norm(each[:, None] - each[None], axis=2) for each in (here, expected))
    np.testing.assert_allclose(near, far, atol=1e-8)
    assert f"{theirs.explained_variance_ratio_.sum():.0%} of their spread" in plane.title


def test_words_move_from_picture_to_picture_and_never_jump(small: Any) -> None:
    model, before = small, None
    for _ in range(60):
        train(model, 2)
        [plane] = views(model, "words")
        now = dict(zip(plane.names, zip(plane.x, plane.y, strict=True), strict=True))
        size = max(np.ptp(plane.x), np.ptp(plane.y))
        if before:
            moved = [np.hypot(*np.subtract(now[name], before[name])) for name in now if name in before]
            assert max(moved) < 0.1 * size, model.optimizer.steps
        before = now


def test_ways_begin_before_training_and_follow_the_words(tmp_path: Path) -> None:
    model = build("dimensions=4", "batch_size=100", data=text_file(tmp_path))
    start = model.values["V"].copy()
    assert views(model, "words")[0].before_x.shape[1] == 0
    seen = {0: start}
    for _ in range(200):
        train(model, 1)
        seen[model.optimizer.steps] = model.values["V"].copy()
    trail = model.subject.trail
    steps = trail.steps[: trail.moments].tolist()
    assert steps == [0, 40, 80, 120, 160]
    for step, places in zip(steps, trail.places, strict=False):
        np.testing.assert_array_equal(places, seen[step].astype(np.float32))
    [plane] = views(model, "words")
    assert plane.before_x.shape == plane.before_y.shape == (len(plane.names), 5)


def test_tokens_are_the_sentence_that_the_first_question_comes_from(small: Any) -> None:
    [tokens] = views(small, "tokens")
    sentence, noise = tokens.passages
    words = "".join(sentence.pieces).split()
    assert len(words) == 5 and words[0] == words[3] == "the" and words[1] in WHO and words[2] in DID
    meaning = [tokens.marks[mark] for mark in sentence.marks]
    assert meaning.count("given: c") == meaning.count("asked for: o") == 1
    [bars] = views(small, "bars")
    assert bars.names == [words[meaning.index("asked for: o")], *"".join(noise.pieces).split()] and bars.chosen == 0
    assert f"'{words[meaning.index('given: c')]}'" in bars.title
    rows = table(small, "token → id → row of V").rows
    assert [row[0] for row in rows] == words
    vectors = small.values["V"]
    assert all(row[2:] == vectors[int(row[1]), :4].tolist() for row in rows)


def test_bars_are_what_the_operations_computed(small: Any) -> None:
    small.refresh()
    scores = next(line for line in small.operations() if line.symbols == "s = v·U[o]")
    [bars] = views(small, "bars")
    assert bars.values[0] == pytest.approx(1 / (1 + np.exp(-float(scores.numbers.rpartition(" = ")[2]))), rel=1e-3)


def test_turning_all_vectors_changes_entries_and_no_cosine_and_no_loss(small: Any) -> None:
    rows = table(small, "turned by one rotation").rows
    entries, cosines = ([row for row in rows if row[0].startswith(kind)] for kind in ("entry", "cosine"))
    assert all(abs(here - there) > 1e-3 for _, here, there in entries)
    assert all(here == pytest.approx(there, abs=1e-12) for _, here, there in cosines)
    small.refresh()
    loss, turn = small.metrics["loss"], module("rotation").rotation(8)
    np.testing.assert_allclose(turn @ turn.T, np.eye(8), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)
    for value in small.values.values():
        value[:] = value @ turn
    small.refresh()
    assert small.metrics["loss"] == pytest.approx(loss, rel=1e-12)
    assert "Single entries mean nothing" in small.notes()[-1]


def test_the_heat_map_has_a_row_for_each_word_shown(small: Any) -> None:
    [heat] = views(small, "heat")
    words = small.subject.corpus.words
    np.testing.assert_array_equal(heat.values, small.values["V"][[words.index(name) for name in heat.rows]])
    assert -heat.low == heat.high == np.abs(heat.values).max()


@pytest.mark.parametrize("words", [("dimensions=2",), ("dimensions=2", "method=cbow"), ("vocabulary=10", "window=20")])
def test_views_and_notes_at_the_edges(words: tuple[str, ...], tmp_path: Path) -> None:
    model = build(*words, data=text_file(tmp_path))
    for steps in (0, 1, 12):
        train(model, steps)
        assert len(model.views()) == 8 and all(map(str.strip, model.notes()))
        for view in views(model, "words"):
            assert np.isfinite(view.x).all() and np.isfinite(view.y).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_rate_that_overshoots_is_told(tmp_path: Path) -> None:
    model = build("learning_rate=30", data=text_file(tmp_path))
    train(model, 3)
    assert re.search(r"The loss is .* and answering 50 % to everything would cost 4.16", model.notes()[0])
    for wrong in (1e200, np.inf, np.nan):  # pictures of nothing, and no crash
        model.values["V"][:, 1:] = wrong
        train(model, 20)
        assert len(model.views()) == 8 and model.notes()


def test_overfitting_is_told(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    text = "\n\n".join(" ".join(f"w{n}" for n in draw.integers(0, 60, 12)) for _ in range(60))
    model = build("batch_size=200", data=text_file(tmp_path, text))  # words in no order: nothing to learn
    train(model, 600)
    step, least, latest = model.subject.judged
    assert latest > 1.01 * least and step < 600
    assert any(
        note.startswith(f"Overfitting: the held-out loss was least at step {step:.0f}") for note in model.notes()
    )


def test_a_picture_run_has_no_words(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="about a picture, which has no words"):
        build("dataset=china", "size=32").change("word", "cat")
