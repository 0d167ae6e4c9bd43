"""Curves: the point on the curve, its tangent, no join where there is a step."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.arrays import Array, BoolArray
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.curve import curve

X = np.linspace(-4, 4, 161)
NOWHERE = np.array([np.nan, np.nan])


def drawn(y: Array, point: Array = NOWHERE, slope: float = np.nan, width: int = 60, **options: Any) -> Cells:
    labels = {"x_label": "z", "y_label": "a", "title": "t"}
    return curve(X, y, point, slope, width, 20, PALETTE, **(labels | options))


def mark(cells: Cells, glyph: str = "●") -> list[tuple[int, int]]:
    return [found for found in where(cells, glyph) if found[0] > 0]


def test_the_point_lies_on_the_curve() -> None:
    bare = dots(drawn(np.tanh(X)), PALETTE.series[0])
    for place in (-3.0, -0.5, 0.0, 2.0):
        ((row, column),) = mark(drawn(np.tanh(X), np.array([place, np.tanh(place)]), 0.0))
        assert bare[4 * row - 1 : 4 * row + 5, 2 * column - 1 : 2 * column + 3].any()


def test_numbers_stand_in_the_title_row() -> None:
    first = drawn(np.tanh(X), np.array([0.5, 0.4621]), 0.7864).lines()[0]
    assert first.startswith("t ") and "z 0.500  a 0.462" in first and "slope 0.786" in first
    short = drawn(np.tanh(X), np.array([0.5, 0.4621]), 0.7864, width=32).lines()[0]
    assert "0.500, 0.462" in short and "0.786" in short
    assert "z ·  a ·" in drawn(np.tanh(X)).lines()[0]


@pytest.mark.parametrize(("slope", "turn"), [(1.0, -1), (-1.0, 1), (0.0, 0)])
def test_the_tangent_has_the_slope(slope: float, turn: int) -> None:
    ends = np.full(len(X), np.nan)
    ends[[0, -1]] = -4, 4
    lit: BoolArray = dots(drawn(ends, np.zeros(2), slope), PALETTE.muted)
    rows, columns = np.nonzero(lit[4:-8])
    assert len(rows) > 5 and np.ptp(columns) < 60
    fitted = np.polyfit(columns, rows, 1)[0]
    assert np.sign(np.round(fitted, 2)) == turn


def test_steps_are_not_joined() -> None:
    y = (X > 0.01).astype(float)
    flat: BoolArray = dots(drawn(y, steps=True), PALETTE.series[0])[4:-8]
    joined = dots(drawn(y), PALETTE.series[0])[4:-8]
    assert len(np.flatnonzero(flat.any(axis=1))) == 2
    assert len(np.flatnonzero(flat.any(axis=0))) >= 105
    assert len(np.flatnonzero(joined.any(axis=1))) > 20


def test_a_value_of_few_steps_holds_half_way_to_its_neighbours() -> None:
    picture = curve(np.array([0.0, 1, 2]), np.array([0.0, 1, 0]), NOWHERE, 0.0, 60, 20, PALETTE, steps=True)
    lit = dots(picture, PALETTE.series[0])[:-8]
    rows = np.flatnonzero(lit.any(axis=1))
    assert len(rows) == 2
    top = np.flatnonzero(lit[rows[0]])
    assert len(top) == pytest.approx(lit.shape[1] / 2, abs=8)


@pytest.mark.parametrize(("place", "glyph"), [((9.0, 0.0), "▶"), ((-9.0, 0.0), "◀"), ((0, 9.0), "▲"), ((0, -9.0), "▼")])
def test_a_point_outside_is_pointed_at(place: tuple[float, float], glyph: str) -> None:
    picture = drawn(np.tanh(X), np.array(place), 0.5)
    assert len(mark(picture, glyph)) == 1 and not mark(picture)
    assert not dots(picture, PALETTE.muted)[4:-8].any()


def test_a_point_that_is_not_computed_is_not_drawn() -> None:
    assert not mark(drawn(np.tanh(X))) and not mark(drawn(np.tanh(X), np.array([])))


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 70),
    st.integers(0, 20),
    arrays(float, (2, 5), elements=st.floats(allow_nan=True, allow_infinity=True)),
    st.floats(),
    st.booleans(),
)
def test_any_numbers_at_any_size(width: int, height: int, numbers: Array, slope: float, steps: bool) -> None:
    x, y = numbers
    picture = curve(x, y, y[:2], slope, width, height, PALETTE, x_label="学\x1b", y_label="b", title="t", steps=steps)
    check(picture, width, height)


def test_no_values() -> None:
    none = np.array([])
    check(curve(none, none, none, 0.0, 40, 10, PALETTE, steps=True), 40, 10)
    check(curve(none, none, none, 0.0, 40, 10, PALETTE), 40, 10)
