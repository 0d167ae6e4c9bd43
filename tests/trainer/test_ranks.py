"""Several processes that train one run, started by torchrun as a user's would be."""

from collections.abc import Callable

import psutil
import pytest

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
