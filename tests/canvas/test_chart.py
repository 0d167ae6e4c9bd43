"""Line charts: nothing lost, nothing joined that is broken, no crash."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.chart import Series, chart

BLUE = PALETTE.series[0]
values = st.floats(allow_nan=True, allow_infinity=True)


def drawn_columns(*series: Series, width: int = 60, height: int = 12, **options: object) -> list[int]:
    """The dot columns in which something is drawn."""
    picture = chart(series, width, height, PALETTE, **options)  # type: ignore[arg-type]
    return np.flatnonzero(dots(picture).any(axis=0)).tolist()


def test_a_spike_of_one_point_among_a_million_is_seen() -> None:
    y = np.full(1_000_000, 0.5)
    y[612_345] = 3.9
    lit = dots(chart([Series.of("loss", y)], 120, 30, PALETTE))
    top = np.flatnonzero(lit.any(axis=1))[0]
    (column,) = np.flatnonzero(lit[top])
    area = np.flatnonzero(lit.any(axis=0))
    assert (column - area[0]) / (area[-1] - area[0]) == pytest.approx(0.612345, abs=0.006)
    assert lit[:, column].sum() > 80


def test_a_chart_of_bins_is_that_of_their_values() -> None:
    y = np.cumsum(np.random.default_rng(3).normal(size=4000))
    bins = y.reshape(1000, 4)
    series = Series("loss", np.arange(0, 4000, 4.0), bins.min(1), bins.max(1), bins[:, -1], np.zeros(1000, bool))
    one, other = (chart([each], 80, 20, PALETTE, x_range=(0, 4095)) for each in (series, Series.of("loss", y)))
    tops, other_tops = (dots(picture).argmax(axis=0) for picture in (one, other))
    # Bins that lie across two dot columns are drawn in the first: a peak may move by one.
    neighbours = np.stack([np.roll(other_tops, shift) for shift in (-1, 0, 1)])
    inside = slice(12, -4)
    assert np.all((neighbours.min(0) - 1 <= tops)[inside] & (tops <= neighbours.max(0) + 1)[inside])
    assert tops[inside].min() == other_tops[inside].min()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_breaks_the_line_and_is_marked(bad: float) -> None:
    y = np.linspace(1, 2, 11)
    y[5] = bad
    picture = chart([Series.of("loss", y)], 60, 12, PALETTE)
    lit = np.flatnonzero(dots(picture).any(axis=0))
    gap = np.flatnonzero(np.diff(lit) > 1)
    assert len(gap) == 1
    ((row, column),) = where(picture, "×")
    assert row == 1 and picture.colours[row, column] == PALETTE.bad
    assert lit[gap[0]] < 2 * column < lit[gap[0] + 1]
    assert lit[gap[0] + 1] - lit[gap[0]] == pytest.approx((lit[-1] - lit[0]) * 0.2, abs=2)


def test_a_broken_bin_of_many_is_never_joined_across() -> None:
    y = np.ones(1_000_000)
    y[500_000] = np.nan
    picture = chart([Series.of("loss", y)], 60, 12, PALETTE)
    assert len(where(picture, "×")) == 1
    before = np.concatenate([np.linspace(0, 1, 500_000), [np.nan], np.linspace(8, 8, 499_999)])
    lit = dots(chart([Series.of("loss", before)], 60, 12, PALETTE))
    # A line from 1 up to 8 would light a whole column.
    assert lit.sum(axis=0).max() < 8


def test_few_points_are_joined() -> None:
    columns = drawn_columns(Series.of("loss", [0.0, 5.0, 1.0]))
    assert columns == list(range(columns[0], columns[-1] + 1))
    assert len(columns) > 100


def test_the_line_between_two_points_is_straight() -> None:
    lit = dots(chart([Series.of("loss", [0.0, 8.0])], 60, 20, PALETTE))
    rows, columns = np.nonzero(lit)
    assert np.abs(rows - np.polyval(np.polyfit(columns, rows, 1), columns)).max() < 1.2


def test_one_point_and_points_alone_are_seen() -> None:
    assert len(drawn_columns(Series.of("loss", [3.0]))) == 1
    assert len(drawn_columns(Series.of("loss", [3.0, np.nan, 3.0]))) == 2


def test_no_data_is_said() -> None:
    assert any("no data yet" in line for line in chart([], 40, 10, PALETTE).lines())
    assert any("no data yet" in line for line in chart([Series.of("loss", [])], 40, 10, PALETTE).lines())


def test_a_logarithmic_chart_drops_and_marks_what_is_not_positive() -> None:
    y = 10.0 ** -np.arange(9.0)
    y[4] = 0
    picture = chart([Series.of("loss", y)], 60, 14, PALETTE, log_y=True)
    ((row, _),) = where(picture, "×")
    assert row == 11
    assert (np.diff(np.flatnonzero(dots(picture).any(axis=0))) > 1).sum() == 1
    assert any(line.strip().startswith("1e-6") for line in picture.lines())
    # Powers of ten lie on a straight line.
    rows, columns = np.nonzero(dots(picture))
    assert np.abs(rows - np.polyval(np.polyfit(columns, rows, 1), columns)).max() < 1.2


def test_series_have_colours_and_names() -> None:
    picture = chart([Series.of("loss", np.zeros(9)), Series.of("held_out_loss", np.ones(9))], 60, 12, PALETTE)
    assert picture.lines()[0].endswith("━ loss  ━ held_out_loss")
    assert dots(picture, PALETTE.series[0]).any() and dots(picture, PALETTE.series[1]).any()
    assert [picture.colours[0, column] for _, column in where(picture, "━")] == list(PALETTE.series[:2])


def test_the_cursor_stands_at_its_step() -> None:
    picture = chart([Series.of("loss", np.ones(101))], 60, 12, PALETTE, cursor=50.0)
    columns = {column for _, column in where(picture, "┊")}
    lit = np.flatnonzero(dots(picture, BLUE).any(axis=0)) // 2
    assert columns == {round((lit[0] + lit[-1]) / 2)}
    assert not where(chart([Series.of("loss", np.ones(101))], 60, 12, PALETTE, cursor=999.0), "┊")


def test_a_range_cuts_the_data_and_sets_the_scale() -> None:
    y = np.where(np.arange(1000) < 500, 1000.0, 1.0)
    picture = chart([Series.of("loss", y)], 60, 12, PALETTE, x_range=(600, 900))
    assert "1000" not in "".join(picture.lines())
    columns = np.flatnonzero(dots(picture).any(axis=0))
    assert columns[-1] == 119 and len(columns) == columns[-1] - columns[0] + 1


def test_most_cells_stay_when_a_run_grows() -> None:
    y = np.exp(-np.arange(1000) / 300)
    one, other = (chart([Series.of("loss", y[:size])], 80, 20, PALETTE, x_range=(0, 1024)) for size in (700, 710))
    assert sum(width for _, _, width in other.changed(one)) < 8


def test_text_from_outside_cannot_move_the_cursor() -> None:
    check(chart([Series.of("a\x1b[2J\n学習", [1.0, 2.0])], 40, 10, PALETTE, title="t\r\x07学"), 40, 10)


def test_raw_arrays_must_fit() -> None:
    with pytest.raises(ValueError, match="one length"):
        Series.of("loss", [1.0, 2.0], [1.0])


def test_series_of_reduces_without_loss() -> None:
    y = np.random.default_rng(0).normal(size=100_003)
    y[[5, 70_000]] = np.nan, np.inf
    series = Series.of("loss", y)
    finite = y[np.isfinite(y)]
    assert np.nanmin(series.low) == finite.min() and np.nanmax(series.high) == finite.max()
    assert series.broken.sum() == 2 and series.last[-1] == y[-1]


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 25),
    st.lists(arrays(float, st.integers(0, 40), elements=values), max_size=3),
    st.booleans(),
)
def test_any_numbers_at_any_size(width: int, height: int, curves: list[np.ndarray], log_y: bool) -> None:
    series = [Series.of(f"curve {place}", y) for place, y in enumerate(curves)]
    check(chart(series, width, height, PALETTE, log_y=log_y, title="Loss", x_label="step", cursor=3.0), width, height)


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (5, 2), (0, 7), (7, 0)])
def test_the_smallest_sizes(size: tuple[int, int]) -> None:
    check(chart([Series.of("loss", [1.0, 2.0, np.nan])], *size, PALETTE, title="t", cursor=1.0), *size)
