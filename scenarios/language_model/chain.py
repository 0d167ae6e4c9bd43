"""A network's groups one after the other, forward and backward, with a place to stop between any two."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from .model import Group


class Chain:
    """Cuts the graph that torch keeps for the gradients between groups: each begins with a leaf of its own, a copy in
    name only of what the group before computed. So backward, too, goes group by group, and a gradient ∂L/∂(what lies
    between two groups) is there to be looked at. Where nobody stops between groups the graph stays in one piece: the
    same numbers, and a twentieth faster.

    `inputs[i]` and `outputs[i]` are what group i got and made; after the last one comes the loss.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = list(groups)
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.loss: Tensor | None = None
        self._cut = True

    def forward(self, ids: Tensor, cut: bool = True) -> Iterator[None]:
        """From token ids (b, t) to logits (b, t, V)."""
        self.inputs, self.outputs, self.loss, self._cut = [], [], None, cut
        x = ids
        for group in self.groups:
            self.inputs.append(x)
            x = group.compute(x)
            self.outputs.append(x)
            x = self._handed_on(x)
            yield
        self.inputs.append(x)  # z (b, t, V)

    def _handed_on(self, made: Tensor) -> Tensor:
        """What the next group gets; its gradient is kept."""
        if self._cut:
            return made.detach().requires_grad_()
        made.retain_grad()
        return made

    def measure(self, targets: Tensor) -> Iterator[None]:
        """L = −mean ln softmax(z)[target], over all b·t places: nats per token."""
        self.loss = F.cross_entropy(self.inputs[-1].flatten(0, 1), targets.flatten())
        yield

    def backward(self) -> Iterator[None]:
        """∂L/∂z, then group by group ∂L/∂(what it got) from ∂L/∂(what it made), and ∂L/∂(its parameters) on the way."""
        assert self.loss is not None
        torch.autograd.backward([self.loss])  # to the leaves: the logits, or all the way
        yield
        for made, got_next in zip(reversed(self.outputs), reversed(self.inputs), strict=False):
            if self._cut:
                torch.autograd.backward([made], [got_next.grad])
            yield
