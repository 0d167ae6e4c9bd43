"""What every test may use: a home of its own for runs, and the test scenarios."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tui_lab.scenarios
from tui_lab.run.catalogue import scenario
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory, runs
from tui_lab.run.launch import launch
from tui_lab.run.messages import Stop
from tui_lab.run.settings import settings_of

# Several trainers at once share few cores: threads that wait for each other must not keep the others from working.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
TEST_SCENARIOS = Path(__file__).parent / "trainer" / "scenarios"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Runs live in the test's own folder, and no trainer outlives its test."""
    monkeypatch.setenv("TUI_LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TUI_LAB_SCENARIOS", str(TEST_SCENARIOS))
    if str(TEST_SCENARIOS) not in tui_lab.scenarios.__path__:
        monkeypatch.setattr(tui_lab.scenarios, "__path__", [*tui_lab.scenarios.__path__, str(TEST_SCENARIOS)])
    yield tmp_path / "home"
    for run in runs():
        try:
            with Client(run) as client:
                client.ask(Stop(), timeout=30)
        except TrainerGone:
            continue


@pytest.fixture
def start(home: Path) -> Callable[..., RunDirectory]:
    """Starts a run of a scenario with `key=value` settings; it stands paused at step 0."""

    def start(name: str = "bowl", *words: str, seed: int = 0) -> RunDirectory:
        card = scenario(name)
        return launch(card, settings_of(card, words), seed)

    return start
