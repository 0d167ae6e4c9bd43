"""Keys in rows, and beside what they tell of."""

from hypothesis import given
from hypothesis import strategies as st

from tests.canvas.pictures import PALETTE
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.keys import GAP, packed, spread, upward, write_keys

KEYS = [("●", f"entry {place}", PALETTE.text) for place in range(9)]


def test_entries_fill_rows() -> None:
    cells = Cells.blank(24, 4)
    assert write_keys(cells, 1, 3, KEYS[:4], PALETTE) == 2
    assert [line.rstrip() for line in cells.lines()] == ["", "● entry 0  ● entry 1", "● entry 2  ● entry 3", ""]


def test_entries_without_room_are_counted() -> None:
    cells = Cells.blank(24, 4)
    assert write_keys(cells, 0, 2, KEYS, PALETTE) == 2
    assert cells.lines()[1].rstrip() == "● entry 2  … 6 more"


def test_without_rows_there_is_no_key() -> None:
    assert write_keys(Cells.blank(24, 4), 0, 0, KEYS, PALETTE) == 0


def test_a_long_label_of_the_vertical_axis_goes_into_the_heading_where_it_fits() -> None:
    assert upward("second component", "Words", KEYS[:1], 40, PALETTE)[1][0] == ("↑", "second component", PALETTE.muted)
    assert upward("second component", "Words", KEYS[:1], 30, PALETTE) == ("second component", KEYS[:1])
    assert upward("y", "Words", [], 40, PALETTE) == ("y", [])


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 40))
def test_rows_hold_all_entries_and_no_more_than_their_room(widths: list[int], room: int) -> None:
    rows = packed(widths, room)
    assert [entry for row in rows for entry in row] == list(range(len(widths)))
    for row in rows:
        assert len(row) == 1 or sum(widths[entry] + GAP for entry in row) - GAP <= room


@given(st.lists(st.integers(0, 19), max_size=20))
def test_every_entry_has_a_row_of_its_own_in_order(wanted: list[int]) -> None:
    rows = spread(wanted, 20)
    assert len(set(rows)) == len(rows) and all(0 <= row < 20 for row in rows)
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    assert [rows[place] for place in order] == sorted(rows)
    if len(set(wanted)) == len(wanted):
        assert rows == wanted
