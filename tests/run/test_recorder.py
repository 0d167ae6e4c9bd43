"""The write side: what is on disk after every kind of day."""

import math
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tui_lab.lab.errors import BadInput
from tui_lab.run import database, recorder
from tui_lab.run.history import Change, History
from tui_lab.run.recorder import Recorder

_LIMITED = """
import resource, sqlite3, sys
from pathlib import Path
from tui_lab.run.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
for step in range(1, 50_001):
    recorder.record(step, {"loss": 1 / step})
    if step % 10_000 == 0:
        try:
            recorder.flush()
        except (sqlite3.OperationalError, OSError):
            print("failed", recorder.recorded, flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
recorder.close()
"""


def fill(recorder: Recorder, first: int, last: int) -> None:
    for step in range(first, last + 1):
        recorder.record(step, {"loss": 1 / step, "grad_norm": 2.0 * step})


def content(path: Path) -> list[tuple[int, dict[str, float]]]:
    history = History(path)
    try:
        return list(history.rows())
    finally:
        history.close()


def test_a_new_recorder_stands_at_nought_and_can_be_read(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.sqlite")
    assert (recorder.head, recorder.recorded) == (0, 0)
    assert content(tmp_path / "history.sqlite") == []
    recorder.close()


def test_nothing_is_on_disk_before_a_flush_and_everything_after(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.sqlite")
    fill(recorder, 1, 10)
    assert (recorder.head, recorder.recorded, content(tmp_path / "history.sqlite")) == (10, 0, [])
    recorder.flush()
    assert (recorder.head, recorder.recorded) == (10, 10)
    assert content(tmp_path / "history.sqlite")[-1] == (10, {"loss": 0.1, "grad_norm": 20.0})
    recorder.close()


def test_a_replay_records_nothing_twice(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.sqlite")
    fill(recorder, 1, 2000)
    recorder.flush()
    recorder.record(1500, {"loss": -1.0})
    assert recorder.head == 2000
    fill(recorder, 1500, 2500)
    recorder.record(2400, {"loss": -1.0})
    recorder.close()
    rows = content(tmp_path / "history.sqlite")
    assert [step for step, _ in rows] == list(range(1, 2501))
    assert all(metrics["loss"] == 1 / step for step, metrics in rows)


def test_a_flush_with_nothing_new_touches_nothing(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.sqlite")
    fill(recorder, 1, 5)
    recorder.flush()
    watcher = sqlite3.connect(tmp_path / "history.sqlite")
    before = watcher.execute("PRAGMA data_version").fetchone()
    recorder.record(3, {"loss": 7.0})
    recorder.flush()
    assert watcher.execute("PRAGMA data_version").fetchone() == before
    fill(recorder, 6, 6)
    recorder.flush()
    assert watcher.execute("PRAGMA data_version").fetchone() != before
    watcher.close()
    recorder.close()


def test_closing_flushes_and_opening_continues(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    for last in (3, 1023, 1024, 1025, 40_000):
        recorder = Recorder(path)
        fill(recorder, recorder.head + 1, last)
        recorder.close()
    whole = Recorder(tmp_path / "whole.sqlite")
    fill(whole, 1, 40_000)
    whole.close()
    tables = [
        sqlite3.connect(each).execute("SELECT * FROM chunk ORDER BY metric, level, number").fetchall()
        for each in (path, tmp_path / "whole.sqlite")
    ]
    assert tables[0] == tables[1]
    assert len(tables[0]) > 80


def test_metrics_come_and_go(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.sqlite")
    expected: list[tuple[int, dict[str, float]]] = [
        (1, {"loss": 1.0}),
        (2, {"loss": math.inf, "held_out_loss": -1.0}),
        (5, {"held_out_loss": 0.0}),
        (6, {"accuracy": 0.5, "loss": 3.0}),
        (2**40, {"loss": 1e-320, "held_out_loss": 1e308}),
    ]
    for step, metrics in expected:
        recorder.record(step, metrics)
        if step == 2:
            recorder.flush()
    recorder.record(2**40 + 1, {})
    recorder.close()
    history = History(tmp_path / "history.sqlite")
    assert list(history.rows()) == [(step, metrics) for step, metrics in expected]
    assert history.metrics() == ["loss", "held_out_loss", "accuracy"]
    assert history.head() == 2**40 + 1
    history.close()


def test_changes_are_on_disk_at_once_with_the_steps_before_them(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    recorder = Recorder(path)
    changes = [
        Change(10, "learning_rate", "0.1"),
        Change(10, "learning_rate", "0.2"),
        Change(4, "layer1.W[0,3]", "−½ 🙂\x1b[2J"),
    ]
    fill(recorder, 1, 10)
    for change in changes:
        recorder.note_change(change)
    history = History(path)
    assert history.changes() == recorder.changes() == changes
    assert history.head() == 10
    history.close()
    recorder.close()
    again = Recorder(path)
    assert again.changes() == changes
    again.close()


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[sqlite3.Connection] = []

    def open_writer(path: Path) -> sqlite3.Connection:
        connections.append(database.open_writer(path))
        return connections[0]

    monkeypatch.setattr(recorder, "open_writer", open_writer)
    path = tmp_path / "history.sqlite"
    writer = Recorder(path)
    fill(writer, 1, 3000)
    writer.flush()
    before = content(path)
    connections[0].execute("PRAGMA max_page_count = 60")
    fill(writer, 3001, 20_000)
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="full"):
            writer.flush()
        assert (writer.recorded, writer.head, content(path)) == (3000, 20_000, before)
    writer.record(20_001, {"loss": 1 / 20_001, "grad_norm": 40_002.0, "accuracy": 1.0})
    connections[0].execute("PRAGMA max_page_count = 100000")
    writer.flush()
    assert writer.recorded == 20_001
    rows = content(path)
    assert [step for step, _ in rows] == list(range(1, 20_002))
    assert all(metrics["loss"] == 1 / step and metrics["grad_norm"] == 2.0 * step for step, metrics in rows)
    writer.close()


def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    ended = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "failed" in ended.stdout
    assert [(step, metrics["loss"]) for step, metrics in content(path)] == [(s, 1 / s) for s in range(1, 50_001)]


@pytest.mark.parametrize(("elsewhere", "journal"), [(True, "delete"), (False, "wal")])
def test_the_journal_suits_the_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool, journal: str
) -> None:
    monkeypatch.setattr(database, "on_network", lambda _: elsewhere)
    path = tmp_path / "history.sqlite"
    writer, reader = Recorder(path), History(path)
    for last in (10, 5000, 5001):
        fill(writer, writer.head + 1, last)
        writer.flush()
        assert reader.head() == last
        assert len(reader.values("loss", 1, last)[0]) == last
    (found,) = sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone()
    assert found == journal
    reader.close()
    writer.close()


def test_something_else_is_neither_read_nor_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    for bytes_ in (b"", b"not a database at all, but long enough to be looked at " * 30):
        path.write_bytes(bytes_)
        with pytest.raises(BadInput, match=r"history\.sqlite is not the history of a run"):
            Recorder(path)
        assert path.read_bytes() == bytes_
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE metric (id)")
    other.close()
    with pytest.raises(BadInput, match="not the history of a run"):
        Recorder(path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    Recorder(path).close()
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    for reader in (History, Recorder):
        with pytest.raises(BadInput, match="another version of tui-lab, in format 99"):
            reader(path)


def test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises((OSError, sqlite3.OperationalError)):
        Recorder(tmp_path / "missing" / "history.sqlite")
    Recorder(tmp_path / "history.sqlite").close()
    assert [each.name for each in tmp_path.iterdir()] == ["history.sqlite"]
