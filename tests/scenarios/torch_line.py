"""Linear regression as one writes it in torch: what the scenario's numbers are compared with."""

from collections.abc import Iterable, Iterator

import torch

from tui_lab.lab.batches import Rows
from tui_lab.lab.scenario import Array


def by_torch(
    x: Array, y: Array, batches: Iterable[Rows], rate: float, momentum: float, initial: tuple[float, float]
) -> Iterator[tuple[float, float, float]]:
    """(loss before, a after, b after) of a step for each batch of rows, by autograd and torch.optim.SGD."""
    a, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in initial)
    optimizer = torch.optim.SGD([a, b], lr=rate, momentum=momentum)
    for rows in batches:
        optimizer.zero_grad()
        loss = ((a * torch.from_numpy(x[rows]) + b - torch.from_numpy(y[rows])) ** 2).mean()
        loss.backward()
        optimizer.step()
        yield loss.item(), a.item(), b.item()
