"""The trainer as a real process: what it survives, what it leaves behind, what it says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tui_lab.lab.errors import BadInput
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory, find, runs
from tui_lab.run.history import History
from tui_lab.run.launch import wake
from tui_lab.run.messages import Frame, GetFrame, GetReport, GoTo, Pause, Play, Report, SetValue, Step, Stop

Start = Callable[..., RunDirectory]


def report_of(run: RunDirectory) -> Report:
    with Client(run) as client:
        reply = client.ask(GetReport(), timeout=30)
    assert isinstance(reply, Report)
    return reply


def frame_of(client: Client, seen: int = 0) -> Frame:
    reply = client.ask(GetFrame(seen), timeout=30)
    assert isinstance(reply, Frame)
    return reply


def wait_until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Polls a state; fails when it does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "the state did not come"


def test_a_new_run_stands_paused_at_its_beginning(start: Start) -> None:
    run = start()
    report = report_of(run)
    assert (report.status, report.step, report.phase) == ("paused", 0, "")
    assert report.pid is not None
    assert os.getsid(report.pid) == report.pid, "the trainer has an OS session of its own"
    assert run.socket.stat().st_mode & 0o077 == 0, "only the owner may talk to it"


def test_steps_forward_and_back_are_exact(start: Start) -> None:
    run = start()
    with Client(run) as client:
        client.ask(Step(50))
        there = report_of(run)
        client.ask(Step(20, back=True))
        assert report_of(run).step == 30
        client.ask(Step(20))
    back = report_of(run)
    assert (back.state_hash, back.metrics, back.parameters) == (there.state_hash, there.metrics, there.parameters)


def test_stopped_and_continued_equals_uninterrupted(start: Start) -> None:
    straight, broken = start(), start()
    with Client(straight) as client:
        client.ask(SetValue("learning_rate", "0.05"))
        client.ask(Step(300))
    with Client(broken) as client:
        client.ask(SetValue("learning_rate", "0.05"))
        client.ask(Step(123))
        client.ask(Stop())
    wait_until(lambda: broken.trainer() is None)
    assert broken.report().status == "stopped"
    wake(broken)
    with Client(broken) as client:
        client.ask(Step(177))
        client.ask(GoTo(60))
        client.ask(GoTo(300))
    assert report_of(broken).state_hash == report_of(straight).state_hash


def test_the_run_goes_on_when_its_viewer_is_killed(home: Path) -> None:
    viewer = subprocess.Popen(
        [sys.executable, "-c", _VIEWER], stdout=subprocess.PIPE, env={**os.environ, "TUI_LAB_HOME": str(home)}
    )
    assert viewer.stdout is not None
    run = find(viewer.stdout.readline().decode().strip())
    viewer.kill()
    viewer.wait()
    step = report_of(run).step
    wait_until(lambda: report_of(run).step > step)
    assert report_of(run).status == "running"


_VIEWER = """
from tui_lab.run.catalogue import scenario
from tui_lab.run.client import Client
from tui_lab.run.launch import launch
from tui_lab.run.messages import GetFrame, Play
from tui_lab.run.settings import settings_of
card = scenario("bowl")
run = launch(card, settings_of(card, ["steps=1000000000"]))
client = Client(run)
client.ask(Play())
print(run.run, flush=True)
seen = 0
while True:
    seen = client.ask(GetFrame(seen)).version
