"""Steering a run from the command line: what the app's keys do, commands can do."""

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from tests.cli import Command, command
from tui_lab.cli import training
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory, home
from tui_lab.run.documents import latest_report
from tui_lab.run.ending import stop
from tui_lab.run.messages import Play

__all__ = ["command"]
Start = Callable[..., RunDirectory]


def test_a_run_is_shown_with_all_its_numbers(command: Command, start: Start) -> None:
    run = start("bowl", "steps=30", seed=4)
    command("step", run.run, 12)
    document = command("show", run.run, "--json").document
    assert (document["run"], document["scenario"], document["status"]) == (run.run, "bowl", "paused")
    assert (document["step"], document["epoch"], document["last_step"], document["seed"]) == (12, 1, 30, 4)
    assert document["metrics"]["loss"] > 0 and len(document["state_hash"]) == 64
    (parameter,) = document["parameters"]
    assert parameter.keys() >= {"name", "shape", "norm", "grad_norm", "update_ratio", "values"}
    assert psutil.Process(document["pid"]).status() != psutil.STATUS_ZOMBIE
    assert document["settings"]["steps"] == 30 and document["directory"] == str(run.path)


def test_a_run_is_shown_to_people_without_a_trace_of_markup(command: Command, start: Start) -> None:
    run = start("bowl")
    command("step", "latest")
    shown = command("show", run.run[:3]).out
    for said in (run.run, "paused", "1 of 1000, epoch 0", "learning_rate  0.1", "loss", "w          []"):
        assert said in shown
    assert all(line == line.rstrip() for line in shown.splitlines())


def test_a_run_without_its_trainer_is_shown_from_disk(command: Command, start: Start) -> None:
    run = start("bowl")
    command("step", run.run, 3)
    before = command("show", run.run, "--json").document
    stop(run)
    after = command("show", run.run, "--json").document
    assert (after["status"], after["pid"]) == ("stopped", None)
    assert {**before, "status": 0, "pid": 0} == {**after, "status": 0, "pid": 0}


def test_a_number_that_json_lacks_is_null(command: Command, start: Start) -> None:
    run = start("bowl")
    stop(run)
    text = (run.path / "report.json").read_text().replace('"norm": ', '"norm": NaN, "was": ')
    (run.path / "report.json").write_text(text)
    assert command("show", run.run, "--json").document["parameters"][0]["norm"] is None


def test_stepping_forward_and_back_returns_when_it_is_done(command: Command, start: Start) -> None:
    run = start("bowl")
    assert command("step", run.run, 20).sentence.startswith(f"{run.run}: paused at step 20 of 1000, loss ")
    there = latest_report(run)
    assert command("step", run.run, 5, "--back").code == 0 and latest_report(run).step == 15
    assert command("step", run.run, 5).code == 0
    assert latest_report(run).state_hash == there.state_hash
    command("step", run.run, "--grain", "epoch")
    assert latest_report(run).step == 30
    assert command("step", run.run, "--grain", "phase").sentence.endswith("forward done.")


def test_a_stopped_run_is_woken_by_a_step(command: Command, start: Start) -> None:
    run = start("bowl")
    command("step", run.run, 4)
    assert command("stop", run.run).sentence.startswith(f"{run.run}: stopped at step 4 of 1000")
    assert run.trainer() is None
    assert command("step", run.run).code == 0 and latest_report(run).step == 5


def test_a_step_that_diverges_is_failed_training(command: Command, start: Start) -> None:
    run = start("bowl", "learning_rate=2")
    outcome = command("step", run.run, 1000)
    assert (outcome.code, run.report().status) == (1, "failed") and "loss became inf" in outcome.sentence


def test_play_returns_at_once_and_pause_holds(command: Command, start: Start) -> None:
    run = start("bowl", "steps=1000000000")
    assert command("play", run.run).sentence == f"{run.run} is playing."
    assert latest_report(run).status == "running"
    assert command("pause", run.run).sentence.startswith(f"{run.run}: paused at step ")
    here = latest_report(run)
    assert here.status == "paused" and here == latest_report(run)


def test_play_stops_where_it_is_told_to(command: Command, start: Start) -> None:
    run = start("bowl")
    command("play", run.run, "--until", 7, "--speed", 1000)
    with Client(run) as client:
        client.ask(Play(until=7))
    report = latest_report(run)
    while report.status == "running":
        report = latest_report(run)
    assert (report.status, report.step) == ("paused", 7)


@pytest.mark.parametrize(
    ("word", "name", "value"), [("learning_rate=0.2", "learning_rate", 0.2), ("steps=20", "steps", 20)]
)
def test_a_live_hyperparameter_is_changed(command: Command, start: Start, word: str, name: str, value: float) -> None:
    run = start("bowl")
    assert command("set", run.run, word).code == 0
    assert latest_report(run).settings[name] == value


