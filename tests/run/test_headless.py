"""Following a run without an app: what is heard on the way, and how it ends."""

import threading
from collections.abc import Callable

import pytest

from tui_lab.lab.errors import BadInput
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.ending import kill, stop
from tui_lab.run.headless import exit_code, listening, play, summary
from tui_lab.run.messages import Pause, Play, Report, Status

Start = Callable[..., RunDirectory]


def test_a_run_is_played_to_its_end_and_its_last_step_is_heard(start: Start) -> None:
    heard: list[Report] = []
    report = play(start("bowl", "steps=30"), heard.append)
    assert (report.status, report.step, heard[-1].step) == ("finished", 30, 30)
    assert exit_code(report) == 0
    steps = [each.step for each in heard]
    assert steps == sorted(set(steps))


def test_a_run_that_diverges_has_failed_and_says_why(start: Start) -> None:
    report = play(start("bowl", "learning_rate=2"), lambda _: None)
    assert (report.status, exit_code(report)) == ("failed", 1)
    assert "loss became inf" in summary(report) and "largest stable learning rate is 1" in summary(report)


def test_a_scenario_that_crashes_has_failed(start: Start) -> None:
    report = play(start("bowl", "crash_at=5"), lambda _: None)
    assert (report.status, report.step, exit_code(report)) == ("failed", 4, 1)
    assert "the bowl fell over" in summary(report)


@pytest.mark.parametrize(("verb", "status", "code"), [(kill, "lost", 1), (stop, "stopped", 130)])
def test_a_run_that_somebody_else_ends_is_followed_to_its_end(
    start: Start, verb: Callable[[RunDirectory], Report], status: Status, code: int
) -> None:
    run = start("bowl", "steps=1000000000")
    endings: list[threading.Thread] = []

    def end_once(_: Report) -> None:
        if not endings:
            endings.append(threading.Thread(target=verb, args=(run,)))
            endings[0].start()

    report = play(run, end_once)
    endings[0].join(timeout=30)
    assert (report.status, exit_code(report)) == (status, code)


def test_a_run_that_somebody_pauses_is_waited_for(start: Start) -> None:
    run = start("bowl", "steps=1000000000")
    heard: list[int] = []

    def meddle(report: Report) -> None:
        heard.append(report.step)
        with Client(run) as client:
            client.ask(Pause())
            client.ask(Play(until=report.step + 10_000_000) if len(heard) < 3 else Pause())
        if len(heard) == 3:
            stop(run)

    assert play(run, meddle).status == "stopped"


def test_a_run_that_has_ended_cannot_be_played(start: Start) -> None:
    run = start("bowl", "steps=1")
    play(run, lambda _: None)
    with pytest.raises(BadInput, match="set steps to a larger number"):
        play(run, lambda _: None)


def test_without_a_terminal_and_without_json_nobody_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with listening(as_lines=False) as listener:
        listener(report(1))
    assert capfd.readouterr() == ("", "")


def test_lines_are_json_with_null_for_what_json_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    with listening(as_lines=True) as listener:
        listener(report(1))
        listener(report(2, float("nan")))
    assert capsys.readouterr().out == (
        '{"run": "a", "step": 1, "epoch": 0, "metrics": {"loss": 0.5}}\n'
        '{"run": "a", "step": 2, "epoch": 0, "metrics": {"loss": null}}\n'
    )


def test_a_summary_cannot_act_on_the_terminal() -> None:
    hostile = Report(
        run="a", scenario="b", status="failed", step=1, epoch=0, metrics={}, state_hash=None, reason="\x1b[2J\n\u202e"
    )
    assert summary(hostile) == "a: failed at step 1 of 0. ·[2J··"


def report(step: int, loss: float = 0.5) -> Report:
    """A running run at that step."""
    return Report(run="a", scenario="b", status="running", step=step, epoch=0, metrics={"loss": loss}, state_hash=None)
