"""Language models, built as the trainer builds them, small, for tests."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.scenarios.networks import same, train
from tui_lab.lab.scenario import State
from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of
from tui_lab.scenarios.language_model.text import shipped_text

torch.set_num_threads(1)  # tests run beside each other

__all__ = ["CARD", "NETWORKS", "SMALL", "build", "learned", "same", "short_samples", "story", "train"]
CARD = scenario("language-model")
NETWORKS = ("bengio", "rnn", "lstm", "gru", "attention", "transformer")
SMALL = ("width=16", "heads=2", "layers=1", "context=12", "batch_size=3", "evaluate_every=5", "steps=40", "device=cpu")


def build(*words: str, data: Path, seed: int = 0) -> Any:
    """The scenario with these `key=value` settings, and else SMALL ones."""
    model = importlib.import_module(CARD.module).LanguageModelling()
    model.build({**settings_of(CARD, (*SMALL, *words)), "data": data}, seed, "cpu")
    return model


def learned(state: State) -> State:
    """All of a state but how long things took."""
    return {name: array for name, array in state.items() if not name.startswith("record/")}


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a little of the shipped text."""
    path = tmp_path_factory.mktemp("text") / "story.txt"
    path.write_text(shipped_text()[:20_000], encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def short_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that are done write a few characters only."""
    monkeypatch.setattr(importlib.import_module("tui_lab.scenarios.language_model.comparison"), "_CHARACTERS", 8)
