"""Axes that fit closely and stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.canvas.close import close


def test_little_is_left_free() -> None:
    axis = close(np.array([1.83, 4.6, 3.0]))
    assert (axis.low, axis.high) == (1.5, 5.0)


def test_ends_stay_while_numbers_move_a_little() -> None:
    assert close(np.array([1.83, 4.6])) == close(np.array([1.9, 4.7]))


def test_powers_of_ten_on_a_logarithmic_axis() -> None:
    axis = close(np.array([1e-4, 1.0, -5.0, 0.0]), log=True)
    assert axis.log and (axis.low, axis.high) == pytest.approx((1e-4, 1.0))


def test_one_number_stands_in_the_middle() -> None:
    axis = close(np.array([3.0, np.nan]))
    assert axis.place(np.array([3.0])).tolist() == [0.5]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=8), st.booleans())
def test_numbers_are_inside(numbers: list[float], log: bool) -> None:
    values = np.array(numbers, float)
    values[np.abs(values) < 1e-300] = 0.0  # of the smallest of all, few digits are left
    axis = close(values, log)
    assert np.isfinite([axis.low, axis.high]).all() and axis.low < axis.high
    places = axis.place(values[np.isfinite(values)])
    places = places[np.isfinite(places)]
    assert (places > -1e-6).all() and (places < 1 + 1e-6).all()
