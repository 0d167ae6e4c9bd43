"""A test scenario that is shown by looks: it learns which character follows which, and writes on from a prompt."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Array, ArrayParameter, Moment, Parameter, Scenario, State
from tui_lab.lab.views import Bars, Passage, Table, Tokens, View

_TEXT = "the cat sat on the mat. the rat sat on the hat. "


class Scribe(Scenario):
    """W (V, V) are the logits of the next character; L is the cross entropy over the text's pairs."""

    @classmethod
    def plan(cls, settings: Mapping[str, Any]) -> list[View]:
        rows: list[list[str | float]] = [["data", str(settings["data"])], ["logits", 8 * 12 * 12]]
        return [
            Table("memory", ["what", "bytes"], rows),
            Bars("shares", "bytes", ["W", "gradient"], np.array([1152.0, 1152.0])),
        ]

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        if isinstance(settings["data"], str) and settings["data"] != "aesop/fables":
            raise BadInput(f"There is no data set '{settings['data']}' on the hub.")
        text = _TEXT if settings["data"] in (None, "aesop/fables") else settings["data"].read_text()
        self.characters = sorted(set(text))
        ids = [self.characters.index(character) for character in text]
        size = len(self.characters)
        counts = np.full((size, size), float(settings["smoothing"]))
        np.add.at(counts, (ids[:-1], ids[1:]), 1.0)
        self.share = counts / counts.sum()
        self.rate, self.work = float(settings["learning_rate"]), float(settings["work"])
        self.weights, self.gradient, self.update = (np.zeros((size, size)) for _ in range(3))
        self.looks = {name: settings[name] for name in ("prompt", "grown", "temperature", "top_k", "top_p")}
        self.looks["sample_seed"] = settings["sample_seed"]

    def step(self) -> Iterator[Moment]:
        time.sleep(self.work)
        logs = _log_softmax(self.weights)
        loss = -float((self.share * logs).sum())
        yield Moment("forward")
        yield Moment("loss")
        self.gradient[...] = self.share.sum(axis=1, keepdims=True) * np.exp(logs) - self.share
        yield Moment("backward")
        self.update[...] = -self.rate * self.gradient
        self.weights += self.update
        self.metrics = {"loss": loss}
        yield Moment("update")

    def state(self) -> State:
        return {"W": np.stack([self.weights, self.gradient, self.update])}

    def restore(self, state: State) -> None:
        self.weights[...], self.gradient[...], self.update[...] = state["W"]

    def parameters(self) -> list[Parameter]:
        return [ArrayParameter("W", self.weights, self.gradient, self.update)]

    def change(self, name: str, value: Any) -> None:
        if name == "prompt" and not set(value) <= set(self.characters):
            raise BadInput(f"'{value}' has a character that the text lacks.")
        if name == "learning_rate":
            self.rate = float(value)
        else:
            self.looks[name] = value

    def views(self) -> list[View]:
        prompt = str(self.looks["prompt"])
        written = self._written(prompt)
        marks = np.array([0] * len(prompt) + [1] * len(written), np.intp)
        passage = Passage("", [*prompt, *written], marks, np.full(len(marks), np.nan))
        following, kept = self._following(prompt + written)
        return [
            Table("weight", ["|W|"], [[float(np.abs(self.weights).sum())]]),
            Tokens("what it writes", [passage], ["prompt", "written"]),
            Bars("the next character", "probability", [f"'{c}'" for c in self.characters], following, kept),
        ]

    def _written(self, prompt: str) -> str:
        random, text = np.random.default_rng(self.looks["sample_seed"]), prompt
        for _ in range(self.looks["grown"]):
            following, _ = self._following(text)
            text += self.characters[int(random.choice(len(following), p=following))]
        return text[len(prompt) :]

    def _following(self, text: str) -> tuple[Array, np.ndarray[Any, np.dtype[np.bool_]]]:
        row = self.weights[self.characters.index(text[-1])] if text else np.zeros(len(self.characters))
        chances = np.exp(_log_softmax(row / max(self.looks["temperature"], 1e-6)))
        order = np.argsort(-chances)[: self.looks["top_k"] or None]
        order = order[: int((chances[order].cumsum() < self.looks["top_p"] - 1e-9).sum()) + 1]
        kept = np.isin(np.arange(len(chances)), order)
        left = np.where(kept, chances, 0.0)
        return left / left.sum(), kept


def _log_softmax(logits: Array) -> Array:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
