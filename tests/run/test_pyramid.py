"""The pyramid against a computation that goes through every value, however the values came in."""

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from tui_lab.lab.views import Array
from tui_lab.run.pyramid import (
    BIN,
    Bins,
    IntArray,
    Tail,
    each_a_bin,
    empty_tail,
    extend,
    finest,
    levels,
    merge,
    read_raw,
    span,
    width,
)

Rows = dict[tuple[int, int], tuple[bytes | None, bytes]]

values = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324])
)
gaps = st.one_of(st.just(1), st.integers(1, 40), st.integers(1, 5000), st.integers(1, 10**7))
batches = st.lists(st.lists(st.tuples(gaps, values), min_size=1, max_size=60), min_size=1, max_size=12)


def store(rows: Rows, tail: Tail, steps: IntArray, numbers: Array) -> Tail:
    """Extend, and keep the chunks as a table would."""
    tail, chunks = extend(tail, steps, numbers)
    rows.update({(chunk.level, chunk.number): (chunk.steps, chunk.data) for chunk in chunks})
    return tail


def level_of(rows: Rows, level: int) -> Bins:
    """All bins of a level, from its chunks."""
    chunks = [rows[key] for key in sorted(rows) if key[0] == level]
    if level:
        return np.concatenate([np.frombuffer(data, BIN) for _, data in chunks])
    return np.concatenate([each_a_bin(*read_raw(steps or b"", data)) for steps, data in chunks])


def brute_force(steps: list[int], numbers: list[float], level: int) -> list[tuple[int, float, float, float, int]]:
    """The same, value by value."""
    bins: dict[int, list[tuple[int, float]]] = {}
    for step, number in zip(steps, numbers, strict=True):
        bins.setdefault(step // 16**level, []).append((step, number))
    return [summary(held) for _, held in sorted(bins.items())]


def summary(held: list[tuple[int, float]]) -> tuple[int, float, float, float, int]:
    finite = [number for _, number in held if math.isfinite(number)]
    step, last = held[-1]
    return step, min(finite, default=math.nan), max(finite, default=math.nan), last, len(held) - len(finite)


def assert_equal(bins: Bins, expected: list[tuple[int, float, float, float, int]]) -> None:
    for name, column in zip(BIN.names or (), zip(*expected, strict=True), strict=True):
        np.testing.assert_array_equal(bins[name], column)


@given(batches)
@example([[(10, 1.0)], [(1990, 2.0)]])
@example([[(1023, 1.0), (1, 2.0)], [(1, math.nan)] * 17])
def test_every_level_is_what_going_through_the_values_gives(batches: list[list[tuple[int, float]]]) -> None:
    rows: Rows = {}
    tail, step, steps, numbers = empty_tail(), 0, [], []
    for batch in batches:
        fresh = []
        for gap, _ in batch:
            step += gap
            fresh.append(step)
        tail = store(rows, tail, np.array(fresh), np.array([number for _, number in batch]))
        steps += fresh
        numbers += [number for _, number in batch]
    assert {level for level, _ in rows} == set(levels(step))
    for level in levels(step):
        assert_equal(level_of(rows, level), brute_force(steps, numbers, level))
        for (at, number), (_, data) in rows.items():
            if at == level and level:
                assert set(np.frombuffer(data, BIN)["step"] // span(level)) == {number}


def test_a_long_gapless_metric_in_uneven_batches() -> None:
    numbers = np.random.default_rng(0).normal(size=40_000)
    rows: Rows = {}
    tail, done = empty_tail(), 0
    for size in [1, 1, 14, 1, 1023, 1, 3000, 15_000, 1, 20_958]:
        tail = store(rows, tail, np.arange(done + 1, done + size + 1), numbers[done : done + size])
        done += size
    assert done == len(numbers)
    for level in levels(done):
        assert_equal(level_of(rows, level), brute_force(list(range(1, done + 1)), numbers.tolist(), level))
    assert all(steps is not None and len(steps) == 8 for (level, _), (steps, _) in rows.items() if level == 0)


def test_only_chunks_that_can_have_changed_are_given_back() -> None:
    tail, _ = extend(empty_tail(), np.arange(1, 100_001), np.zeros(100_000))
    _, chunks = extend(tail, np.array([100_001]), np.array([1.0]))
    assert [chunk.level for chunk in chunks] == list(levels(100_001))


def test_an_infinite_value_is_counted_and_left_out_of_the_range() -> None:
    bins = merge(each_a_bin(np.array([1, 2, 3]), np.array([math.inf, 2.0, math.nan])), 16)
    assert (bins["low"][0], bins["high"][0], bins["broken"][0]) == (2.0, 2.0, 2)
    assert math.isnan(bins["last"][0])


@given(st.integers(1, 10**12), st.integers(0, 10**12), st.integers(1, 10_000))
def test_the_chosen_level_exists_and_has_no_more_bins_than_asked_nor_needlessly_few(
    last: int, back: int, most: int
) -> None:
    first, most = max(0, last - back), max(most, 16)
    level = finest(first, last, most)
    bins = last // width(level) - first // width(level) + 1
    assert level in levels(last)
    assert bins <= most
    assert level == 0 or last // width(level - 1) - first // width(level - 1) + 1 > most
