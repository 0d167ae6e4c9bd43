"""The command line as a whole: help, versions, terminals, pipes, interrupts, and its exit codes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import Command, command
from tui_lab import __version__
from tui_lab.run import launch
from tui_lab.run.directory import find

__all__ = ["command"]
NAMES = [
    "run",
    "scenarios",
    "runs",
    "show",
    "attach",
    "play",
    "pause",
    "stop",
    "kill",
    "step",
    "set",
    "export",
    "doctor",
]
TUI_LAB = [sys.executable, "-m", "tui_lab"]


def test_help_names_every_command(command: Command) -> None:
    outcome = command("--help")
    listed = [line for line in outcome.out.partition("Commands:")[2].splitlines() if line.strip()]
    assert outcome.code == 0
    assert [line.split()[0] for line in listed] == NAMES
    assert all(len(line) <= 80 and "..." not in line for line in listed)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_a_help(command: Command, name: str) -> None:
    outcome = command(name, "-h")
    assert (outcome.code, outcome.err) == (0, "") and f"tui-lab {name}" in outcome.out


def test_the_version_is_told(command: Command) -> None:
    assert command("--version").out == f"tui-lab {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shwo"], "Did you mean 'show'"),
        (["break"], "No such command 'break'"),
        (["run"], "Missing argument 'SCENARIO'"),
        (["run", "bowl", "--sed", "1"], "--seed"),
        (["run", "bowl", "--seed", "-1"], "'--seed'"),
        (["run", "bowl", "--seed", "one"], "'--seed'"),
        (["step", "latest", "0"], "'N'"),
        (["play", "latest", "--until", "0"], "'--until'"),
        (["export", "latest", "out"], "--format"),
    ],
)
def test_a_command_that_cannot_be_understood_is_bad_input(command: Command, words: list[str], said: str) -> None:
    outcome = command(*words)
    assert outcome.code == 2 and outcome.out == ""
    assert said in outcome.err and "Traceback" not in outcome.err


@pytest.mark.parametrize("words", [[], ["run", "bowl"], ["run", "bowl", "--paused"], ["attach", "latest"]])
def test_what_needs_a_terminal_says_in_one_line_what_to_do_without(command: Command, words: list[str]) -> None:
    outcome = command(*words)
    assert outcome.code == 2
    assert outcome.sentence.startswith("This needs a terminal: use `tui-lab run SCENARIO --headless`")


def test_a_terminal_that_cannot_place_text_is_none(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "TERM is 'dumb'" in command("attach", "latest").sentence


class Terminal:
    """A stream that is one."""

    def isatty(self) -> bool:
        return True


def test_nothing_is_made_where_the_app_cannot_be_opened(command: Command, home: Path) -> None:
    command("run", "bowl")
    assert not home.exists()


def test_opening_the_app_pays_for_no_command() -> None:
    code = "import sys, tui_lab.cli; print(sorted({'typer', 'numpy', 'rich', 'msgspec'} & sys.modules.keys()))"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert imported.stdout.strip() == "[]"


def test_a_reader_who_has_read_enough_sees_no_traceback() -> None:
    with subprocess.Popen([*TUI_LAB, "scenarios"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_closed_stdout_is_no_crash() -> None:
    process = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *TUI_LAB, "runs"], capture_output=True, text=True)
    assert (process.returncode, process.stderr.count("\n")) == (0, 1)


def test_a_word_that_is_no_text_is_told_as_text() -> None:
    process = subprocess.run([*TUI_LAB, "show", b"\xff\x1b[2J"], capture_output=True)
    assert process.returncode == 2 and b"\x1b" not in process.stderr and b"Traceback" not in process.stderr


def test_an_interrupt_saves_the_run_and_says_how_to_go_on(home: Path) -> None:
    words = [*TUI_LAB, "run", "bowl", "--headless", "--json", "--steps", "1000000000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        for _ in range(2):  # a terminal's, and the one that a wrapper passes on
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    run = find(first["run"])
    last = json.loads(out.splitlines()[-1])
    assert process.returncode == 130
    assert last["status"] == run.report().status == "stopped" and last["step"] == run.report().step
    assert run.trainer() is None
    assert f"go on with `tui-lab play {run.run}`" in err and "Traceback" not in err


def test_a_disk_that_cannot_be_written_is_one_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28), "/full/disk")

    monkeypatch.setattr(launch, "launch", full)
    outcome = command("run", "bowl", "--headless")
    assert (outcome.code, outcome.sentence) == (2, "No space left on device: /full/disk.")


def test_a_home_that_is_a_file_is_one_sentence(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TUI_LAB_HOME", str(tmp_path / "file"))
    outcome = command("run", "bowl", "--headless")
    assert outcome.code == 2 and "Not a directory" in outcome.sentence