def test_a_look_is_changed_in_the_past_and_on_a_finished_run_without_a_trainer(command: Command, start: Start) -> None:
    run = start("scribe", "steps=5")
    command("step", run.run, 5)
    command("step", run.run, 2, "--back")
    assert command("set", run.run, "prompt=a cat").sentence.startswith(f"{run.run}: paused at step 3 of 5")
    assert command("set", run.run, "learning_rate=2").code == 2
    command("step", run.run, 2)
    stop(run)
    assert command("set", run.run, "temperature=0.5").sentence.startswith(f"{run.run}: finished at step 5 of 5")
    settings = latest_report(run).settings
    assert (settings["prompt"], settings["temperature"], settings["learning_rate"]) == ("a cat", 0.5, 1.0)


def test_one_number_of_a_parameter_is_changed(command: Command, start: Start) -> None:
    run = start("bowl")
    assert command("set", run.run, "w=2.5").code == 0
    assert latest_report(run).parameters[0].values == 2.5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["set", "w"], "'w' is not a setting: write it as key=value"),
        (
            ["set", "noise=0.5"],
            "noise is fixed when a run begins: start a new one, or change one of learning_rate, steps.",
        ),
        (["set", "learning_rate=-1"], "learning_rate cannot be '-1': it is a number from 0 to 1000000."),
        (["set", "learning_rat=1"], "did you mean 'learning_rate'?"),
        (["set", "w=much"], "w cannot be 'much'"),
        (["set", "w[3]=1"], "w has shape []"),
        (["step", "--grain", "fase"], "There is no grain 'fase': did you mean 'phase'?"),
        (["step", "--back"], "Step 0 is the beginning of the run."),
        (["play", "--speed", "0"], "--speed cannot be 0.0: it is a number of steps a second above 0."),
        (["play", "--speed", "nan"], "--speed cannot be nan"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_changes_nothing(
    command: Command, start: Start, words: list[str], sentence: str
) -> None:
    run = start("bowl")
    before = latest_report(run)
    outcome = command(words[0], run.run, *words[1:])
    assert outcome.code == 2 and sentence in outcome.sentence
    assert latest_report(run).state_hash == before.state_hash


def test_a_killed_run_is_lost_and_can_be_played_on(command: Command, start: Start) -> None:
    run = start("bowl")
    command("step", run.run, 3)
    assert command("kill", run.run).sentence.startswith(f"{run.run}: killed at step 3 of 1000")
    assert command("show", run.run, "--json").document["status"] == "lost"
    assert command("play", run.run, "--until", 5).code == 0


@pytest.mark.parametrize("verb", ["pause", "stop", "kill"])
def test_a_run_that_is_not_running_cannot_be_held_or_ended(command: Command, start: Start, verb: str) -> None:
    run = start("bowl")
    stop(run)
    outcome = command(verb, run.run)
    assert (outcome.code, outcome.sentence) == (2, f"Run {run.run} is not running: it is stopped.")


@pytest.mark.parametrize(
    "words",
    [["show"], ["attach"], ["play"], ["pause"], ["stop"], ["kill"], ["step"], ["export", "-", "--format", "csv"]],
)
def test_a_run_that_is_not_there_is_told(
    command: Command, start: Start, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(training, "what_is_missing", lambda: "")
    outcome = command(words[0], "nobody", *words[1:])
    assert (outcome.code, outcome.sentence) == (
        2, "There are no runs yet: start one with `tui-lab run SCENARIO`."
    )  # fmt: skip
    for name in ("baba-bowl", "babo-bowl"):
        (home() / "runs" / name).mkdir(parents=True)
    assert "could be any of" in command(words[0], "bab", *words[1:]).sentence
    assert "did you mean 'baba-bowl'" in command(words[0], "baba-bow-l", *words[1:]).sentence
    outcome = command(words[0], "baba-bowl", *words[1:])
    assert outcome.code == 2 and ("is damaged" in outcome.sentence or "There is no history" in outcome.sentence)


def test_attach_opens_the_app_on_the_run(command: Command, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[str]] = []
    run = start("bowl")
    monkeypatch.setattr(training, "what_is_missing", lambda: "")
    monkeypatch.setattr(os, "execve", lambda path, program, environment: opened.append(program))
    assert command("attach", run.run[:4]).code == 0
    assert [program[-2:] for program in opened] == [["tui_lab.ui", str(run.path)]]


def test_a_trainer_that_hangs_does_not_hang_what_shows_it(
    command: Command, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start("bowl")
    trainer = run.trainer()
    assert trainer is not None
    monkeypatch.setattr("tui_lab.run.documents._PATIENCE", 0.05)
    os.kill(trainer.pid, signal.SIGSTOP)
    try:
        assert command("show", run.run, "--json").document["step"] == 0
    finally:
        os.kill(trainer.pid, signal.SIGCONT)
