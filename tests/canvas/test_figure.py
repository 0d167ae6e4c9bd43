"""Figures: short, never cut."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.canvas.figure import figure


@pytest.mark.parametrize(
    ("value", "room", "text"),
    [
        (0.12345, 6, "0.123"),
        (-0.12345, 5, "-0.12"),
        (-0.12345, 4, "-0.1"),
        (-0.00012, 4, "…"),
        (-0.004, 4, "0.0"),
        (12.0, 2, "12"),
        (123.0, 2, "…"),
        (math.nan, 6, "·"),
        (math.inf, 6, "∞"),
        (-math.inf, 6, "-∞"),
        (-math.inf, 1, "…"),
        (1.0, 0, ""),
        (math.nan, 0, ""),
    ],
)
def test_a_figure_is_as_short_as_its_place_needs(value: float, room: int, text: str) -> None:
    assert figure(value, room) == text


@given(st.floats(), st.integers(-1, 12))
def test_a_figure_fits_and_is_near(value: float, room: int) -> None:
    text = figure(value, room)
    assert len(text) <= max(room, 0)
    # Beyond, a number in fewer digits may be none that a float can hold.
    if abs(value) < 1e308 and text not in ("", "…"):
        assert float(text) == pytest.approx(value, rel=0.6, abs=0.05)
