"""Linear regression, built as the trainer builds it, for tests."""

import importlib
from pathlib import Path
from typing import Any

from tui_lab.lab.scenario import Scenario
from tui_lab.lab.views import Arrow, Scatter, Surface, Table
from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

CARD = scenario("linear-regression")
BUNDLED: list[str] = next(each.choices for each in CARD.hyperparameters if each.name == "dataset")


def build(*words: str, data: Path | None = None, seed: int = 0) -> Any:
    """The scenario with these `key=value` settings."""
    model = importlib.import_module(CARD.module).LinearRegression()
    model.build({**settings_of(CARD, words), "data": data}, seed, "cpu")
    return model


def train(model: Scenario, steps: int) -> list[dict[str, float]]:
    """The metrics of that many steps."""
    history = []
    for _ in range(steps):
        list(model.step())
        history.append(model.metrics)
    return history


def pictures(model: Scenario) -> tuple[Scatter, Surface, Arrow, Table]:
    """Its four views."""
    scatter, surface, arrow, table = model.views()
    assert isinstance(scatter, Scatter) and isinstance(surface, Surface)
    assert isinstance(arrow, Arrow) and isinstance(table, Table)
    return scatter, surface, arrow, table


def cell(table: Table, row: str, column: int) -> float:
    """The number in the first row whose name begins with `row`."""
    return next(float(cells[column]) for cells in table.rows if str(cells[0]).startswith(row))
