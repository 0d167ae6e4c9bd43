"""The trainer's test scenario: one weight, one bowl, a little noise."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import ArrayParameter, Moment, OperationLine, Parameter, Scenario, State
from tui_lab.lab.views import Table, View

_CHUNK = 1_000_000
_PHASES = ("forward", "forward", "loss", "backward", "update")


class Bowl(Scenario):
    """L(w) = (w − 3)², gradient 2(w − 3) + noise, w ← w − η·gradient."""

    @classmethod
    def plan(cls, settings: Mapping[str, Any]) -> list[View]:
        print("a library says hello")  # noqa: T201
        if settings["noise"] == 1.0:
            raise BadInput("noise cannot be 1: nothing would be left of the gradient.")
        if settings["crash_at"]:
            raise RuntimeError("the bowl fell over")
        rows: list[list[str | float]] = [["weight", 8], ["numbers to add up", int(settings["work"])], ["MiB", 0.125]]
        return [Table("memory", ["what", "bytes"], rows)]

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        if settings["noise"] == 1.0:
            raise BadInput("noise cannot be 1: nothing would be left of the gradient.")
        self.steps_per_epoch = 10
        self.rate, self.noise = float(settings["learning_rate"]), settings["noise"]
        self.work, self.crash_at = settings["work"], settings["crash_at"]
        self.random = np.random.default_rng(seed)
        self.weight, self.gradient, self.update = (np.array(0.0) for _ in range(3))
        self.weight[...] = self.random.normal()
        self.done = 0

    def step(self) -> Iterator[Moment]:
        if self.crash_at and self.done + 1 == self.crash_at:
            raise RuntimeError("the bowl fell over")
        distance = self.weight - 3.0
        yield from self._moment("forward", 0, last=False)
        for _ in range(self.work // _CHUNK):
            np.arange(_CHUNK).sum()
        yield from self._moment("forward", 1)
        loss = float(distance * distance)
        yield from self._moment("loss", 2)
        self.gradient[...] = 2 * distance + self.noise * self.random.normal()
        yield from self._moment("backward", 3)
        self.update[...] = -self.rate * self.gradient
        self.weight += self.update
        self.done += 1
        self.metrics = {"loss": loss, "w": float(self.weight)}
        if self.done % 7 == 0:
            self.metrics["held_out_loss"] = loss / 2
        yield from self._moment("update", 4)

    def _moment(self, phase: str, operation: int, last: bool = True) -> Iterator[Moment]:
        if last or self.stop_at_operations:
            yield Moment(phase, operation, last)

    def operations(self) -> list[OperationLine]:
        return [OperationLine(phase, f"operation {i}", f"w = {self.weight:.6g}") for i, phase in enumerate(_PHASES)]

    def state(self) -> State:
        bits = self.random.bit_generator.state["state"]
        words = [bits["state"] >> 64, bits["state"] % 2**64, bits["inc"] >> 64, bits["inc"] % 2**64]
        return {
            "w": np.array([self.weight, self.gradient, self.update]),
            "random": np.array(words, np.uint64),
            "done": np.array(self.done),
        }

    def restore(self, state: State) -> None:
        self.weight[...], self.gradient[...], self.update[...] = state["w"]
        high, low, inc_high, inc_low = (int(word) for word in state["random"])
        generator = self.random.bit_generator
        words = {"state": high << 64 | low, "inc": inc_high << 64 | inc_low}
        generator.state = {**generator.state, "state": words}
        self.done = int(state["done"])

    def parameters(self) -> list[Parameter]:
        return [ArrayParameter("w", self.weight, self.gradient, self.update)]

    @property
    def formats(self) -> Mapping[str, str]:
        return {"bowl": "a folder with the weight in a JSON file", "broken": "one that cannot be saved"}

    def save(self, format: str, folder: Path) -> None:  # noqa: A002
        (folder / "weight.json").write_text(json.dumps(float(self.weight)))
        if format == "broken":
            raise RuntimeError("the bowl fell over")

    def views(self) -> list[View]:
        return [Table("weight", ["w"], [[float(self.weight)]])]

    def notes(self) -> list[str]:
        return ["The largest stable learning rate is 1."] if self.rate > 1 else []

    def refresh(self) -> None:
        distance = float(self.weight) - 3.0
        self.gradient[...] = 2 * distance
        self.metrics = {"loss": distance * distance, "w": float(self.weight)}

    def change(self, name: str, value: Any) -> None:
        self.rate = float(value)
