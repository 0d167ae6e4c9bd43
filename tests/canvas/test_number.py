"""Numbers as short text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.canvas.number import format_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.05, "0.0500"),
        (-17.58, "-17.58"),
        (1.2e-9, "1.2e-09"),
        (0.123456789, "0.123457"),
        (1234.56789, "1234.57"),
        (0, "0"),
        (-0.0, "0"),
        (3.0, "3"),
        (1_000_000, "1000000"),
        (1e300, "1e+300"),
        (0.3333333, "0.333333"),
        (99999.95, "99999.9"),
        (999999.96, "1e+06"),
        (0.0001234, "1.234e-04"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (5e-324, "4.941e-324"),
    ],
)
def test_known_numbers(value: float, text: str) -> None:
    assert format_number(value) == text


@given(st.floats(-1e308, 1e308), st.integers(3, 9))
def test_the_text_is_short_and_close_to_the_number(value: float, digits: int) -> None:
    text = format_number(value, digits)
    assert len(text) <= max(digits + 6, 12)
    assert float(text) == pytest.approx(value, rel=0.51 * 10 ** (3 - digits), abs=5e-324)


@given(st.floats(0.1, 0.9999))
def test_numbers_that_need_all_their_digits_have_one_width(value: float) -> None:
    text = f"{value:.6f}"
    if not text.endswith("00"):
        assert format_number(value) == text
