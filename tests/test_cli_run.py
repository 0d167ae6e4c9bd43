"""`tui-lab run`: headless to the end, detached, in the app; and everything that can be wrong with what it is given."""

import json
import os
from pathlib import Path

import pytest

from tests.cli import Command, command
from tui_lab.cli import training
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory, find, runs
from tui_lab.run.documents import latest_report
from tui_lab.run.history import History
from tui_lab.run.messages import Frame, GetFrame

__all__ = ["command"]
STEP = {"run", "step", "epoch", "metrics"}
REPORT = {"run", "scenario", "status", "step", "epoch", "metrics", "state_hash"}


def test_headless_trains_to_the_end_and_says_so_in_one_line(command: Command) -> None:
    outcome = command("run", "bowl", "--headless", "--steps", 50)
    run = find("latest")
    assert outcome.code == 0 and outcome.sentence.startswith(f"{run.run}: finished at step 50 of 50, loss ")
    assert History(run.history).head() == 50


def test_headless_json_is_a_line_a_step_and_a_report(command: Command) -> None:
    outcome = command("run", "bowl", "--headless", "--json", "--steps", 50, "--seed", 3)
    *steps, report = [json.loads(line) for line in outcome.out.splitlines()]
    assert outcome.code == 0 and steps and all(set(step) == STEP for step in steps)
    assert report.keys() >= REPORT and report["status"] == "finished"
    assert steps[-1]["step"] == report["step"] == 50 and report["epoch"] == 5
    assert len(report["state_hash"]) == 64 and report["metrics"]["loss"] == steps[-1]["metrics"]["loss"]


def test_the_same_seed_gives_the_same_run_and_another_another(command: Command) -> None:
    hashes = [
        json.loads(command("run", "bowl", "--headless", "--json", "--steps", 20, "--seed", seed).out.splitlines()[-1])[
            "state_hash"
        ]
        for seed in (1, 1, 2)
    ]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("setting", "said"),
    [("learning_rate=2", "largest stable learning rate is 1"), ("crash_at=3", "the bowl fell over")],
)
def test_training_that_fails_is_exit_1_and_the_run_stays(command: Command, setting: str, said: str) -> None:
    outcome = command("run", "bowl", "--headless", "--json", "--set", setting)
    report = json.loads(outcome.out.splitlines()[-1])
    assert outcome.code == 1 and report["status"] == "failed" and said in report["reason"]
    assert said in outcome.err and "Traceback" not in outcome.err
    assert find(report["run"]).report().status == "failed"


def test_detached_it_prints_the_id_and_returns(command: Command) -> None:
    outcome = command("run", "bowl", "--detach", "--steps", 1_000_000_000)
    run = find(outcome.out.strip())
    assert (outcome.code, outcome.err) == (0, "") and latest_report(run).status == "running"


def test_detached_and_paused_it_stands_at_its_beginning(command: Command) -> None:
    outcome = command("run", "bowl", "--detach", "--paused", "--json")
    document = outcome.document
    assert (document["status"], document["step"], document["metrics"]) == ("paused", 0, {})
    assert document["pid"] == find(document["run"]).report().pid is not None


