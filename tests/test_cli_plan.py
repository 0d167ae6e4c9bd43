"""`tui-lab run --dry-run`: what a run would need, and nothing made."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import Command, command

__all__ = ["command"]


def test_a_plan_is_told_in_tables_and_nothing_is_made(command: Command, home: Path) -> None:
    outcome = command("run", "bowl", "--dry-run", "--set", "work=12345678")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "memory", "what               bytes", "weight             8", "numbers to add up  12,345,678",
        "MiB                0.125",
    ]  # fmt: skip
    assert not home.exists()


def test_as_json_it_is_the_views_and_what_libraries_print_is_not_among_them(command: Command) -> None:
    document = command("run", "bowl", "--dry-run", "--json", "--steps", 7).document
    assert document["scenario"] == "bowl" and document["settings"]["steps"] == 7
    (view,) = document["views"]
    assert view["rows"] == [["weight", 8], ["numbers to add up", 0], ["MiB", 0.125]]


def test_bars_are_told_as_a_table_and_presets_and_data_are_taken(command: Command, tmp_path: Path) -> None:
    words = ["run", "scribe", "--dry-run", "--set", "preset=slow"]
    outcome = command(*words, "--data", "aesop/fables")
    assert "data    aesop/fables" in outcome.out and "gradient  1,152" in outcome.out
    (tmp_path / "own.txt").write_text("abc")
    assert f"data    {tmp_path}/own.txt" in command(*words, "--data", tmp_path / "own.txt").out


def test_a_plan_that_crashes_says_how(command: Command) -> None:
    outcome = command("run", "bowl", "--dry-run", "--set", "crash_at=3")
    sentence = "The plan of bowl crashed (exit code 1): RuntimeError: the bowl fell over"
    assert (outcome.code, outcome.sentence) == (1, sentence)


@pytest.mark.parametrize("stream", [1, 2])
def test_it_is_no_crash_if_nobody_listens_to_one_of_the_streams(stream: int, home: Path) -> None:
    words = [sys.executable, "-m", "tui_lab", "run", "bowl", "--dry-run", "--json"]
    done = subprocess.run(["sh", "-c", f'"$@" {stream}>&-', "sh", *words], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b'{"scenario"') == (stream == 2)
