"""The run directory: readable after a crash, told when damaged, found by what a person types."""

import math
import os
import socket
from pathlib import Path

import psutil
import pytest

from tui_lab.lab.errors import BadInput
from tui_lab.run.address import find_address, forget_address, make_address
from tui_lab.run.directory import RunDirectory, Trainer, find, home, runs
from tui_lab.run.files import sha256, write_whole
from tui_lab.run.manifest import Manifest
from tui_lab.run.messages import ParameterRow, Report, Status

ELSEWHERE = "a-host-that-is-not-this-one"


def put(name: str, created: float = 0.0, status: Status = "finished", **report: object) -> RunDirectory:
    """A run on disk."""
    run = RunDirectory(home() / "runs" / name)
    run.path.mkdir(parents=True)
    run.write("run.json", Manifest(name, "bowl", {"steps": 10}, 0, created))
    fields = {"step": 3, "epoch": 0, "metrics": {"loss": 1.5}, "state_hash": None, **report}
    run.write("report.json", Report(run=name, scenario="bowl", status=status, **fields))  # type: ignore[arg-type]
    return run


def dead_process() -> Trainer:
    """A trainer whose number another process has by now: this one."""
    return Trainer(os.getpid(), psutil.Process().create_time() - 1000, socket.gethostname())


def test_home_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUI_LAB_HOME", "~/lab")
    assert home() == Path.home() / "lab"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUI_LAB_HOME", "here")
    assert home() == tmp_path / "here"
    monkeypatch.setenv("TUI_LAB_HOME", "")
    assert home().is_absolute() and home().name == "tui-lab"


def test_what_is_written_is_read_back() -> None:
    run = put("babe-bowl", created=5.0)
    assert run.manifest() == Manifest("babe-bowl", "bowl", {"steps": 10}, 0, 5.0)
    assert run.report().metrics == {"loss": 1.5} and run.report().pid is None


def test_a_run_whose_figures_are_not_finite_is_readable() -> None:
    row = ParameterRow("w", [2], math.inf, math.nan, 0.0, values=[math.nan, -math.inf])
    report = put("babe-bowl", metrics={"loss": math.nan, "x": -math.inf}, parameters=[row]).report()
    assert math.isnan(report.metrics["loss"]) and report.metrics["x"] == -math.inf
    assert report.parameters[0].norm == math.inf


@pytest.mark.parametrize("status", ["starting", "running", "paused"])
def test_a_run_without_its_trainer_is_lost(status: Status) -> None:
    run = put("babe-bowl", status=status)
    assert run.report().status == "lost"
    run.write("trainer.json", dead_process())
    assert run.report().status == "lost" and "died without saying so" in run.report().reason


def test_a_run_with_its_trainer_is_what_it_says() -> None:
    run = put("babe-bowl", status="running")
    run.write("trainer.json", Trainer.here())
    assert (run.report().status, run.report().pid) == ("running", os.getpid())


@pytest.mark.parametrize("status", ["finished", "stopped", "failed"])
def test_a_run_that_has_ended_is_not_lost(status: Status) -> None:
    assert put("babe-bowl", status=status).report().status == status


def test_a_trainer_on_another_machine_is_believed() -> None:
    run = put("babe-bowl", status="running")
    run.write("trainer.json", Trainer(1, 0.0, ELSEWHERE))
    assert run.report().status == "running"


def test_a_trainer_that_is_a_zombie_is_dead() -> None:
    with psutil.Popen(["true"]) as process:
        trainer = Trainer(process.pid, process.create_time(), socket.gethostname())
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not trainer.alive()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "\xff"])
def test_a_damaged_trainer_file_is_no_trainer(content: str) -> None:
    run = put("babe-bowl", status="running")
    (run.path / "trainer.json").write_text(content, encoding="latin-1")
    assert run.trainer() is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"run": null}'])
@pytest.mark.parametrize("name", ["run.json", "report.json"])
def test_a_damaged_run_is_told_with_the_file_and_what_to_do(name: str, content: bytes) -> None:
    run = put("babe-bowl")
    (run.path / name).write_bytes(content)
    with pytest.raises(BadInput, match=f"Run babe-bowl is damaged, its {name} cannot be read .* delete the folder"):
        (run.manifest() if name == "run.json" else run.report())


def test_a_half_deleted_run_is_told() -> None:
    run = put("babe-bowl")
    (run.path / "run.json").unlink()
    with pytest.raises(BadInput, match=r"its run\.json is missing: delete the folder"):
        run.manifest()


def test_deleting_a_run_leaves_nothing() -> None:
    run = put("babe-bowl")
    run.delete()
    assert list((home() / "runs").iterdir()) == []


def test_deleting_a_run_with_a_far_socket_leaves_nothing_there_either(tmp_path: Path) -> None:
    run = put("babe-" + "o" * 100)
    address = make_address(run.socket)
    address.touch()
    run.delete()
    assert not address.parent.exists()


def test_runs_come_newest_first_and_damaged_ones_last() -> None:
    put("baba", created=1.0)
    put("dada", created=3.0)
    put("gaga", created=2.0)
    (home() / "runs" / "damaged").mkdir()
    (home() / "runs" / ".draft").mkdir()
    (home() / "runs" / "a-file").touch()
    assert [run.run for run in runs()] == ["dada", "gaga", "baba", "damaged"]


def test_before_the_first_run_there_is_none() -> None:
    assert list(runs()) == []
    for name in ("latest", "x", ""):
        with pytest.raises(BadInput, match="There are no runs yet: start one with"):
            find(name)


def test_a_run_is_found_by_id_by_beginning_and_as_the_latest() -> None:
    for created, name in enumerate(["bada-bowl", "bada-bowl-2", "gogo-bowl"]):
        put(name, created=float(created))
    assert find("latest").run == "gogo-bowl"
    assert find("g").run == "gogo-bowl"
    assert find("bada-bowl").run == "bada-bowl"
    with pytest.raises(BadInput, match="'bad' could be any of bada-bowl-2, bada-bowl: type more of it"):
        find("bad")


@pytest.mark.parametrize("name", ["", "../runs/bada-bowl", "/", ".", "*", "bada-bowl/"])
def test_what_names_no_run_finds_none(name: str) -> None:
    put("bada-bowl")
    with pytest.raises(BadInput, match="There is no run"):
        find(name)


def test_the_nearest_id_is_named() -> None:
    put("bada-bowl")
    with pytest.raises(BadInput, match="did you mean 'bada-bowl'"):
        find("bado-bowl")


def test_a_short_address_is_the_socket_itself(tmp_path: Path) -> None:
    path = Path("/tmp") / "control.sock"
    assert make_address(path) == find_address(path) == path


def test_a_long_address_can_be_bound_and_is_forgotten_whole(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 60) / "control.sock"
    path.parent.mkdir()
    address = make_address(path)
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(address))
        server.listen()
        client.connect(str(find_address(path)))
    assert address.parent.stat().st_mode & 0o777 == 0o700
    forget_address(path)
    assert not path.is_symlink() and not address.parent.exists()


def test_a_link_in_a_foreign_run_directory_cannot_have_a_file_removed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    link = tmp_path / "control.sock"
    link.symlink_to(precious)
    forget_address(link)
    assert precious.read_text() == "mine" and not link.is_symlink()


def test_a_file_is_replaced_in_one_move_and_no_draft_stays(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"old")
    write_whole(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"new"
    assert sha256(tmp_path / "file") == "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"


def test_a_write_that_fails_keeps_the_old_file_and_no_draft(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
