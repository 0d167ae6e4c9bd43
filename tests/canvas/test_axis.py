"""Ticks, their text, and ranges that stay."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.canvas.axis import (
    Axis,
    linear_ticks,
    log_ticks,
    rough_label,
    snapped,
    snapped_log,
    step_range,
    tick_labels,
)

numbers = st.floats(-1e300, 1e300)
modest = st.floats(-1e6, 1e6).filter(lambda number: number == 0 or abs(number) > 1e-6)


@given(numbers, numbers, st.integers(1, 12))
def test_ticks_lie_inside_the_axis_and_ascend(low: float, high: float, count: int) -> None:
    limits = snapped(low, high)
    ticks = linear_ticks(*limits, count)
    assert np.all((ticks >= limits[0]) & (ticks <= limits[1]))
    assert np.all(np.diff(ticks) > 0)
    assert len(ticks) <= count + 2


@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300), st.integers(1, 12))
def test_ticks_of_a_logarithmic_axis_lie_inside_it(low: float, high: float, count: int) -> None:
    limits = snapped_log(min(low, high), max(low, high))
    ticks = log_ticks(*limits, count)
    assert np.all((ticks >= limits[0]) & (ticks <= limits[1]))
    assert np.all(np.diff(ticks) > 0)


@given(modest, modest, st.integers(2, 10))
def test_labels_of_different_ticks_differ(low: float, high: float, count: int) -> None:
    ticks = linear_ticks(*snapped(low, high), count)
    labels = tick_labels(ticks.tolist())
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("low", "high", "count", "labels"),
    [
        (0, 1, 5, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-8, 8, 4, ["-5", "0", "5"]),
        (0, 1_000_000, 5, ["0", "0.2M", "0.4M", "0.6M", "0.8M", "1.0M"]),
        (0, 20_000, 4, ["0", "5k", "10k", "15k", "20k"]),
        (0, 5e-5, 5, ["0", "1e-5", "2e-5", "3e-5", "4e-5", "5e-5"]),
        (0.5, 0.5000001, 2, ["0.50000000", "0.50000005", "0.50000010"]),
        (0, 4e300, 2, ["0", "2e300", "4e300"]),
    ],
)
def test_labels_are_short_and_exact(low: float, high: float, count: int, labels: list[str]) -> None:
    assert tick_labels(linear_ticks(low, high, count).tolist()) == labels


def test_a_whole_axis_has_no_ticks_between_whole_numbers() -> None:
    assert linear_ticks(0, 3, 10, whole=True).tolist() == [0, 1, 2, 3]


def test_a_logarithmic_axis_shows_powers_of_ten() -> None:
    axis = Axis(1e-6, 1e2, log=True)
    ticks = axis.ticks(10)
    assert axis.labels(ticks) == ["1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1", "10", "100"]
    assert axis.place(np.array([1e-6, 1e-2, 1e2])).tolist() == pytest.approx([0, 0.5, 1])
    assert np.isnan(axis.place(np.array([0.0, -1.0]))).all()


@given(numbers, numbers)
def test_snapped_limits_hold_the_numbers(low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    start, stop = snapped(low, high)
    assert start <= low <= high <= stop
    assert start < stop
    assert math.isfinite(stop - start)


@given(st.lists(modest, min_size=2, max_size=30))
def test_limits_of_growing_data_move_by_doublings_only(values: list[float]) -> None:
    """Each limit of data around 0 is 0 or a power of two; data away from 0 keep theirs until the range doubles."""
    low = high = values[0]
    before = snapped(low, high)
    for value in values[1:]:
        low, high = min(low, value), max(high, value)
        limits = snapped(low, high)
        if limits != before:
            size, size_before = limits[1] - limits[0], before[1] - before[0]
            away = not (limits[0] <= 0 <= limits[1])
            assert not away or size >= 2 * size_before or before[0] <= 0 <= before[1]
            assert away or all(limit == 0 or math.frexp(abs(limit))[0] == 0.5 for limit in limits)
        before = limits


def test_a_loss_near_zero_gets_an_axis_from_zero() -> None:
    assert snapped(0.01, 7.5) == (0, 8)
    assert snapped(-0.1, 6.0) == (-0.125, 8)
    assert snapped(100, 101) == (100, 101)
    assert snapped(5, 5) == (0, 8)
    assert snapped(0, 0) == (0, 1)
    assert snapped(-3, -3) == (-4, 0)


@given(st.integers(0, 10**12))
def test_a_step_range_is_a_power_of_two_that_holds_the_head(head: int) -> None:
    reach = step_range(head)
    assert reach >= head and reach & (reach - 1) == 0
    assert reach == 16 or reach < 2 * head


@pytest.mark.parametrize("value", [5e-324, 1.797e308, float("inf"), float("nan"), 0.0, -5e-324])
def test_numbers_at_the_ends_of_the_scale_are_written(value: float) -> None:
    assert rough_label(value)


@given(st.floats(1e-308, 1e308), st.floats(1e-308, 1e308))
def test_log_axes_have_ticks_wherever_they_lie(one: float, other: float) -> None:
    low, high = snapped_log(min(one, other), max(one, other))
    assert 0 < low < high
    assert len(log_ticks(low, high, 4)) >= 1
