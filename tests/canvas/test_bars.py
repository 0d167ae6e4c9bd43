"""Bars: lengths on one scale from nought, what is left out, what is chosen, what is compared."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, where
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.bars import bars
from tui_lab.canvas.cells import Cells

NONE, ALL = np.zeros(0), np.zeros(0, bool)
EIGHTHS = {glyph: place / 8 for place, glyph in enumerate(" ▏▎▍▌▋▊▉█")}


def drawn(names: list[str], values: Array, width: int = 60, height: int = 10, **options: Any) -> Cells:
    parts: dict[str, Any] = {"kept": ALL, "chosen": -1, "compared": NONE, "title": "Next", "value_label": "p"} | options
    return bars(names, values, width=width, height=height, palette=PALETTE, **parts)


def rows(picture: Cells) -> dict[str, str]:
    """The rows by the names at their left."""
    return {line.split()[0].strip("▸"): line for line in picture.lines()[1:] if line.split()}


def length(line: str) -> float:
    """The cells of the bar in a row."""
    return sum(EIGHTHS.get(glyph, 0.0) for glyph in line)


def test_lengths_are_in_the_proportion_of_the_numbers() -> None:
    lines = rows(drawn(["a", "b", "c"], np.array([0.8, 0.4, 0.05])))
    assert length(lines["a"]) == pytest.approx(2 * length(lines["b"]), abs=0.25)
    assert length(lines["a"]) == pytest.approx(16 * length(lines["c"]), abs=2.0)
    assert lines["a"].endswith("0.800") and lines["c"].endswith("0.050")


def test_the_scale_ends_at_a_power_of_two_so_that_bars_are_seen_to_grow() -> None:
    less, more = (length(rows(drawn(["a"], np.array([value])))["a"]) for value in (0.6, 0.9))
    assert more / less == pytest.approx(1.5, abs=0.02)


def test_spaces_and_line_ends_in_names_are_seen() -> None:
    text = "\n".join(drawn([" the", "\n", "", "a\x1b[2J"], np.ones(4)).lines())
    assert "␣the" in text and "⏎" in text and "∅" in text and "a·[2J" in text


def test_what_is_left_out_is_thin_and_said() -> None:
    picture = drawn(["a", "b"], np.array([0.8, 0.8]), kept=np.array([True, False]))
    lines = rows(picture)
    assert "█" in lines["a"] and "━" not in lines["a"]
    assert "━" in lines["b"] and "█" not in lines["b"]
    assert lines["b"].count("━") == lines["a"].count("█")
    assert "━ left out" in picture.lines()[0]


def test_the_chosen_one_is_marked_and_never_left_off() -> None:
    names = [f"w{place}" for place in range(50)]
    values = np.linspace(0.9, 0, 50)
    picture = drawn(names, values, 40, 8, chosen=33)
    lines = picture.lines()
    assert [line.split()[0] for line in lines[1:6]] == ["w0", "w1", "w2", "w3", "w4"]
    assert lines[6].startswith("▸ w33") and lines[7].split() == ["…", "44", "more"]
    row, column = where(picture, "▸")[0]
    assert picture.colours[row, column] == PALETTE.accent


def test_bars_that_are_many_stand_in_columns() -> None:
    names = [f"w{place}" for place in range(50)]
    text = "\n".join(drawn(names, np.linspace(0.9, 0, 50), 100, 26).lines())
    assert all(name in text for name in names) and "more" not in text


def test_a_second_number_is_a_half_high_bar_below() -> None:
    picture = drawn(["a", "b"], np.array([0.8, 0.4]), compared=np.array([0.4, 0.8]), compared_label="before")
    lines = picture.lines()
    assert "▀ before" in lines[0]
    first, second = lines[1], lines[2]
    assert first.endswith("0.800") and second.endswith("0.400")
    assert first.count("█") == pytest.approx(2 * second.count("▀"), abs=1)


def test_a_second_number_is_a_tick_where_rows_are_short() -> None:
    names = [f"w{place}" for place in range(16)]
    values = np.full(16, 0.5)
    compared = np.where(np.arange(16) == 3, 0.25, 0.9)
    picture = drawn(names, values, 70, 18, compared=compared, compared_label="expected")
    lines = picture.lines()
    assert "┃ expected" in lines[0]
    ticks = {row: column for row, column in where(picture, "┃") if row}
    start = lines[1].index("█")
    full = lines[1].count("█")
    assert ticks[4] - start == pytest.approx(full / 2, abs=1) and ticks[5] - start == pytest.approx(full * 1.8, abs=2)
    assert lines[4].split()[-2:] == ["0.500", "0.250"]
    # On the bar the tick stands on the bar's own colour.
    assert picture.backgrounds[4, ticks[4]] == PALETTE.series[0]


def test_numbers_of_both_signs_lie_on_both_sides_of_an_axis() -> None:
    lines = rows(drawn(["a", "b"], np.array([1.0, -1.0])))
    axis = lines["a"].index("│")
    assert axis == lines["b"].index("│")
    assert lines["a"].index("█") > axis > lines["b"].rindex("█")
    assert lines["a"].count("█") == pytest.approx(lines["b"].count("█"), abs=1)


def test_what_is_not_finite_is_said_not_drawn() -> None:
    lines = rows(drawn(["a", "b", "c"], np.array([np.nan, np.inf, 0.5])))
    assert lines["a"].endswith("·") and length(lines["a"]) == 0
    assert lines["b"].endswith("∞") and lines["c"].endswith("0.500")


def test_without_room_for_bars_there_are_names_and_numbers() -> None:
    line = drawn(["cat"], np.array([0.5]), 14, 3).lines()[1]
    assert line.split() == ["cat", "0.500"]


numbers = arrays(float, st.integers(0, 30), elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 130),
    st.integers(0, 40),
    st.lists(st.text(max_size=6), max_size=30),
    numbers,
    numbers,
    st.lists(st.booleans(), max_size=30),
    st.integers(-2, 40),
)
def test_any_bars_at_any_size(
    width: int, height: int, names: list[str], values: Array, compared: Array, kept: list[bool], chosen: int
) -> None:
    options: dict[str, Any] = {"kept": np.array(kept, bool), "compared": compared, "chosen": chosen}
    check(drawn(names, values, width, height, **options), width, height)
    check(drawn(["a"] * len(values), values, width, height, **options | {"compared": values}), width, height)
