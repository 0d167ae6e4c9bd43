"""Curves: lines through their points, axes that fit, a key that tells each line's last value."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.curves import SIGNS, Line, curves

X = np.arange(11.0)


def drawn(lines: list[Line], width: int = 90, height: int = 20, **options: Any) -> Cells:
    return curves(lines, width, height, PALETTE, **{"title": "t", "x_label": "x", "y_label": "y"} | options)


def test_each_line_has_a_colour_and_an_entry_with_its_last_value() -> None:
    picture = drawn([("up", X, X), ("down", X, 10 - X)])
    text = "\n".join(picture.lines())
    assert "● up 10" in text and "◆ down 0" in text
    for colour, ascends in ((PALETTE.series[0], True), (PALETTE.series[1], False)):
        rows, columns = np.nonzero(dots(picture, colour))
        left, right = rows[columns < np.median(columns)].mean(), rows[columns > np.median(columns)].mean()
        assert (right < left) == ascends


def test_an_entry_stands_at_the_row_where_its_line_ends() -> None:
    picture = drawn([("low", X, X * 0 + 1.0), ("high", X, X * 0 + 9.0)])
    ends = {sign: where(picture, sign) for sign in SIGNS[:2]}
    for places in ends.values():
        assert len(places) == 2 and places[0][0] == places[1][0]
    assert ends["◆"][0][0] < ends["●"][0][0]


def test_entries_of_lines_that_end_together_stand_below_each_other() -> None:
    lines = [(f"m{place}", X, np.sqrt(X) + place / 1000) for place in range(6)]
    text = drawn(lines).lines()
    rows = [next(row for row, line in enumerate(text) if f" m{place} " in line) for place in range(6)]
    assert len(set(rows)) == 6 and max(rows) - min(rows) == 5


def test_narrow_pictures_have_the_key_above() -> None:
    lines = drawn([("up", X, X), ("down", X, 10 - X)], 30, 10).lines()
    assert "● up 10" in lines[0] + lines[1] and "◆ down 0" in lines[0] + lines[1]


def test_more_entries_than_fit_are_counted() -> None:
    many = [(f"layer {place}", X, X + place) for place in range(40)]
    for size in ((38, 10), (90, 20)):
        assert " more" in "\n".join(drawn(many, *size).lines())


def test_a_gap_is_left_where_a_value_is_not_finite() -> None:
    y = np.where((X > 3) & (X < 7), np.nan, 5.0)
    lit = dots(drawn([("a", X, y)]), PALETTE.series[0]).any(axis=0)
    columns = np.flatnonzero(lit)
    assert np.diff(columns).max() > 20 and (np.diff(columns) > 1).sum() == 1


def test_a_point_between_two_gaps_is_seen() -> None:
    y = np.where(X == 5, 2.0, np.nan)
    picture = drawn([("a", X, y), ("b", X, X)])
    assert dots(picture, PALETTE.series[0]).any() or len(where(picture, "●")) == 2


def test_a_logarithmic_axis_is_straight_for_powers_and_leaves_out_what_is_not_positive() -> None:
    y = 10.0**-X
    y[3] = -1.0
    picture = drawn([("a", X, y)], log_y=True)
    rows, columns = np.nonzero(dots(picture, PALETTE.series[0]))
    fit = np.polyfit(columns, rows, 1)
    assert np.abs(np.polyval(fit, columns) - rows).max() < 2
    assert (np.diff(np.unique(columns)) > 1).sum() == 1
    both = drawn([("a", X, X**2)], log_x=True, log_y=True)
    rows, columns = np.nonzero(dots(both, PALETTE.series[0]))
    assert np.abs(np.polyval(np.polyfit(columns, rows, 1), columns) - rows).max() < 2


def test_the_axis_of_x_fits_and_that_of_y_stays_while_values_move_a_little() -> None:
    first, second = (drawn([("a", X, 3 + np.sin(X) * size)]) for size in (1.0, 0.99))
    assert [line[:6] for line in first.lines()] == [line[:6] for line in second.lines()]
    columns = np.flatnonzero(dots(first, PALETTE.series[0]).any(axis=0))
    assert columns[0] <= 2 * 7 and where(first, "●")


def test_no_lines_and_lines_without_numbers() -> None:
    for lines in ([], [("a", X, X * np.nan)]):
        picture = drawn(lines)
        check(picture, 90, 20)
        assert "no data yet" in "\n".join(picture.lines())


numbers = arrays(float, st.integers(0, 12), elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 130),
    st.integers(0, 40),
    st.lists(st.tuples(st.text(max_size=30), numbers, numbers), max_size=12),
    st.booleans(),
    st.booleans(),
)
def test_any_curves_at_any_size(width: int, height: int, lines: list[Line], log_x: bool, log_y: bool) -> None:
    check(drawn(lines, width, height, log_x=log_x, log_y=log_y), width, height)


@pytest.mark.parametrize("value", [0.0, 1e300, -1e-300, 5e-324, 1.7e308])
@pytest.mark.parametrize("log", [False, True])
def test_one_value_alone(value: float, log: bool) -> None:
    check(drawn([("a", np.array([value]), np.array([value]))], log_x=log, log_y=log), 90, 20)
