"""Tokens: texts that wrap as text does, pieces told apart, marks and shades that are seen, cuts that are said."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.canvas.pictures import PALETTE, check
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.cells import BOLD, DEFAULT, Cells
from tui_lab.canvas.pieces import Flow
from tui_lab.canvas.shades import STEPS, shaded
from tui_lab.canvas.token_text import shared
from tui_lab.canvas.tokens import tokens

WORDS = ["Once", "upon", "a", "time", "there", "was", "a", "little", "cat", "called", "Tom", "."]
PIECES = [f" {word}" for word in WORDS]
MARKS = ["not trained", "trained", "padding"]


@dataclass(frozen=True)
class Text:
    pieces: list[str]
    caption: str = ""
    marks: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    shades: Array = field(default_factory=lambda: np.zeros(0))


def drawn(texts: list[Text], width: int = 60, height: int = 12, **options: Any) -> Cells:
    return tokens(texts, options.pop("marks", []), width, height, PALETTE, **options)


def body(cells: Cells) -> list[str]:
    """The rows, without empty ones at the end."""
    return "\n".join(line.rstrip() for line in cells.lines()).rstrip().split("\n")


def look(cells: Cells, text: str) -> tuple[int, int, int]:
    """Colour, background and style where a text begins for the last time."""
    row = next(row for row, line in reversed(list(enumerate(cells.lines()))) if text in line)
    column = cells.lines()[row].rindex(text)
    place = row, column
    return int(cells.colours[place]), int(cells.backgrounds[place]), int(cells.styles[place])


def test_rows_break_before_words_not_inside() -> None:
    lines = body(drawn([Text(PIECES)], 24))
    assert lines == [" Once upon a time there", " was a little cat called", " Tom ."]


def test_characters_as_pieces_break_between_words_too() -> None:
    lines = body(drawn([Text(list("the cat sat on the mat again"))], 12))
    assert lines == ["the cat sat", "on the mat", "again"]


def test_a_row_ends_after_line_ends() -> None:
    assert body(drawn([Text(["a", "\n", "\n", "b\n", "c"])])) == ["a⏎⏎", "b⏎", "c"]


def test_neighbouring_pieces_stand_on_two_grounds() -> None:
    picture = drawn([Text(["ab", "cd", "ef"])])
    grounds = picture.backgrounds[0, :6].tolist()
    assert grounds[0] == grounds[1] == grounds[4] != grounds[2] == grounds[3]
    assert (picture.backgrounds[0, 6:] == DEFAULT).all()


def test_marks_have_a_colour_and_a_style_each_and_the_key_has_both() -> None:
    text = Text(["one", "two", "three"], marks=np.array([0, 1, 2]))
    picture = drawn([text], marks=MARKS, title="Batch")
    looks = [look(picture, piece) for piece in text.pieces]
    assert len({colour for colour, _, _ in looks}) == 3 == len({style for _, _, style in looks})
    top = picture.lines()[0]
    for mark, (colour, _, style) in zip(MARKS, looks, strict=True):
        place = 0, top.rindex(mark)
        assert (picture.colours[place], picture.styles[place]) == (colour, style)


def test_shades_are_grounds_from_weak_to_strong_and_the_key_tells_their_ends() -> None:
    text = Text(["aa", "b", "cc", "d"], shades=np.array([0.0, np.nan, 1.0, 5.0]))
    picture = drawn([text], shade_label="surprise", low=0.0, high=9.25, title="t")
    assert picture.lines()[0].rstrip().endswith("surprise 0 ████████ 9.25")
    grounds = [look(picture, piece)[1] for piece in ("aa", "cc", "b")]
    assert grounds[1] == PALETTE.positive and grounds[0] != grounds[1] != grounds[2]
    middle = drawn([Text(["aa"], shades=np.array([0.5]))])
    steps = shaded(grounds[0], PALETTE.positive, np.linspace(0, 1, STEPS)).tolist()
    assert look(middle, "aa")[1] in steps[4:8]


def test_the_numbers_of_the_shades_are_there_in_a_narrow_picture_too() -> None:
    lines = body(drawn([Text(["a"])], 38, 10, shade_label="the model's probability of the token", title="t", high=0.5))
    assert lines[1].startswith("the model's proba") and lines[1].endswith("… 0 ████████ 0.5")


def test_every_text_gets_its_share_of_the_rows() -> None:
    long, short = Text(PIECES * 20, "long"), Text(PIECES, "short")
    lines = body(drawn([long, short, long], 40, 12))
    assert [line for line in lines if line in ("long", "short")] == ["long", "short", "long"]
    assert sum(" more" in line for line in lines) == 2
    assert lines.index("short") == 4


def test_of_a_long_text_the_beginning_and_the_end_are_shown_and_the_rest_is_counted() -> None:
    pieces = [*PIECES * 20, " the", " end"]
    lines = body(drawn([Text(pieces)], 40, 5))
    whole = body(drawn([Text(pieces)], 40, 200))
    assert lines[:2] == whole[:2] and lines[3:] == whole[-2:] and lines[-1].endswith("the end")
    note = re.search(r" … (\d+) more$", lines[2])
    assert note and whole[2].startswith(lines[2][: note.start()].rstrip())
    shown = " ".join(lines).replace(note.group(), "").split()
    assert int(note.group(1)) == len(pieces) - len(shown)


def test_a_text_in_one_row_shows_its_beginning() -> None:
    lines = body(drawn([Text(PIECES * 20)], 40, 1))
    assert lines == [" Once upon a time there was a … 233 more"]


def test_a_text_that_does_not_end_shows_its_beginning() -> None:
    lines = body(drawn([Text(["word ", "on "] * 50_000)], 40, 6))
    assert lines[0].startswith("word on word") and lines[-1].endswith("more") and "…" not in "".join(lines[:-1])
    check(drawn([Text(["x" * 1_000_000])], 40, 6), 40, 6)


def test_rather_fewer_texts_than_texts_without_their_end() -> None:
    texts = [Text([*PIECES * 9, " end"], f"text {place}") for place in range(16)]
    lines = body(drawn(texts, 40, 14))
    assert sum(line.endswith("more") for line in lines) == 4 == sum(line.endswith("end") for line in lines)
    assert lines[-1] == "… 12 more texts"


def test_texts_without_room_are_counted() -> None:
    lines = body(drawn([Text(["a"], f"text {place}") for place in range(9)], 30, 8))
    assert lines[-1] == "… 6 more texts"


def test_padding_is_told_once() -> None:
    text = Text(["a", *["<pad>"] * 97], marks=np.array([0] + [2] * 97))
    assert body(drawn([text])) == ["a<pad> × 97"]
    letters = Text(list("aaaaaaa"))
    assert body(drawn([letters])) == ["aaaaaaa"]


def test_no_piece_is_obeyed_and_none_vanishes() -> None:
    pieces = ["\x1b[2J", "\t", "", "\u200b", "学", "\ud800", "é"]
    line = body(drawn([Text(pieces)]))[0]
    assert line.startswith("·[2J⇥∅") and "学" in line
    check(drawn([Text(pieces)]), 60, 12)


def test_a_caption_stands_over_its_text() -> None:
    picture = drawn([Text(["x"], "before"), Text(["y"], "after")])
    assert body(picture) == ["before", "x", "", "after", "y"]
    assert look(picture, "before")[2] == BOLD


@pytest.mark.parametrize(
    ("needs", "room", "shares"), [([9, 2, 9], 12, [5, 2, 5]), ([1, 1], 9, [1, 1]), ([5, 5], 0, [0, 0]), ([], 3, [])]
)
def test_room_is_shared(needs: list[int], room: int, shares: list[int]) -> None:
    assert shared(needs, room) == shares


pieces = st.lists(st.text(max_size=8), max_size=30)


@given(pieces, st.integers(1, 20))
def test_rows_are_the_flow_cut_up(texts: list[str], width: int) -> None:
    flow = Flow.of(texts)
    rows = flow.rows(width)
    assert [start for start, _ in rows] == [0, *(stop for _, stop in rows[:-1])][: len(rows)]
    assert all(0 < stop - start <= max(width, 2) for start, stop in rows)
    assert not rows or rows[-1][1] == len(flow.glyphs)
    assert set(flow.pieces.tolist()) == set(range(len(texts)))


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 90),
    st.integers(0, 30),
    st.lists(st.tuples(pieces, st.text(max_size=12)), max_size=6),
    st.lists(st.text(max_size=12), max_size=9),
    st.lists(st.integers(-2, 12), max_size=30),
    st.lists(st.floats(), max_size=30),
    st.text(max_size=9),
    st.floats(),
)
def test_any_tokens_at_any_size(
    width: int,
    height: int,
    texts: list[tuple[list[str], str]],
    marks: list[str],
    numbers: list[int],
    shades: list[float],
    title: str,
    high: float,
) -> None:
    passages = [Text(parts, caption, np.array(numbers, np.intp), np.array(shades)) for parts, caption in texts]
    picture = drawn(passages, width, height, marks=marks, title=title, shade_label=title, high=high)
    check(picture, width, height)