@pytest.mark.parametrize(("words", "speed"), [([], None), (["--paused"], "paused")])
def test_in_the_app_it_plays_at_the_scenario_s_speed(
    command: Command, monkeypatch: pytest.MonkeyPatch, words: list[str], speed: str | None
) -> None:
    opened: list[tuple[str, float | None]] = []

    def become(_: str, program: list[str], environment: dict[str, str]) -> None:
        with Client(RunDirectory(Path(program[-1]))) as client:
            frame = client.ask(GetFrame())
        assert isinstance(frame, Frame)
        opened.append((frame.status, frame.speed))

    monkeypatch.setattr(training, "what_is_missing", lambda: "")
    monkeypatch.setattr(os, "execve", become)
    assert command("run", "linear-regression", *words).code == 0
    assert opened == [("paused", None) if speed else ("running", 10.0)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["bowll", "--headless"], "There is no scenario 'bowll': did you mean 'bowl'?"),
        (["../bowl", "--headless"], "There is no scenario '../bowl': did you mean 'bowl'?"),
        (["\x1b[2J", "--headless"], "There is no scenario '·[2J': there is bowl, "),
        (["bowl", "--headless", "--set", "learning_rat=1"], "did you mean 'learning_rate'?"),
        (["bowl", "--headless", "--set", "learning_rate"], "write it as key=value, such as learning_rate=0.1."),
        (["bowl", "--headless", "--set", "noise=2"], "noise cannot be '2': it is a number from 0 to 1."),
        (["bowl", "--headless", "--set", "noise=1"], "noise cannot be 1: nothing would be left of the gradient."),
        (["bowl", "--headless", "--steps", "0"], "steps cannot be '0': it is a whole number from 1 to 1000000000."),
        (
            ["bowl", "--headless", "--steps", "many"],
            "steps cannot be 'many': it is a whole number from 1 to 1000000000.",
        ),
        (["bowl", "--headless", "--data", "x.csv"], "bowl makes its own data and takes no --data."),
        (["bowl", "--headless", "--init", "none.json"], "There is no --init file none.json."),
        (["linear-regression", "--headless", "--data", "none.csv"], "There is no --data file none.csv."),
        (["linear-regression", "--detach", "--data", "/"], "is no ordinary file"),
        (["bowl", "--headless", "--paused"], "--headless and --paused contradict each other"),
        (["bowl", "--headless", "--detach"], "--headless and --detach contradict each other"),
        (["bowl", "--dry-run", "--detach"], "--dry-run and --detach contradict each other"),
        (["bowl", "--dry-run", "--set", "noise=1"], "noise cannot be 1: nothing would be left of the gradient."),
        (["bowl", "--dry-run", "--set", "nois=1"], "did you mean 'noise'?"),
        (["neuron", "--dry-run"], "This scenario has no plan to show"),
        (["scribe", "--dry-run", "--data", "none.txt"], "There is no --data file none.txt."),
        (["scribe", "--headless", "--data", "somebody/fables"], "There is no data set 'somebody/fables' on the hub."),
        (["scribe", "--headless", "--set", "preset=slwo"], "scribe has no preset 'slwo': did you mean 'slow'?"),
        (["bowl", "--headless", "--set", "preset=slow"], "bowl has no hyperparameter 'preset'"),
        (["bowl", "--json"], "--json goes with --headless, --detach or --dry-run"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_run(command: Command, words: list[str], sentence: str) -> None:
    outcome = command("run", *words)
    assert outcome.code == 2 and sentence in outcome.sentence
    assert list(runs()) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"x,y\n", ""),
        (b"x,y\n1,2\n", ""),
        (b"x,y\n1,2\n3,four\n5,6\n", "four"),
        (b"x,y\n1,2\n3,nan\n5,6\n", "nan"),
        (b"x,y,z\n1,2,3\n3,4,5\n", "x"),
        (b"\xff\xfe\x00\x00", ""),
    ],
)
def test_data_that_cannot_be_used_is_one_sentence_and_leaves_no_run(
    command: Command, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    outcome = command("run", "linear-regression", "--headless", "--data", path)
    assert outcome.code == 2 and sentence in outcome.sentence and "Traceback" not in outcome.err
    assert list(runs()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfx,y\r\n1,2\r\n2,4\r\n3,7\r\n",
        b"x;y\n1,0;2,0\n2,0;4,5\n3,0;7,0\n",
        b'"the\nx",y\n1,2\n2,4\n3,7\n',
    ],
)
def test_data_as_programs_write_it_is_read(command: Command, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    outcome = command("run", "linear-regression", "--headless", "--data", path, "--steps", 5)
    assert (outcome.code, find("latest").report().step) == (0, 5), outcome.err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"w": [1, 2]}', "Parameter 'w' has shape [2]"),
        ('{"v": 1}', "a parameter 'v' that this model lacks"),
        ("{", "neither safetensors nor JSON"),
        ("[]", "must hold one JSON object"),
    ],
)
def test_initial_parameters_that_do_not_fit_are_one_sentence(
    command: Command, tmp_path: Path, content: str, sentence: str
) -> None:
    path = tmp_path / "init.json"
    path.write_text(content)
    outcome = command("run", "bowl", "--headless", "--init", path)
    assert outcome.code == 2 and sentence in outcome.sentence
    assert list(runs()) == []


def test_initial_parameters_are_where_the_run_begins(command: Command, tmp_path: Path) -> None:
    (tmp_path / "init.json").write_text('{"w": 2.5}')
    document = command("run", "bowl", "--detach", "--paused", "--json", "--init", tmp_path / "init.json").document
    assert document["parameters"][0]["values"] == 2.5
