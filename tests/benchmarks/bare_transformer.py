"""The transformer in a bare torch loop, in a process of its own: what training through the driver is measured against.

Reads how many steps to do from each line of its input, and answers with the tokens a second that it learned from.
"""

import importlib
import sys
from time import perf_counter
from typing import Any

import torch
import torch.nn.functional as F

from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of


class BareLoop:
    """The scenario's model, batches and optimizer, and no scenario."""

    def __init__(self, words: list[str]) -> None:
        card = scenario("language-model")
        built: Any = importlib.import_module(card.module).LanguageModelling()
        built.build({**settings_of(card, words), "data": None}, 0, "cpu")
        self.model, self.windows, self.optimizer = built.model, built.windows, built.optimizer
        self.limit = built.settings["max_grad_norm"]
        self.rate = built.rate
        self.done = 0

    def train(self, steps: int) -> float:
        """Tokens a second over so many steps."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate
        began, tokens = perf_counter(), 0
        for _ in range(steps):
            inputs, targets = self.windows.of_step(self.done)
            loss = F.cross_entropy(self.model(inputs).flatten(0, 1), targets.flatten())
            self.optimizer.zero_grad()
            torch.autograd.backward([loss])
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.limit)
            self.optimizer.step()
            loss.item()
            self.done += 1
            tokens += targets.numel()
        return tokens / (perf_counter() - began)


if __name__ == "__main__":
    loop = BareLoop(sys.argv[1:])
    for line in sys.stdin:
        sys.stdout.write(f"{loop.train(int(line))}\n")
        sys.stdout.flush()
