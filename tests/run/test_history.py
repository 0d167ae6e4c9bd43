"""The read side, against what was recorded."""

import math
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_lab.lab.errors import BadInput
from tui_lab.run.history import Columns, History
from tui_lab.run.recorder import Recorder

Recorded = list[tuple[int, dict[str, float]]]

NAMES = ["loss", "held_out_loss", "a"]
MILLION = 1_000_000
SPIKE = 654_321

metrics = st.dictionaries(st.sampled_from(NAMES), st.floats(), min_size=1)
moments = st.tuples(
    st.one_of(st.just(1), st.integers(1, 300), st.integers(1, 10**5)), metrics, st.integers(1, 40), st.booleans()
)


def record(recorder: Recorder, moments: list[tuple[int, dict[str, float], int, bool]]) -> Recorded:
    """Record each moment `times` times after a gap, flushing where it says."""
    recorded: Recorded = []
    step = 0
    for gap, held, times, flush in moments:
        step += gap
        for _ in range(times):
            recorder.record(step, held)
            recorded.append((step, held))
            step += 1
        if flush:
            recorder.flush()
    return recorded


def write(path: Path, recorded: Recorded) -> None:
    recorder = Recorder(path)
    for step, held in recorded:
        recorder.record(step, held)
    recorder.close()


def expected_columns(recorded: Recorded, metric: str, width: int, first: int, last: int) -> list[tuple[float, ...]]:
    bins: dict[int, list[float]] = {}
    for step, held in recorded:
        if metric in held and first // width <= step // width <= last // width:
            bins.setdefault(step // width * width, []).append(held[metric])
    columns: list[tuple[float, ...]] = []
    for x, values in bins.items():
        finite = [value for value in values if math.isfinite(value)]
        low, high = min(finite, default=math.nan), max(finite, default=math.nan)
        columns.append((x, low, high, values[-1], len(finite) < len(values)))
    return columns


def width_of(last: int, first: int, count: int) -> int:
    width = 1
    while last // width - first // width + 1 > 16 * count:
        width *= 16
    return width


def assert_columns(columns: Columns, expected: list[tuple[float, ...]]) -> None:
    arrays = (columns.x, columns.low, columns.high, columns.last, columns.broken)
    for array, wanted in zip(arrays, zip(*expected, strict=True) if expected else [()] * 5, strict=True):
        np.testing.assert_array_equal(array, np.array(wanted))


@settings(max_examples=60, deadline=None)
@given(st.lists(moments, min_size=1, max_size=25), st.data())
def test_whatever_was_recorded_and_flushed_is_read_back(
    moments: list[tuple[int, dict[str, float], int, bool]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder) / "history.sqlite")
        recorded = record(recorder, moments)
        recorder.flush()
        history = History(Path(folder) / "history.sqlite")
        head = recorded[-1][0]
        assert history.head() == recorder.recorded == head
        assert repr(list(history.rows())) == repr([(step, by_name(held, history)) for step, held in recorded])
        first = data.draw(st.integers(0, head))
        last = data.draw(st.integers(first, head + 10))
        count = data.draw(st.integers(1, 30))
        for metric in history.metrics():
            end = min(last, max(step for step, held in recorded if metric in held))
            expected = expected_columns(recorded, metric, width_of(max(first, end), first, count), first, end)
            assert_columns(history.columns(metric, first, last, count), expected if end >= first else [])
            steps, values = history.values(metric, first, last)
            raw = [(step, held[metric]) for step, held in recorded if metric in held and first <= step <= last]
            assert repr(list(zip(steps.tolist(), values.tolist(), strict=True))) == repr(raw)
        assert_samples(history, recorded, data.draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)), last)
        history.close()
        recorder.close()


def by_name(held: dict[str, float], history: History) -> dict[str, float]:
    return {name: held[name] for name in history.metrics() if name in held}


