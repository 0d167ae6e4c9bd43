"""The chain rule, built as the trainer builds it, for tests; and the same in torch."""

import importlib
from typing import Any

import torch

from tui_lab.lab.scenario import Scenario
from tui_lab.lab.views import Chain, Curve, Table
from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

CARD = scenario("chain-rule")
FUNCTIONS: list[str] = next(each.choices for each in CARD.hyperparameters if each.name == "f")
TORCH = {
    "linear": lambda x: x,
    "square": torch.square,
    "sin": torch.sin,
    "exp": torch.exp,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
GENTLE = ("x=0.7", "target=-0.4", "initial_w1=0.9", "initial_w2=-1.1", "initial_w3=0.6", "learning_rate=0.01")
"""Numbers with which no triple of functions becomes huge."""


def build(*words: str, seed: int = 0) -> Any:
    """The scenario with these `key=value` settings."""
    model = importlib.import_module(CARD.module).ChainRule()
    model.build({**settings_of(CARD, words), "data": None}, seed, "cpu")
    return model


def triple(functions: tuple[str, str, str], *words: str) -> Any:
    """With f, g and h as given, and gentle numbers."""
    return build(*(f"{name}={value}" for name, value in zip("fgh", functions, strict=True)), *GENTLE, *words)


def train(model: Scenario, steps: int) -> list[dict[str, float]]:
    """The metrics of that many steps."""
    history = []
    for _ in range(steps):
        list(model.step())
        history.append(model.metrics)
    return history


def pictures(model: Scenario) -> tuple[Chain, Table, Table, list[Curve]]:
    """The chain, the products, the gradient check, and the three curves."""
    chain, products, check, *curves = model.views()
    assert isinstance(chain, Chain) and isinstance(products, Table) and isinstance(check, Table)
    assert len(curves) == 3
    return chain, products, check, [curve for curve in curves if isinstance(curve, Curve)]


def by_torch(functions: tuple[str, str, str], weights: torch.Tensor, x: float, target: float) -> list[torch.Tensor]:
    """u, v, y and the loss, by autograd, which keeps the gradients of all of them."""
    values, before = [], torch.tensor(x, dtype=torch.float64)
    for function, weight in zip(functions, weights, strict=True):
        before = TORCH[function](weight * before)
        before.retain_grad()
        values.append(before)
    return [*values, (before - target) ** 2]
