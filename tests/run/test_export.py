"""A run's history as CSV: exact, whole or not there, and never over somebody's file unasked."""

import csv
import errno
import io
import math
import os
from pathlib import Path

import pytest

from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import RunDirectory
from tui_lab.run.export import export, write_csv, write_to
from tui_lab.run.recorder import Recorder


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A run with four steps, of which one has a metric of its own and one numbers that are not finite."""
    recorder = Recorder(tmp_path / "history.sqlite")
    recorder.record(1, {"loss": 0.1 + 0.2})
    recorder.record(2, {"loss": math.nan})
    recorder.record(3, {"loss": -math.inf, "accuracy": 1 / 3})
    recorder.record(4, {"loss": 5e-324})
    recorder.close()
    return RunDirectory(tmp_path)


def test_every_step_is_a_line_and_every_metric_a_column(run: RunDirectory) -> None:
    out = io.StringIO()
    assert write_csv(run, out).startswith("4 steps of ")
    assert out.getvalue() == (
        "step,loss,accuracy\n1,0.30000000000000004,\n2,nan,\n3,-inf,0.3333333333333333\n4,5e-324,\n"
    )


def test_numbers_come_back_exactly(run: RunDirectory) -> None:
    out = io.StringIO()
    write_csv(run, out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert float(rows[0]["loss"]) == 0.1 + 0.2 and float(rows[3]["loss"]) == 5e-324


def test_a_run_before_its_first_step_is_a_line_of_names(tmp_path: Path) -> None:
    Recorder(tmp_path / "history.sqlite").close()
    out = io.StringIO()
    assert write_csv(RunDirectory(tmp_path), out).startswith("0 steps")
    assert out.getvalue() == "step\n"


def test_a_run_without_a_history_is_told_and_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(BadInput):
        export(RunDirectory(tmp_path / "run"), write_csv, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(run: RunDirectory, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine")
    with pytest.raises(BadInput, match="is there already: add --force"):
        export(run, write_csv, out)
    assert out.read_text() == "mine"
    assert export(run, write_csv, out, replace=True).startswith("4 steps")
    assert out.read_text().startswith("step,loss")


@pytest.mark.parametrize(
    ("out", "sentence"), [("", "is a folder: name a file"), ("none/out.csv", "There is no folder")]
)
def test_a_place_where_no_file_can_be_is_told(run: RunDirectory, tmp_path: Path, out: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        export(run, write_csv, tmp_path / out)


def test_a_pipe_or_device_is_written_into(run: RunDirectory) -> None:
    assert export(run, write_csv, Path("/dev/null")).startswith("4 steps")
    assert not Path("/dev/null").is_file()


def test_a_full_disk_leaves_the_old_file_and_no_draft(run: RunDirectory) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = run.path / "out.csv"
    out.write_text("old")
    with pytest.raises(OSError, match="No space left"):
        export(run, full, out, replace=True)
    assert out.read_text() == "old" and not list(run.path.glob(".out.csv*"))


def test_a_metric_s_name_with_commas_and_line_ends_stays_one_column(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.sqlite")
    recorder.record(1, {'a,"b"\nc': 1.0})
    recorder.close()
    out = io.StringIO()
    write_csv(RunDirectory(tmp_path), out)
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [["step", 'a,"b"\nc'], ["1", "1.0"]]


def test_what_cannot_go_to_stdout_is_told_what_can(run: RunDirectory) -> None:
    with pytest.raises(BadInput, match="Only csv and torch go to stdout, 'cvs' does not: did you mean 'csv'"):
        write_to(run, "cvs", io.StringIO())
