"""Writing and pasting: sizes, control characters, wide characters."""

from hypothesis import given
from hypothesis import strategies as st

from tests.canvas.pictures import check
from tui_lab.canvas.cells import BOLD, Cells

texts = st.text(st.sampled_from("ab 学習\x1b\n\u202e\u0301é😀"), max_size=12)


@given(st.integers(0, 12), st.integers(0, 3), st.lists(st.tuples(st.integers(-3, 14), texts), max_size=6))
def test_rows_keep_their_width_whatever_is_written(width: int, height: int, writings: list[tuple[int, str]]) -> None:
    from rich.cells import cell_len

    cells = Cells.blank(width, height)
    for column, text in writings:
        cells.write(0, column, text)
    check(cells, width, height)
    assert all(cell_len(line) == width for line in cells.lines())


@given(texts, texts, st.integers(-8, 10))
def test_pasting_never_leaves_half_a_wide_character(below: str, above: str, column: int) -> None:
    from rich.cells import cell_len

    cells, other = Cells.blank(10, 2), Cells.blank(7, 1)
    cells.write(0, 0, below)
    other.write(0, 0, above)
    cells.paste(other, 0, column)
    assert all(cell_len(line) == 10 for line in cells.lines())


def test_control_characters_become_visible() -> None:
    cells = Cells.blank(8, 1)
    assert cells.write(0, 0, "a\x1b[2Jb\n") == 7
    assert cells.lines() == ["a·[2Jb· "]


def test_a_part_shares_its_cells_and_a_copy_does_not() -> None:
    cells = Cells.blank(4, 2)
    copy = cells.copy()
    cells.part(1, 1, 2, 1).write(0, 0, "xyz", 5, BOLD)
    assert cells.lines() == ["    ", " xy "]
    assert copy.lines() == ["    ", "    "]
    assert cells.colours[1].tolist() == [-1, 5, 5, -1]


def test_runs_part_a_row_where_its_look_changes() -> None:
    cells = Cells.blank(6, 1)
    cells.write(0, 1, "学", 7)
    cells.write(0, 3, "b", 7, BOLD)
    assert [(run.text, run.colour, run.style) for run in cells.runs(0)] == [
        (" ", -1, 0),
        ("学", 7, 0),
        ("b", 7, BOLD),
        ("  ", -1, 0),
    ]


def test_changed_finds_what_differs() -> None:
    before = Cells.blank(20, 3)
    after = before.copy()
    after.write(1, 2, "ab")
    after.write(1, 6, "c")
    after.write(1, 15, "d")
    assert list(after.changed(before)) == [(1, 2, 5), (1, 15, 1)]
    assert list(after.changed(after)) == []
