"""A network's groups one after the other, forward and backward, with a place to stop between any two."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from .model import Group


class Chain:
    """Cuts the graph that torch keeps for the gradients between groups: each begins with a leaf of its own, a copy in
    name only of what the group before computed. So backward, too, goes group by group, and a gradient ∂L/∂(what lies
    between two groups) is there to be looked at.

    `inputs[i]` and `outputs[i]` are what group i got and made; after the last one comes the loss.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = list(groups)
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.loss: Tensor | None = None

    def forward(self, ids: Tensor) -> Iterator[None]:
        """From token ids (b, t) to logits (b, t, V)."""
        self.inputs, self.outputs, self.loss = [], [], None
        x = ids
        for group in self.groups:
            self.inputs.append(x if x is ids else x.detach().requires_grad_())
            x = group.compute(self.inputs[-1])
            self.outputs.append(x)
            yield

    def measure(self, targets: Tensor) -> Iterator[None]:
        """L = −mean ln softmax(z)[target], over all b·t places: nats per token."""
        self.inputs.append(self.outputs[-1].detach().requires_grad_())  # z (b, t, V)
        self.loss = F.cross_entropy(self.inputs[-1].flatten(0, 1), targets.flatten())
        yield

    def backward(self) -> Iterator[None]:
        """∂L/∂z, then group by group ∂L/∂(what it got) from ∂L/∂(what it made), and ∂L/∂(its parameters) on the way."""
        assert self.loss is not None
        torch.autograd.backward([self.loss])
        yield
        for made, got_next in zip(reversed(self.outputs), reversed(self.inputs), strict=False):
            torch.autograd.backward([made], [got_next.grad])
            yield
