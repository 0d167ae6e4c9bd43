"""The lists: scenarios, runs, a run's history, and what the doctor found; for people and as JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tui_lab.scenarios
from tests.cli import Command, command
from tui_lab.run.directory import RunDirectory, home
from tui_lab.run.ending import kill, stop

__all__ = ["command"]
Start = Callable[..., RunDirectory]


def test_scenarios_as_json_have_every_hyperparameter(command: Command) -> None:
    outcome = command("scenarios", "--json")
    cards = {card["name"]: card for card in outcome.document}
    assert outcome.err == ""
    (rate,) = [each for each in cards["bowl"]["hyperparameters"] if each["name"] == "learning_rate"]
    assert rate == {
        "name": "learning_rate", "type": "float", "default": 0.1, "help": "how far a step goes", "minimum": 0.0,
        "maximum": 1e6, "choices": [], "words": [], "scale": "linear", "unit": "", "live": True, "look": False,
        "range": "a number from 0 to 1000000",
    }  # fmt: skip
    line = cards["linear-regression"]
    assert line["data"]["suffixes"] == [".csv", ".tsv", ".txt"] and line["title"] == "Linear regression"


def test_scenarios_are_listed_for_people_a_line_a_hyperparameter(command: Command) -> None:
    lines = command("scenarios").out.splitlines()
    assert any(line.startswith("linear-regression: ") for line in lines)
    start = next(i for i, line in enumerate(lines) if line.startswith("linear-regression: "))
    batch = next(line for line in lines[start:] if line.startswith("batch_size"))
    assert "a whole number from 1 to 1000000 or all (points)" in batch
    rate = next(line for line in lines if line.startswith("learning_rate"))
    assert rate.endswith("(may change while running)")


def test_looks_presets_and_hubs_are_told(command: Command) -> None:
    (card,) = [card for card in command("scenarios", "--json").document if card["name"] == "scribe"]
    assert [each["name"] for each in card["hyperparameters"] if each["look"]][:2] == ["prompt", "grown"]
    assert card["presets"][0] == {
        "name": "slow", "help": "small steps that take their time", "source": "Aesop, The Tortoise and the Hare",
        "settings": {"learning_rate": 0.25, "work": 0.01},
    }  # fmt: skip
    assert card["data"]["hub"] is True
    lines = command("scenarios", "scribe").out.splitlines()
    assert lines[0].startswith("scribe: ") and not any(line.startswith("bowl") for line in lines)
    prompt = next(line for line in lines if line.startswith("prompt"))
    assert prompt.endswith("the beginning of the text (only shown: may change at any time)")
    slow = next(line for line in lines if line.startswith("slow"))
    assert "learning_rate=0.25 work=0.01  small steps that take their time (source: Aesop, The Tortoise" in slow
    assert any(line.startswith("--data") and ".txt or a hub's id" in line for line in lines)


def test_the_list_ends_with_every_scenario_on_a_line(command: Command) -> None:
    lines = command("scenarios").out.splitlines()
    last = lines[len(lines) - lines[::-1].index("") :]
    cards = command("scenarios", "--json").document
    assert [line.split()[0] for line in last] == ["scenario", *(card["name"] for card in cards)]
    assert all(len(line) < 80 for line in last)


def test_a_scenario_that_is_not_there_is_told(command: Command) -> None:
    assert command("scenarios", "scrib").sentence == "There is no scenario 'scrib': did you mean 'scribe'?"


def test_a_scenario_with_a_slip_is_told_beside_the_others(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own" / "slip").mkdir(parents=True)
    (tmp_path / "own" / "slip" / "scenario.toml").write_text('title = "[red]"')
    monkeypatch.setattr(tui_lab.scenarios, "__path__", [*tui_lab.scenarios.__path__, str(tmp_path / "own")])
    outcome = command("scenarios", "--json")
    assert outcome.code == 0 and "own/slip" in outcome.err
    assert "linear-regression" in [card["name"] for card in outcome.document]


def test_without_runs_the_list_says_how_to_begin(command: Command) -> None:
    assert command("runs").sentence == "There are no runs yet: start one with `tui-lab run SCENARIO`."
    assert command("runs", "--json").document == []


def test_runs_are_listed_newest_first_whatever_became_of_them(command: Command, start: Start) -> None:
    ended = start("bowl", "steps=5")
    command("step", ended.run, 5)
    stop(ended)
    lost = start("bowl")
    kill(lost)
    (home() / "runs" / "half-deleted").mkdir()
    listed = command("runs", "--json").document
    assert [entry["run"] for entry in listed] == [lost.run, ended.run, "half-deleted"]
    assert [entry["status"] for entry in listed] == ["lost", "finished", None]
    assert listed[1]["metrics"]["loss"] > 0 and listed[1]["step"] == listed[1]["last_step"] == 5
    assert "is damaged, its run.json is missing" in listed[2]["damaged"] and listed[0]["damaged"] is None


def test_runs_are_listed_for_people_a_line_a_run(command: Command, start: Start) -> None:
    stop(start("bowl"))
    (home() / "runs" / "bad\x1b[2J[red]").mkdir()
    outcome = command("runs")
    heading, first, second = outcome.out.splitlines()
    assert outcome.code == 0 and heading.split() == ["run", "status", "step", "loss", "begun"]
    assert "stopped" in first and "0 of 1000" in first and "s ago" in first
    assert second.startswith("bad·[2J[red]") and "is damaged" in second and "\x1b" not in outcome.out


def test_json_is_ascii_so_that_no_terminal_obeys_it(command: Command) -> None:
    (home() / "runs" / "a\x9b2J\u202e").mkdir(parents=True)
    outcome = command("runs", "--json")
    assert outcome.out.isascii() and outcome.document[0]["run"] == "a\x9b2J\u202e"


def test_a_history_is_exported_to_stdout_and_to_a_file(command: Command, start: Start, tmp_path: Path) -> None:
    run = start("bowl")
    command("step", run.run, 3)
    outcome = command("export", run.run, "--format", "csv", "-")
    header, *lines = outcome.out.splitlines()
    assert (outcome.code, outcome.err, header) == (0, "", "step,loss,w")
    assert [line.split(",")[0] for line in lines] == ["1", "2", "3"]
    shown = command("show", run.run, "--json").document
    assert float(lines[-1].split(",")[1]) == shown["metrics"]["loss"]
    file = tmp_path / "out.csv"
    assert command("export", run.run, "--format", "csv", file).sentence == f"{file} has 3 steps of {run.run}."
    assert file.read_text() == outcome.out
    assert "add --force" in command("export", run.run, "--format", "csv", file).sentence
    assert command("export", run.run, "--format", "csv", "--force", file).code == 0


def test_the_doctor_always_answers(command: Command) -> None:
    outcome = command("doctor")
    assert outcome.code == 0 and outcome.err == ""
    assert any(line.startswith("warn  terminal") for line in outcome.out.splitlines())


def test_the_doctor_as_json(command: Command) -> None:
    found = {finding["subject"]: finding for finding in command("doctor", "--json").document}
    assert found["Python"]["ok"] is True and found["terminal"]["ok"] is False
    assert all(finding.keys() == {"subject", "ok", "found", "remedy"} for finding in found.values())
    assert json.dumps(found).isascii()