def assert_samples(history: History, recorded: Recorded, names: list[str], last: int) -> None:
    """Each sample is what was recorded at its step."""
    samples = history.samples(names, last, 20)
    known = dict(recorded)
    assert list(samples) == ["step", *names]
    assert (np.diff(samples["step"]) > 0).all()
    assert (samples["step"] <= last).all()
    for name in names:
        expected = [known[step][name] for step in samples["step"].astype(int).tolist()]
        np.testing.assert_array_equal(samples[name], expected)


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A million steps with one spike, one NaN and a metric that is recorded now and then."""
    path = tmp_path_factory.mktemp("million") / "history.sqlite"
    recorder = Recorder(path)
    for step in range(1, MILLION + 1):
        held = {"loss": 1e9 if step == SPIKE else 1 / step, "a": float(step)}
        if step == 777_777:
            held["loss"] = math.nan
        if step % 50 == 0:
            held["held_out_loss"] = -float(step)
        recorder.record(step, held)
        if step % 100_000 == 0:
            recorder.flush()
    recorder.close()
    return path


@pytest.mark.parametrize("count", [1, 40, 160, 700, 10_000])
def test_one_spike_in_a_million_steps_is_seen(million: Path, count: int) -> None:
    history = History(million)
    columns = history.columns("loss", 0, MILLION, count)
    assert columns.high.max() == 1e9
    assert (columns.high >= 1e9).sum() == 1
    at = int(np.argmax(columns.high))
    width = columns.x[1] - columns.x[0]
    assert columns.x[at] <= SPIKE < columns.x[at] + width
    assert columns.broken.sum() == 1
    assert columns.last[-1] == 1 / MILLION
    assert count - 1 <= len(columns.x) <= 16 * count
    history.close()


def test_looking_closer_ends_at_the_values(million: Path) -> None:
    history = History(million)
    columns = history.columns("loss", SPIKE - 5, SPIKE + 5, 160)
    assert columns.x.tolist() == list(range(SPIKE - 5, SPIKE + 6))
    assert columns.low.tolist() == columns.high.tolist() == columns.last.tolist()
    assert columns.last[5] == 1e9
    history.close()


def test_bins_stay_put_while_a_run_grows(million: Path) -> None:
    history = History(million)
    earlier, later = (history.columns("loss", 0, last, 160) for last in (700_000, 900_000))
    settled = len(earlier.x) - 1
    for name in ("x", "low", "high", "last", "broken"):
        np.testing.assert_array_equal(getattr(earlier, name)[:settled], getattr(later, name)[:settled])
    assert settled > 150
    history.close()


@pytest.mark.parametrize("last", [1, 15, 16, 4095, 499_999, 500_000, MILLION, MILLION + 5])
def test_samples_end_exactly_where_asked(million: Path, last: int) -> None:
    history = History(million)
    samples = history.samples(["loss", "a"], last, 500)
    assert samples["step"][-1] == samples["a"][-1] == min(last, MILLION)
    np.testing.assert_array_equal(samples["a"], samples["step"])
    assert min(last, 30) <= len(samples["step"]) <= 500 + 16 * 5
    history.close()


def test_metrics_with_steps_of_their_own_are_sampled_where_they_meet(million: Path) -> None:
    history = History(million)
    samples = history.samples(["held_out_loss", "a"], MILLION, 500)
    assert len(samples["step"]) > 200
    assert (samples["step"] % 50 == 0).all()
    np.testing.assert_array_equal(samples["held_out_loss"], -samples["a"])
    assert samples["step"][-1] == MILLION
    history.close()


def test_samples_of_a_short_run_are_all_its_steps(tmp_path: Path) -> None:
    write(tmp_path / "history.sqlite", [(step, {"a": -step, "b": 2.0 * step}) for step in range(1, 301)])
    history = History(tmp_path / "history.sqlite")
    samples = history.samples(["a", "b"], 300, 500)
    assert samples["step"].tolist() == list(range(1, 301))
    assert samples["b"].tolist() == [2.0 * step for step in range(1, 301)]
    assert history.samples(["a", "b"], 40, 500)["step"].tolist() == list(range(1, 41))
    history.close()


def test_a_metric_recorded_once_long_ago_is_still_there(tmp_path: Path) -> None:
    write(tmp_path / "history.sqlite", [(3, {"once": 7.0, "loss": 1.0}), (10**9, {"loss": 2.0})])
    history = History(tmp_path / "history.sqlite")
    columns = history.columns("once", 0, history.head(), 10)
    assert (columns.x.tolist(), columns.last.tolist()) == ([3.0], [7.0])
    assert history.columns("loss", 0, history.head(), 10).last.tolist() == [1.0, 2.0]
    assert history.samples(["once", "loss"], history.head(), 10)["step"].tolist() == [3.0]
    history.close()


def test_an_empty_history_and_an_unknown_metric_give_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    recorder, history = Recorder(path), History(path)
    for _ in range(2):
        assert_columns(history.columns("nonsense", 0, 100, 160), [])
        assert {name: len(array) for name, array in history.samples(["x", "y"], 100, 50).items()} == {
            "step": 0,
            "x": 0,
            "y": 0,
        }
        assert [len(array) for array in history.values("nonsense", 0, 100)] == [0, 0]
        recorder.record(1, {"loss": 1.0})
        recorder.flush()
    assert history.columns("loss", 0, 100, 160).x.tolist() == [1.0]
    assert history.columns("loss", 5, 100, 160).x.tolist() == []
    assert history.columns("loss", 100, 0, 160).x.tolist() == []
    history.close()
    recorder.close()


def test_reading_rows_holds_no_lock_between_them(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    write(path, [(step, {"loss": 1.0}) for step in range(1, 5001)])
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    assert other.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    history = History(path)
    rows = history.rows()
    assert next(rows) == (1, {"loss": 1.0})
    other.execute("BEGIN EXCLUSIVE")
    other.execute("ROLLBACK")
    assert sum(1 for _ in rows) == 4999
    other.close()
    history.close()


def test_a_missing_history_is_said_so_and_not_made(tmp_path: Path) -> None:
    for path in (tmp_path / "history.sqlite", tmp_path):
        with pytest.raises(BadInput, match="There is no history at "):
            History(path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_signs_that_mean_something_in_an_address(tmp_path: Path) -> None:
    path = tmp_path / "50% done? #1 é" / "history.sqlite"
    path.parent.mkdir()
    write(path, [(1, {"loss": 1.0})])
    history = History(path)
    assert history.head() == 1
    history.close()
