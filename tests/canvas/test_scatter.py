"""Points, lines over them, residuals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.scatter import scatter

values = st.floats(allow_nan=True, allow_infinity=True)
NONE = np.array([])


def test_points_stand_where_they_belong() -> None:
    picture = scatter(np.array([0.0, 5, 10]), np.array([0.0, 10, 0]), NONE, [], 60, 20, PALETTE)
    (top, middle), (bottom, left), (other, right) = where(picture, "●")
    assert bottom == other > top
    assert middle == pytest.approx((left + right) / 2, abs=1)


def test_residuals_join_points_and_answers() -> None:
    x, y = np.array([0.0, 1, 2]), np.array([0.0, 4, 0])
    picture = scatter(x, y, np.array([0.0, 0, 0]), [], 60, 20, PALETTE)
    rows, columns = np.nonzero(dots(picture, PALETTE.muted))
    ((top, column), (bottom, _), _) = where(picture, "●")
    assert set(columns // 2) == {column}
    assert rows.min() // 4 == top + 1 and rows.max() // 4 == bottom


def test_a_line_that_has_run_away_does_not_move_the_axes() -> None:
    x, y = np.arange(10.0), np.arange(10.0)
    calm = scatter(x, y, NONE, [], 60, 20, PALETTE, title="t")
    wild = scatter(
        x, y, np.full(10, 1e200), [("fit", np.array([0.0, 9]), np.array([-1e200, 1e250]))], 60, 20, PALETTE, title="t"
    )
    assert [line[:6] for line in wild.lines()[1:]] == [line[:6] for line in calm.lines()[1:]]
    assert where(wild, "●") == where(calm, "●")


def test_a_line_is_cut_at_the_frame() -> None:
    x, y = np.array([0.0, 10]), np.array([0.0, 10])
    picture = scatter(x, y, NONE, [("fit", np.array([-100.0, 100]), np.array([-100.0, 100]))], 60, 20, PALETTE)
    lit = dots(picture, PALETTE.series[1])
    assert not lit[0:4].any() and not lit[-8:].any()
    rows, columns = np.nonzero(lit)
    assert np.corrcoef(rows, columns)[0, 1] < -0.99


def test_points_that_are_not_finite_are_counted() -> None:
    picture = scatter(np.array([0.0, 1, np.nan]), np.array([0.0, np.inf, 2]), NONE, [], 60, 12, PALETTE, title="data")
    assert picture.lines()[0].startswith("data (2 not finite)")
    assert len(where(picture, "●")) == 1


def test_a_million_points_keep_the_outlier_and_show_the_line() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=1_000_000)
    y = 2 * x + generator.normal(size=1_000_000)
    x[0], y[0] = 0.0, 60.0
    picture = scatter(x, y, 2 * x, [("fit", np.array([-9.0, 9]), np.array([-18.0, 18]))], 80, 20, PALETTE)
    blue = dots(picture, PALETTE.series[0])
    assert blue[np.flatnonzero(blue.any(axis=1))[0]].sum() == 1
    assert dots(picture, PALETTE.series[1]).any()


def test_labels_and_legend_are_there() -> None:
    picture = scatter(np.arange(3.0), np.arange(3.0), NONE, [("fit", NONE, NONE)], 60, 12, PALETTE, x_label="speed")
    assert "━ fit" in picture.lines()[0]
    assert "speed" in picture.lines()[-1]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 60), st.integers(0, 20), arrays(float, (3, 7), elements=values))
def test_any_numbers_at_any_size(width: int, height: int, numbers: Array) -> None:
    x, y, fitted = numbers
    lines = [("line", x, fitted), ("other", fitted, y)]
    check(scatter(x, y, fitted, lines, width, height, PALETTE, title="t", x_label="x", y_label="y"), width, height)


def test_no_points() -> None:
    check(scatter(NONE, NONE, NONE, [], 40, 10, PALETTE), 40, 10)