"""


def test_a_killed_trainer_is_noticed_and_its_history_is_there(start: Start) -> None:
    run = start("bowl", "steps=1000000000")
    with Client(run) as client:
        client.ask(Play())
        wait_until(lambda: frame_of(client).recorded > 0)
        frame = frame_of(client)
        trainer = run.trainer()
        assert trainer is not None
        os.kill(trainer.pid, signal.SIGKILL)
        killed = time.monotonic()
        with pytest.raises(TrainerGone):
            while True:
                client.ask(GetReport(), timeout=30)
        assert time.monotonic() - killed < 2
    wait_until(lambda: run.trainer() is None)
    assert run.report().status == "lost"
    history = History(run.history)
    assert history.head() >= frame.recorded
    assert history.values("loss", 1, 10)[0].tolist() == list(range(1, 11))


def test_a_lost_run_is_continued_without_a_gap(start: Start) -> None:
    run, straight = start("bowl", "steps=1000000000"), start()
    with Client(run) as client:
        client.ask(Play())
        wait_until(lambda: frame_of(client).recorded > 100)
    trainer = run.trainer()
    assert trainer is not None
    os.kill(trainer.pid, signal.SIGKILL)
    wait_until(lambda: run.trainer() is None)
    wake(run)
    with Client(run) as client:
        client.ask(GoTo(200))
    with Client(straight) as client:
        client.ask(Step(200))
    assert report_of(run).state_hash == report_of(straight).state_hash


def test_a_crash_is_a_state_and_is_in_the_log(start: Start) -> None:
    run = start("bowl", "crash_at=30")
    with Client(run) as client:
        with pytest.raises(BadInput, match="Step 30 crashed with RuntimeError: the bowl fell over"):
            client.ask(Step(100))
        report = report_of(run)
        assert (report.status, report.step) == ("failed", 29)
        assert "the bowl fell over" in run.log.read_text()
        client.ask(Step(9, back=True))
        assert (report_of(run).status, report_of(run).step) == ("paused", 20)


def test_divergence_is_a_state_with_its_reason(start: Start) -> None:
    run = start("bowl", "learning_rate=1000")
    with Client(run) as client:
        with pytest.raises(BadInput, match=r"loss became inf.*The largest stable learning rate is 1\."):
            client.ask(Step(1000))
        frame = frame_of(client)
        assert frame.status == "failed"
        assert abs(frame.metrics["loss"]) < float("inf")
        client.ask(Step(10, back=True))
        assert (report_of(run).status, report_of(run).step) == ("paused", frame.step - 10)


def test_what_cannot_be_built_leaves_nothing_behind(start: Start) -> None:
    with pytest.raises(BadInput, match="noise cannot be 1"):
        start("bowl", "noise=1")
    assert list(runs()) == []


def test_a_frame_waits_until_there_is_something_new(start: Start) -> None:
    run = start()
    with Client(run) as waiting, Client(run) as acting:
        first = frame_of(waiting)
        with pytest.raises(TimeoutError):
            waiting.ask(GetFrame(first.version), timeout=0.3)
    with Client(run) as waiting, Client(run) as acting:
        acting.ask(Step(1, "phase"))
        frame = frame_of(waiting, first.version)
        assert (frame.phase, frame.inside, frame.operation) == ("forward", True, 1)


def test_play_at_a_speed_until_a_step(start: Start) -> None:
    run = start()
    with Client(run) as client:
        began = time.monotonic()
        client.ask(Play(speed=50.0, until=10))
        frame = frame_of(client)
        while frame.status == "running":
            frame = frame_of(client, frame.version)
        assert time.monotonic() - began > 0.15
        assert (frame.status, frame.step) == ("paused", 10)


def test_pause_stands_between_two_steps(start: Start) -> None:
    run = start("bowl", "steps=1000000000")
    with Client(run) as client:
        client.ask(Play())
        client.ask(Pause())
        frame = frame_of(client)
        assert (frame.status, frame.inside) == ("paused", False)
        assert frame.recorded == frame.step


def test_a_finished_run_can_go_back_and_further(start: Start) -> None:
    run = start("bowl", "steps=20")
    with Client(run) as client:
        client.ask(Step(50))
        assert report_of(run).status == "finished"
        with pytest.raises(BadInput, match="The run ends at step 20"):
            client.ask(Step(1))
        client.ask(Step(1, back=True))
        assert (report_of(run).status, report_of(run).step) == ("paused", 19)
        client.ask(SetValue("steps", "25"))
        client.ask(Step(50))
        assert (report_of(run).status, report_of(run).step) == ("finished", 25)


def test_the_past_is_not_rewritten(start: Start) -> None:
    run = start()
    with Client(run) as client:
        client.ask(Step(10))
        client.ask(GoTo(5))
        with pytest.raises(BadInput, match="in the past of this run"):
            client.ask(SetValue("learning_rate", "0.5"))


def test_the_trainer_of_a_finished_run_leaves_with_its_last_viewer(start: Start) -> None:
    run = start("bowl", "steps=5")
    with Client(run) as client:
        client.ask(Step(5))
        trainer = run.trainer()
        assert trainer is not None
    psutil.wait_procs([psutil.Process(trainer.pid)], timeout=30)
    assert run.trainer() is None
    assert run.report().status == "finished"
    assert not run.socket.exists()


def test_termination_saves_the_run(start: Start) -> None:
    run = start()
    with Client(run) as client:
        client.ask(Step(17))
    trainer = run.trainer()
    assert trainer is not None
    os.kill(trainer.pid, signal.SIGTERM)
    wait_until(lambda: run.trainer() is None)
    assert (run.report().status, run.report().step) == ("stopped", 17)
    assert (run.snapshots / "17.safetensors").exists()
