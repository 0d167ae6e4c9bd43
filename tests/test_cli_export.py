"""`tui-lab export` of a model, saved by the run's trainer: what people type, and what they find."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tests.cli import Command, command
from tui_lab.run.directory import RunDirectory
from tui_lab.run.documents import latest_report
from tui_lab.run.ending import stop

__all__ = ["command"]
Start = Callable[..., RunDirectory]
FORMAT = "bowl: a folder with the weight in a JSON file"


def test_the_parameters_begin_another_run_where_this_one_stands(command: Command, start: Start, tmp_path: Path) -> None:
    run, out = start("bowl"), tmp_path / "w.safetensors"
    command("step", run.run, 12)
    outcome = command("export", run.run, "--format", "safetensors", out)
    assert outcome.sentence == f"{out} has the model of {run.run} at its present step."
    assert list(load_file(out)) == ["w"]
    begun = command("run", "bowl", "--detach", "--paused", "--json", "--init", out).document
    assert begun["state_hash"] == latest_report(run).state_hash


def test_what_the_scenario_saves_is_named_by_show_and_saved_also_of_a_stopped_run(
    command: Command, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start("bowl")
    command("step", run.run, 3)
    stop(run)
    assert command("show", run.run, "--json").document["formats"]["bowl"] == "a folder with the weight in a JSON file"
    shown = command("show", run.run).out
    assert any(line.split(maxsplit=1) == ["format", FORMAT] for line in shown.splitlines())
    monkeypatch.chdir(tmp_path)
    assert command("export", run.run, "--format", "bowl", "saved").code == 0, "as seen from where one stands"
    saved = json.loads((tmp_path / "saved" / "weight.json").read_text())
    assert saved == latest_report(run).parameters[0].values
    assert "add --force" in command("export", run.run, "--format", "bowl", "saved").sentence
    assert command("export", run.run, "--format", "bowl", "--force", "saved").code == 0


@pytest.mark.parametrize(
    ("form", "out", "sentence"),
    [
        ("cvs", "out", "There is no format 'cvs': did you mean 'csv'?"),
        ("bowll", "out", "There is no format 'bowll': did you mean 'bowl'?"),
        ("cvs", "-", "Only csv and torch go to stdout, 'cvs' does not: did you mean 'csv'?"),
        ("broken", "out", "Saving as broken crashed with RuntimeError: the bowl fell over."),
    ],
)
def test_what_cannot_be_saved_is_one_sentence_and_the_trainer_lives_on(
    command: Command, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, out: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    run = start("bowl")
    pid = latest_report(run).pid
    outcome = command("export", run.run, "--format", form, out)
    assert (outcome.code, outcome.sentence) == (2, sentence)
    assert latest_report(run).pid == pid and not (tmp_path / "out").exists()
