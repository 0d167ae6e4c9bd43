"""Several processes that train one run, started by torchrun as a user's would be."""

import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

import psutil
import pytest

from tests.terminal.terminal import LAB
from tests.trainer.test_trainer import report_of, wait_until
from tui_lab.lab.errors import BadInput
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory, runs
from tui_lab.run.launch import wake
from tui_lab.run.messages import Play, SetValue, Step, Stop

Start = Callable[..., RunDirectory]


def expected(steps: int, rates: list[float], centre: float = 3.0, mean_rank: float = 0.5) -> float:
    w = 0.0
    for step in range(steps):
        w -= rates[step] * (2 * (w - centre) + mean_rank)
    return w


def weight(run: RunDirectory) -> float:
    (row,) = report_of(run).parameters
    assert isinstance(row.values, float)
    return row.values


def test_two_processes_step_go_back_change_and_end_as_one(start: Start) -> None:
    run = start("shared-bowl")
    with Client(run) as client:
        client.ask(Step(10), timeout=60)
        assert report_of(run).metrics["ranks"] == 2
        there = weight(run)
        assert there == pytest.approx(expected(10, [0.1] * 10), abs=1e-12)
        client.ask(Step(4, back=True))
        client.ask(Step(2, grain="phase"))
        client.ask(Step(4))
        assert weight(run) == there
        client.ask(SetValue("learning_rate", "0.05"))
        client.ask(Step(5))
        assert weight(run) == pytest.approx(expected(15, [0.1] * 10 + [0.05] * 5), abs=1e-12)
        pid = report_of(run).pid
        assert pid is not None
        torchrun = psutil.Process(pid).parent()
        assert torchrun is not None
        client.ask(Stop())
    gone, alive = psutil.wait_procs([torchrun], timeout=60)
    assert gone and not alive, "nobody is left when the run has stopped"
    wake(run)
    with Client(run) as client:
        client.ask(Step(1), timeout=60)
    assert weight(run) == pytest.approx(expected(16, [0.1] * 10 + [0.05] * 6), abs=1e-12)


def test_two_machines_train_one_run_when_the_second_is_told_what_the_first_one_says() -> None:
    """Both are this one: each has a torchrun of its own, and they meet at a port."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port.getsockname()[1])}
    words = ["run", "shared-bowl", "--set", "nodes=2", "--set", "processes=1", "--steps", "10", "--headless", "--json"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with subprocess.Popen([*LAB, *words], env={**os.environ, **address}, stdout=PIPE, stderr=PIPE, text=True) as first:
        assert first.stderr is not None and first.stdout is not None
        told = next(line for line in first.stderr if line.startswith("torchrun"))
        there = shlex.split(told.replace("--node-rank N", "--node-rank 1"))
        second = subprocess.run(there, env={**os.environ, "PATH": path}, capture_output=True, timeout=120, check=False)
        *_, last = first.stdout
        assert first.wait(60) == 0 and second.returncode == 0, second.stderr
    assert json.loads(last)["metrics"]["ranks"] == 2
    (run,) = runs()
    (row,) = run.report().parameters
    assert row.values == pytest.approx(expected(10, [0.1] * 10), abs=1e-12)


def test_bad_input_is_one_sentence_from_several_processes_too(start: Start) -> None:
    with pytest.raises(BadInput, match=r"centre cannot be 13: that is bad luck\."):
        start("shared-bowl", "centre=13")
    assert not list(runs())


def test_a_crash_on_one_rank_ends_all_and_is_the_runs_state(start: Start) -> None:
    run = start("shared-bowl", "crash_at=3")
    pid = report_of(run).pid
    assert pid is not None
    torchrun = psutil.Process(pid).parent()
    assert torchrun is not None
    with Client(run) as client:
        client.ask(Play())
    wait_until(lambda: run.report().status == "failed")
    assert "rank 0 fell over" in run.report().reason
    gone, alive = psutil.wait_procs([torchrun], timeout=60)
    assert gone and not alive
