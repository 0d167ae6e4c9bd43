"""What the doctor says of machines and terminals, good ones and bad ones."""

import os
import shutil
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import tui_lab.scenarios
from tui_lab.run import doctor
from tui_lab.run.doctor import examine, examine_terminal
from tui_lab.run.finding import Finding

GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "de_DE.utf8"}


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def test_everything_that_is_not_right_says_what_to_do() -> None:
    for finding in examine():
        assert finding.found and (finding.ok or finding.remedy)


def test_each_package_that_the_lab_needs_is_there_with_its_version() -> None:
    found = by_subject(examine())
    for package in ("numpy", "textual", "msgspec", "nvidia-ml-py"):
        assert found[package].ok and found[package].found[0].isdigit()
    assert "pytest" not in found
    subjects = [finding.subject for finding in examine()]
    assert subjects.count("torch") == 1, "asked for by the lab and by a scenario, told once"


def test_a_package_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["no-such-package>=1,<2", "x; extra == 'dev'"])
    found = by_subject(examine())
    assert not found["no-such-package"].ok and "pip install no-such-package" in found["no-such-package"].remedy
    assert "x" not in found


def test_a_broken_scenario_of_the_user_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "own" / "broken").mkdir(parents=True)
    (tmp_path / "own" / "broken" / "scenario.toml").write_text("title = ")
    monkeypatch.setattr(tui_lab.scenarios, "__path__", [*tui_lab.scenarios.__path__, str(tmp_path / "own")])
    assert any(not finding.ok and "own/broken" in finding.found for finding in examine())


def test_looking_makes_nothing(home: Path) -> None:
    examine()
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_LAB_HOME", "/proc/lab")
    found = by_subject(examine())
    assert not found["writable"].ok and "TUI_LAB_HOME" in found["writable"].remedy
    assert found["writable"].found == "/proc"


def test_a_full_disk_and_little_memory_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1024))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1024, total=1024))
    found = by_subject(examine())
    assert not found["disk"].ok and not found["memory"].ok


def test_a_network_file_system_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "on_network", lambda _: True)
    assert "network" in by_subject(examine())["file system"].found


def test_a_good_terminal_needs_nothing() -> None:
    findings = examine_terminal(GOOD, True, os.terminal_size((80, 24)))
    assert all(finding.ok for finding in findings)


@pytest.mark.parametrize(
    ("subject", "environment", "is_terminal", "size"),
    [
        ("TERM", {**GOOD, "TERM": "dumb"}, True, (80, 24)),
        ("TERM", {"COLORTERM": "truecolor", "LANG": "C.UTF-8"}, True, (80, 24)),
        ("colours", {**GOOD, "COLORTERM": ""}, True, (80, 24)),
        ("locale", {**GOOD, "LC_ALL": "C"}, True, (80, 24)),
        ("locale", {"TERM": "xterm", "COLORTERM": "24bit"}, True, (80, 24)),
        ("size", GOOD, True, (79, 24)),
        ("size", GOOD, True, (200, 1)),
        ("terminal", GOOD, False, (80, 24)),
        ("NO_COLOR", {**GOOD, "NO_COLOR": ""}, True, (80, 24)),
    ],
)
def test_what_a_terminal_lacks_is_told(
    subject: str, environment: dict[str, str], is_terminal: bool, size: tuple[int, int]
) -> None:
    findings = examine_terminal(environment, is_terminal, os.terminal_size(size))
    assert [finding.subject for finding in findings if not finding.ok] == [subject]


def test_tmux_and_ssh_are_named() -> None:
    environment = {**GOOD, "TMUX": "/tmp/tmux", "SSH_CONNECTION": "1 2 3 4"}
    found = by_subject(examine_terminal(environment, True, os.terminal_size((80, 24))))
    assert "tmux" in found and "SSH" in found


def test_whether_there_is_a_gpu_or_not_is_told() -> None:
    gpus = [finding for finding in examine() if finding.subject.startswith("GPU")]
    assert gpus and all(finding.found for finding in gpus)


def test_a_deep_examination_tries_what_trains() -> None:
    found = by_subject(examine(deep=True))
    assert "imports in" in found["torch, tried"].found
    assert found["4 bits, tried"].ok and "of normal numbers, as it should" in found["4 bits, tried"].found


def test_a_trial_that_dies_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "program", lambda _: [sys.executable, "-c", "import os; os.abort()"])
    found = by_subject(examine(deep=True))
    assert not found["torch, tried"].ok and "the process died: exit code -6" in found["torch, tried"].found
