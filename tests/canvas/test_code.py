"""Program text as rows of cells."""

import pytest

from tui_lab.canvas.code import GUTTER, Piece, code, laid_out, names
from tui_lab.canvas.palette import Palette

PALETTE = Palette()


def lines_of(text: str, width: int, first: int = 0, marked: int = 0, height: int = 20) -> list[str]:
    rows = laid_out([[Piece(line)] for line in text.split("\n")], width)
    return [line.rstrip() for line in code(rows, first, marked, width, height, PALETTE).lines()]


def test_lines_have_numbers_and_the_marked_one_a_mark() -> None:
    assert lines_of("a = 1\n\nb = 2", 20, marked=3)[:4] == ["    1 a = 1", "    2", "▸   3 b = 2", ""]


def test_long_lines_are_broken_between_words_and_stand_further_in() -> None:
    assert lines_of("    result = first + second + third", GUTTER + 20)[:3] == [
        "    1     result = first +",
        "              second +",
        "              third",
    ]


def test_a_mark_covers_all_rows_of_its_line() -> None:
    rows = laid_out([[Piece("word " * 10)], [Piece("after")]], GUTTER + 20)
    cells = code(rows, 0, 1, GUTTER + 20, 6, PALETTE)
    covered = (cells.backgrounds == PALETTE.grid).all(axis=1).tolist()
    assert covered == [row.line == 1 for row in rows] + [False] * (6 - len(rows))
    assert sum(covered) > 1


@pytest.mark.parametrize("width", [0, 1, 5, GUTTER, GUTTER + 9, GUTTER + 10, 40])
@pytest.mark.parametrize("text", ["", " ", "x" * 300, " " * 300, "日本語" * 50, "\x1b[31m\x07", "e\u0301" * 100])
def test_no_text_breaks_any_width(text: str, width: int) -> None:
    rows = laid_out([[Piece(text)], []], width)
    cells = code(rows, 0, 1, width, 5, PALETTE)
    assert (cells.width, cells.height) == (width, 5)
    assert "\x1b" not in "".join(cells.lines())


def test_wrapping_loses_nothing() -> None:
    text = "def f(a, b):  # " + "some words and a_very_long_name_that_fits_in_no_row_at_all " * 5
    rows = laid_out([[Piece(text)]], GUTTER + 24)
    shown = "".join(piece.text for row in rows for piece in row.pieces)
    assert shown.replace(" ", "") == text.replace(" ", "")


def test_the_chosen_file_is_in_sight() -> None:
    files = [f"file_{number}.py" for number in range(20)]
    for chosen in range(20):
        assert files[chosen] in names(files, chosen, 30, PALETTE).lines()[0]
    assert names(files, 0, 30, PALETTE).lines()[0].startswith("file_0.py  file_1.py")


def test_what_no_space_parts_stays_together_whatever_its_tones() -> None:
    line = [Piece("values = table[:, :-"), Piece("1", "number"), Piece("] + more")]
    rows = laid_out([line], GUTTER + 20)
    assert ["".join(piece.text for piece in row.pieces).rstrip() for row in rows] == [
        "values = table[:,",
        "    :-1] + more",
    ]
