"""The neuron, built as the trainer builds it, for tests; and the same in torch."""

import importlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

from tui_lab.lab.batches import Rows
from tui_lab.lab.scenario import Array, Scenario
from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

CARD = scenario("neuron")
ACTIVATIONS: list[str] = next(each.choices for each in CARD.hyperparameters if each.name == "activation")
TORCH: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "threshold": lambda z: (z > 0).to(z.dtype),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "linear": lambda z: z,
}


def build(*words: str, data: Path | None = None, seed: int = 0) -> Any:
    """The scenario with these `key=value` settings."""
    model = importlib.import_module(CARD.module).Neuron()
    model.build({**settings_of(CARD, words), "data": data}, seed, "cpu")
    return model


def train(model: Scenario, steps: int) -> list[dict[str, float]]:
    """The metrics of that many steps."""
    history = []
    for _ in range(steps):
        list(model.step())
        history.append(model.metrics)
    return history


def by_torch(
    activation: str, x: Array, y: Array, batches: Iterable[Rows], rate: float, momentum: float, initial: Array
) -> Iterator[tuple[float, list[float]]]:
    """(loss before, parameters after) of a step for each batch, by autograd and torch.optim.SGD."""
    parameters = torch.tensor(initial, requires_grad=True)
    optimizer = torch.optim.SGD([parameters], lr=rate, momentum=momentum)
    for rows in batches:
        optimizer.zero_grad()
        z = torch.from_numpy(x[rows]) @ parameters[:-1] + parameters[-1]
        error = TORCH[activation](z) - torch.from_numpy(y[rows])
        loss = (error * z if activation == "threshold" else error**2).mean()
        loss.backward()
        optimizer.step()
        yield loss.item(), parameters.tolist()
