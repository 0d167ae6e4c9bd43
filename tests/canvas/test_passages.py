"""Passages of text as rows of cells."""

import pytest

from tui_lab.canvas.cells import BOLD
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.passages import Passage, passages, row_count

PALETTE = Palette()
TEXTS = [Passage("gradient", "heading"), Passage("a = 1·2 + 3·4 = 14", "numbers"), Passage("update", "heading")]


def lines_of(width: int, height: int, first: int = 0) -> list[str]:
    return [line.rstrip() for line in passages(TEXTS, width, height, PALETTE, first=first).lines()]


def test_headings_stand_apart_and_long_texts_are_wrapped() -> None:
    assert lines_of(12, 6) == ["gradient", "a = 1·2 +", "3·4 = 14", "", "update", ""]
    assert row_count(TEXTS, 12) == 5


def test_the_last_row_says_how_many_more_there_are() -> None:
    assert lines_of(40, 2) == ["gradient", "a = 1·2 + 3·4 = 14         … 2 more rows"]
    assert lines_of(40, 3)[-1].endswith("… 1 more row")


def test_scrolling_ends_with_the_text() -> None:
    assert lines_of(40, 2, first=100) == ["", "update"]
    assert lines_of(40, 2, first=-5) == lines_of(40, 2)


def test_each_tone_has_its_look() -> None:
    cells = passages(TEXTS, 40, 4, PALETTE)
    assert (cells.colours[0, 0], cells.styles[0, 0]) == (PALETTE.positive, BOLD)
    assert (cells.colours[1, 0], cells.styles[1, 0]) == (PALETTE.accent, 0)


@pytest.mark.parametrize("width", [0, 1, 3, 80])
@pytest.mark.parametrize("height", [0, 1, 2])
@pytest.mark.parametrize("text", ["", "x" * 200, "日本語" * 20, "\x1b[31m\x07", "a\nb"])
def test_no_text_breaks_any_size(text: str, width: int, height: int) -> None:
    cells = passages([Passage(text), Passage(text, "heading")], width, height, PALETTE)
    assert (cells.width, cells.height) == (width, height)
    assert "\x1b" not in "".join(cells.lines())
