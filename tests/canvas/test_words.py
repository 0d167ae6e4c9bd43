"""Words: names beside their points and never on each other, ways that end at them."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.labels import labels
from tui_lab.canvas.words import words

NO_WAY = np.zeros((0, 0))


def drawn(names: list[str], x: Array, y: Array, width: int = 80, height: int = 22, **options: Any) -> Cells:
    parts: dict[str, Any] = {"before_x": NO_WAY, "before_y": NO_WAY, "chosen": np.zeros(0, np.intp), "title": "Words"}
    return words(names, x, y, width=width, height=height, palette=PALETTE, **parts | options)


def test_names_stand_beside_their_points() -> None:
    picture = drawn(["low", "high"], np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    lines = picture.lines()
    low, high = ("".join(line for line in lines if word in line) for word in ("low", "high"))
    assert ("•low" in low and "•high" in high) or "high•" in high
    assert lines.index(high) < lines.index(low) and low.index("low") < high.index("high")


def test_no_name_covers_another_and_those_without_room_are_points() -> None:
    names = [f"word{place:03}" for place in range(200)]
    place = np.random.default_rng(0).normal(size=(2, 200))
    picture = drawn(names, *place)
    text = "\n".join(picture.lines())
    seen = [name for name in names if name in text]
    assert 20 < len(seen) < 200
    assert text.count("word") == len(seen) and len(where(picture, "•")) > 50


def test_chosen_names_are_there_and_stand_out() -> None:
    names = [f"word{place:03}" for place in range(400)]
    x, y = np.random.default_rng(0).normal(size=(2, 400)) * 0.1
    picture = drawn(names, x, y, 60, 16, chosen=np.array([390, 395, 999, -1]))
    text = "\n".join(picture.lines())
    assert "word390" in text and "word395" in text and "● chosen" in text
    row = next(row for row, line in enumerate(picture.lines()) if "word390" in line)
    column = picture.lines()[row].index("word390")
    assert picture.colours[row, column] == PALETTE.accent


def test_a_way_leads_from_the_first_place_to_the_point() -> None:
    x, y = np.array([4.0, 0.0, 0.0]), np.array([4.0, 0.0, 4.0])
    before = np.repeat(np.linspace(0, 3.5, 8)[None], 3, axis=0)
    before[1:] = 0.0
    picture = drawn(["a", "b", "c"], x, y, before_x=before, before_y=before, chosen=np.array([0]))
    rows, columns = np.nonzero(dots(picture, PALETTE.accent)[4:])
    assert np.corrcoef(columns, rows)[0, 1] < -0.95 and "way so far" in picture.lines()[0]
    assert len(columns) > 100


def test_of_many_words_only_the_chosen_ones_ways_are_drawn() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 300))
    before = np.zeros((300, 3))
    options: dict[str, Any] = {"before_x": before, "before_y": before}
    lit = dots(drawn([""] * 300, x, y, **options))[4:]
    assert not lit.any()
    assert dots(drawn([""] * 300, x, y, chosen=np.array([0]), **options), PALETTE.accent).any()


def test_what_is_not_finite_is_counted() -> None:
    assert "Words (1 not finite)" in drawn(["a", "b"], np.array([np.nan, 1.0]), np.zeros(2)).lines()[0]


def test_labels_are_apart_and_first_ones_win() -> None:
    placed = labels([(0, 0), (0, 3), (0, 4)], [3, 3, 3], 0, 20, 1)
    assert [(label.point, label.column) for label in placed] == [(2, 5)]
    first = labels([(0, 0), (0, 3), (0, 4)], [3, 3, 3], 1, 20, 1)
    assert first[0] == (0, 0, 1)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 29), st.integers(1, 8)), max_size=60),
    st.integers(0, 10),
)
def test_no_two_labels_share_a_cell(points: list[tuple[int, int, int]], first: int) -> None:
    places, sizes = [point[:2] for point in points], [point[2] for point in points]
    placed = labels(places, sizes, first, 30, 10)
    taken = [(label.row, label.column + cell) for label in placed for cell in range(sizes[label.point])]
    assert len(taken) == len(set(taken))
    assert all(0 <= row < 10 and 0 <= column < 30 for row, column in taken)
    covered = set(taken) & {place for number, place in enumerate(places) if number < first}
    assert not covered


numbers = arrays(float, st.integers(0, 20), elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 130),
    st.integers(0, 40),
    st.lists(st.text(max_size=20), max_size=20),
    numbers,
    numbers,
    st.integers(0, 3),
    st.lists(st.integers(-3, 30), max_size=5),
)
def test_any_words_at_any_size(
    width: int, height: int, names: list[str], x: Array, y: Array, times: int, chosen: list[int]
) -> None:
    count = min(len(names), len(x), len(y))
    before = np.repeat(x[:count, None], times, axis=1)
    options: dict[str, Any] = {"before_x": before, "before_y": before[::-1], "chosen": np.array(chosen, np.intp)}
    check(drawn(names, x, y, width, height, **options), width, height)
    check(drawn(names[:count], x[:count], y[:count], width, height, **options), width, height)
