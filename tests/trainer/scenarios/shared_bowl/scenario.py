"""The test scenario for several processes: each draws noise of its own, and the gradient is the sum over all."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
import torch.distributed as dist

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import ArrayParameter, Moment, Parameter, Scenario, State
from tui_lab.lab.views import View


class SharedBowl(Scenario):
    """L(w) = (w − c)²; the gradient is the mean over the ranks of 2(w − c) + rank."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        if settings["centre"] == 13.0:
            raise BadInput("centre cannot be 13: that is bad luck.")
        self.rate, self.centre, self.crash_at = settings["learning_rate"], settings["centre"], settings["crash_at"]
        self.weight, self.gradient, self.update = (np.array(0.0) for _ in range(3))
        self.ranks, self.rank = (dist.get_world_size(), dist.get_rank()) if dist.is_initialized() else (1, 0)
        self.done = 0

    def step(self) -> Iterator[Moment]:
        if self.crash_at and self.done + 1 == self.crash_at and self.rank == 0:
            raise RuntimeError("rank 0 fell over")
        distance = self.weight - self.centre
        yield Moment("forward")
        yield Moment("loss")
        gradient = torch.tensor(float(2 * distance + self.rank), dtype=torch.float64)
        if self.ranks > 1:
            dist.all_reduce(gradient)
        self.gradient[...] = gradient.item() / self.ranks
        yield Moment("backward")
        self.update[...] = -self.rate * self.gradient
        self.weight += self.update
        self.done += 1
        self.metrics = {"loss": float(distance**2), "ranks": float(self.ranks)}
        yield Moment("update")

    def state(self) -> State:
        return {"w": self.weight.copy(), "done": np.array(self.done)}

    def restore(self, state: State) -> None:
        self.weight[...] = state["w"]
        self.done = int(state["done"])

    def change(self, name: str, value: Any) -> None:
        self.rate = value

    def parameters(self) -> list[Parameter]:
        return [ArrayParameter("w", self.weight, self.gradient, self.update)]

    def views(self) -> list[View]:
        return []
