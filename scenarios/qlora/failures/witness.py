"""A fixed batch that is asked again and again, to see whether a model is still the one that it should be."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from ..scenario import QLoRA

_AMONG = 64
"""Training sequences of which the shortest one is the witness: asking must cost next to nothing."""

_PLACES = 8
"""Of the witness, the last ones at which what the model says is compared."""


class Witness:
    """One short training example. Asking it changes nothing: no gradient is left behind, no random number is drawn,
    and the model is in training mode after it if it was before."""

    def __init__(self, scenario: "QLoRA") -> None:
        self.scenario = scenario
        among = [sequence[:1] for sequence in scenario.sequences[:_AMONG] if sequence[0].learned]
        self._first: torch.Tensor | None = None
        self.batch = scenario.batch([min(among, key=lambda sequence: len(sequence[0].ids))]) if among else None

    def ask(self) -> tuple[float, float]:
        """Its loss with the adapters as they stand, and how much they have changed what the model says since the
        first time: |logits(on) − logits(off)|/|logits|, for the frozen model is what it was and B was 0 then. Both
        are NaN where there is no witness."""
        if self.batch is None:
            return math.nan, math.nan
        with self._asking():
            scores = self.scenario.forward(self.batch)
            loss = self.scenario.summed_loss(scores, self.batch) / self.batch.learned
            latest = scores[..., -_PLACES:, :].float()  # all of a long one's would fill a GPU for as long as the run
            if self._first is None:
                self._first = latest
            effect = (latest - self._first).norm() / latest.norm()
            return loss.item(), effect.item()

    def loss(self) -> float:
        """Its loss alone."""
        return self.ask()[0]

    def gradients(self) -> torch.Tensor:
        """∂L/∂θ for all trained tensors θ, one after the other in one vector, where they are. The same inputs are
        dropped each time."""
        if self.batch is None:
            return torch.zeros(0)
        tensors = list(self.scenario.trainables.tensors.values())
        with torch.random.fork_rng(devices=_devices(self.scenario.device)), torch.enable_grad():
            torch.manual_seed(0)
            loss = self.scenario.summed_loss(self.scenario.forward(self.batch), self.batch)
            found = torch.autograd.grad(loss, tensors, allow_unused=True)
        return torch.cat([
            (torch.zeros_like(t) if g is None else g).flatten() for t, g in zip(tensors, found, strict=True)
        ])  # fmt: skip

    @contextmanager
    def _asking(self) -> Iterator[None]:
        model = self.scenario.model
        training = model.training
        model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            model.train(training)


def _devices(device: torch.device) -> list[int]:
    """The GPU whose random numbers are to be put back, besides the CPU's."""
    return [torch.cuda.current_device() if device.index is None else device.index] if device.type == "cuda" else []
