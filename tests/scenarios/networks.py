"""Networks, built as the trainer builds them, for tests."""

import importlib
from pathlib import Path
from typing import Any

from tui_lab.lab.scenario import Scenario, State
from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

CARD = scenario("mlp")


def build(*words: str, data: Path | None = None, seed: int = 0) -> Any:
    """The scenario with these `key=value` settings."""
    model = importlib.import_module(CARD.module).MultiLayerPerceptron()
    model.build({**settings_of(CARD, words), "data": data}, seed, "cpu")
    return model


def train(model: Scenario, steps: int) -> list[dict[str, float]]:
    """The metrics of that many steps."""
    history = []
    for _ in range(steps):
        for _ in model.step():
            pass
        history.append(model.metrics)
    return history


def same(left: State, right: State) -> bool:
    """Whether two states agree to the last bit."""
    return left.keys() == right.keys() and all(left[name].tobytes() == right[name].tobytes() for name in left)
