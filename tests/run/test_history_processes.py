"""One writer and its readers in processes of their own; the writer killed; the folder closed."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tui_lab.run.history import History
from tui_lab.run.recorder import Recorder

_WRITER = """
import sys
from pathlib import Path
from tui_lab.run import database
if sys.argv[2] == "network":
    database.on_network = lambda path: True
from tui_lab.run.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]))
step = recorder.head
while True:
    for _ in range(701):
        step += 1
        recorder.record(step, {"loss": 1 / step, "a": -step} if step % 50 else {"loss": 1 / step, "a": -step, "b": 1})
    recorder.flush()
    print(recorder.recorded, flush=True)
"""
_STRANGER = """
import os, sys
from pathlib import Path
from tui_lab.run.history import History
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
assert not os.access(Path(sys.argv[1]).parent, os.W_OK)
history = History(Path(sys.argv[1]))
print(history.head(), len(history.values("loss", 0, 10**6)[0]))
"""


def start(path: Path, disk: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", _WRITER, str(path), disk], stdout=subprocess.PIPE, text=True)


def wait_for(writer: "subprocess.Popen[str]", step: int) -> int:
    """The first step at or after `step` that the writer says is on disk."""
    assert writer.stdout is not None
    return next(recorded for line in writer.stdout if (recorded := int(line)) >= step)


def assert_whole(history: History, head: int) -> None:
    """Every level holds what was written up to at least `head`."""
    steps, values = history.values("loss", 0, history.head())
    assert len(steps) >= head
    np.testing.assert_array_equal(steps, np.arange(1, len(steps) + 1))
    np.testing.assert_array_equal(values, 1 / steps)
    for count in (1, 10, 100):
        columns = history.columns("a", 0, head, count)
        inside = columns.x[1:] - 1
        np.testing.assert_array_equal(columns.last[:-1], -inside)
        np.testing.assert_array_equal(columns.low[:-1], -inside)
        np.testing.assert_array_equal(columns.high[1:], -columns.x[1:])
        assert not columns.broken.any()
    samples = history.samples(["loss", "a"], head, 100)
    np.testing.assert_array_equal(samples["a"], -samples["step"])
    np.testing.assert_array_equal(samples["loss"], 1 / samples["step"])
    assert samples["step"][-1] == head


@pytest.mark.parametrize("disk", ["local", "network"])
def test_a_killed_writer_leaves_a_history_that_reads_and_goes_on(tmp_path: Path, disk: str) -> None:
    path = tmp_path / "history.sqlite"
    head = 0
    for _ in range(4):
        with start(path, disk) as writer:
            told = wait_for(writer, head + 9000)
            writer.kill()
        history = History(path)
        head = history.head()
        assert head >= told
        assert_whole(history, head)
        history.close()
    recorder = Recorder(path)
    assert recorder.head == head
    recorder.record(head, {"loss": 5.0, "a": 5.0})
    recorder.record(head + 1, {"loss": 1 / (head + 1), "a": -(head + 1)})
    recorder.close()
    history = History(path)
    assert_whole(history, head + 1)
    history.close()


def test_what_a_killed_writer_left_in_the_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with start(path, "local") as writer:
        told = wait_for(writer, 700)
        writer.kill()
    assert (tmp_path / "history.sqlite-wal").stat().st_size > 0
    shutil.copy(path, tmp_path / "without its log.sqlite")
    without, history = History(tmp_path / "without its log.sqlite"), History(path)
    assert without.head() < told <= history.head()
    without.close()
    history.close()


def test_half_a_transaction_that_a_killed_writer_left_is_undone(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "live.sqlite")
    for step in range(1, 20_001):
        recorder.record(step, {"loss": 1 / step, "a": -step})
    recorder.close()
    writer = sqlite3.connect(tmp_path / "live.sqlite", isolation_level=None)
    writer.execute("PRAGMA journal_mode = DELETE")
    writer.execute("PRAGMA cache_size = 1")
    before = (tmp_path / "live.sqlite").read_bytes()
    history = History(tmp_path / "live.sqlite")
    assert history.head() == 20_000
    writer.execute("BEGIN")
    writer.execute("UPDATE chunk SET data = zeroblob(length(data))")
    for end in ("", "-journal"):
        shutil.copy(tmp_path / f"live.sqlite{end}", tmp_path / f"left.sqlite{end}")
    writer.close()
    history.close()
    assert (tmp_path / "left.sqlite").read_bytes() != before
    history = History(tmp_path / "left.sqlite")
    assert_whole(history, 20_000)
    history.close()


@pytest.mark.parametrize("disk", ["local", "network"])
def test_reading_while_another_process_writes(tmp_path: Path, disk: str) -> None:
    path = tmp_path / "history.sqlite"
    with start(path, disk) as writer:
        head = wait_for(writer, 1)
        history = History(path)
        seen: set[int] = set()
        while head < 60_000 or len(seen) < 3:
            assert history.head() >= head
            head = history.head()
            seen.add(head)
            assert_whole(history, head)
            head = wait_for(writer, head + 1)
        history.close()
        writer.kill()


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder in which this test's reader may write nothing; the superuser's reader is made somebody else."""
    folder = Path(tempfile.mkdtemp())
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def read_as_a_stranger(path: Path) -> list[int]:
    path.parent.chmod(0o555)
    found = subprocess.run(
        [sys.executable, "-c", _STRANGER, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    path.parent.chmod(0o755)
    assert found.stderr == ""
    return [int(word) for word in found.stdout.split()]


def test_a_history_in_a_closed_folder_is_read(closed_folder: Path) -> None:
    recorder = Recorder(closed_folder / "history.sqlite")
    for step in range(1, 101):
        recorder.record(step, {"loss": 1.0})
    recorder.close()
    assert [each.name for each in closed_folder.iterdir()] == ["history.sqlite"]
    assert read_as_a_stranger(closed_folder / "history.sqlite") == [100, 100]


def test_a_growing_history_in_a_closed_folder_is_read(closed_folder: Path) -> None:
    recorder = Recorder(closed_folder / "history.sqlite")
    for last in (100, 200):
        for step in range(recorder.head + 1, last + 1):
            recorder.record(step, {"loss": 1.0})
        recorder.flush()
        assert read_as_a_stranger(closed_folder / "history.sqlite") == [last, last]
    recorder.close()
