"""Tables: alignment, cutting, scrolling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.canvas.pictures import PALETTE, check
from tui_lab.canvas.cells import REVERSE
from tui_lab.canvas.table import table

ROWS: list[list[str | float]] = [["a", 0.05], ["学習率", -17.58], ["long", 1.2e-9]]


def test_text_is_left_and_numbers_are_right() -> None:
    assert [line.rstrip() for line in table(["name", "value"], ROWS, 30, 4, PALETTE).lines()] == [
        "name      value",
        "a        0.0500",
        "学習率   -17.58",
        "long    1.2e-09",
    ]


def test_columns_that_do_not_fit_are_cut_the_widest_first() -> None:
    rows: list[list[str | float]] = [["short", "x" * 50, 1.5]]
    lines = table(["name", "text", "value"], rows, 30, 3, PALETTE).lines()
    assert "short" in lines[1] and "1.50" in lines[1] and "…" in lines[1]
    assert cell_len(lines[1].rstrip()) <= 30


def test_wide_characters_are_cut_whole() -> None:
    lines = table(["name", "value"], [["学習学習学習学習学習", 1.0]], 14, 2, PALETTE).lines()
    assert lines[1].startswith("学") and "…" in lines[1] and lines[1].rstrip().endswith("1")


def test_control_characters_do_not_leave_their_cell() -> None:
    lines = table(["name", "value"], [["a\x1b[2J\nb\t", 1.0]], 30, 2, PALETTE).lines()
    assert lines[1].split() == ["a·[2J·b·", "1"]


def test_it_scrolls_and_says_where_it_is() -> None:
    rows: list[list[str | float]] = [[float(number)] for number in range(100)]
    lines = table(["n"], rows, 30, 7, PALETTE, title="numbers", first=20).lines()
    assert [line.strip() for line in lines[2:]] == ["20", "21", "22", "23", "24"]
    assert lines[0].startswith("numbers") and lines[0].endswith("21–25 of 100")
    assert table(["n"], rows, 30, 7, PALETTE, first=999).lines()[-1].strip() == "99"
    assert table(["n"], rows, 30, 7, PALETTE, first=-5).lines()[2].strip() == "0"


def test_the_cursor_row_is_reversed() -> None:
    picture = table(["name", "value"], ROWS, 30, 4, PALETTE, cursor=1)
    assert [bool((picture.styles[row] & REVERSE).all()) for row in range(4)] == [False, False, True, False]
    assert not (table(["n"], [[1.0]] * 50, 30, 7, PALETTE, first=10, cursor=2).styles & REVERSE).any()


@pytest.mark.parametrize("rows", [[], [[]], [["a"], ["b", 1.0, 2.0, "more"]]])
def test_uneven_rows(rows: list[list[str | float]]) -> None:
    check(table(["name", "value"], rows, 20, 5, PALETTE), 20, 5)


@given(
    st.integers(0, 40),
    st.integers(0, 8),
    st.lists(st.lists(st.floats() | st.text(max_size=20), min_size=2, max_size=2), max_size=12),
    st.integers(-3, 20),
)
def test_any_cells_at_any_size(width: int, height: int, rows: list[list[str | float]], first: int) -> None:
    check(
        table(["name\x00", "値"], rows, width, height, PALETTE, title="t\n", first=first, cursor=first), width, height
    )
