"""How large the gradient of every A and B was in the latest steps: measured where the gradients are, kept there too."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tui_lab.lab.scenario import Array
from tui_lab.torch_lab.arrays import array_of, load

from .adapted import AdaptedLayer

STEPS = 120
"""Steps that are remembered: as many columns as a wide terminal shows."""


class GradientProbe:
    """A ring of gradient norms, (2, layers, STEPS + 1): of A and of B, step t in column t mod STEPS + 1, NaN where none
    was. One more column than is shown, for the step that is not done yet.

    It stays on the gradients' device and is fetched only when somebody looks or a snapshot is made, so a step pays a
    few kernels and no waiting.
    """

    def __init__(self, layers: Sequence[AdaptedLayer]) -> None:
        self._tensors = [layer.a for layer in layers] + [layer.b for layer in layers]
        device = self._tensors[0].device if self._tensors else torch.device("cpu")
        self.ring = torch.full((2, len(layers), STEPS + 1), torch.nan, device=device)

    @torch.no_grad()
    def measure(self, step: int) -> None:
        """Take the norms of step `step`'s gradients, the first step's being 0. Called after backward and before
        clipping, which would make all of them shorter."""
        if self._tensors:
            norms = torch._foreach_norm([_gradient(tensor) for tensor in self._tensors])
            self.ring[:, :, step % (STEPS + 1)] = torch.stack(norms).view(2, -1)

    def latest(self, steps: int) -> Array:
        """The norms of the latest of `steps` steps done, oldest first, (2, layers, at most STEPS)."""
        order = np.arange(max(steps - STEPS, 0), steps) % (STEPS + 1)
        return self.ring.cpu().numpy()[:, :, order].astype(np.float64)

    def state(self) -> dict[str, NDArray[Any]]:
        """What is shown after going back is what was shown then."""
        return {"gradient_norms": array_of(self.ring)}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `state` told."""
        load(self.ring, state["gradient_norms"])


def _gradient(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.new_zeros(()) if tensor.grad is None else tensor.grad
