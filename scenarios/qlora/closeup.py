"""One adapted layer, watched while it computes: y = W·x + s·B·(A·x) for one token."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel

from tui_lab.lab.errors import BadInput

from .adapted import AdaptedLayer


@dataclass(frozen=True, slots=True)
class Seen:
    """What a layer made of one token: x (in,) went in and y (out,) came out; u = A·x (r,), and v = s·B·u (out,) is what
    the adapter added to W·x, without dropout. With DoRA y is scaled besides."""

    x: torch.Tensor
    u: torch.Tensor
    v: torch.Tensor
    y: torch.Tensor


def demand_layer(number: int, layers: int) -> None:
    """Raises BadInput if there is no layer of that number, counted from 1."""
    if number > layers:
        raise BadInput(f"layer is {number}, but the model has {layers} adapted layers.")


class CloseUp:
    """Keeps what one layer made of the last token of the first sequence, in the latest forward pass of training."""

    def __init__(self, model: PeftModel, layers: Sequence[AdaptedLayer], number: int) -> None:
        """`number` counts the layers from 1. Raises BadInput if there is no such layer."""
        self._model, self._layers = model, layers
        self.choose(number)

    def choose(self, number: int) -> None:
        """Watch another layer. Raises BadInput if there is no such layer."""
        demand_layer(number, len(self._layers))
        self.layer = self._layers[number - 1]
        self.seen: Seen | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around a forward pass of training."""
        module = self._model.get_submodule(f"base_model.model.{self.layer.name}")
        hook = module.register_forward_hook(self._look)
        try:
            yield
        finally:
            hook.remove()

    @torch.no_grad()
    def _look(self, _: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        # copied: a view would keep the whole of what went in and came out, which the backward pass may not need
        x, y = (_last_place(values).to(torch.float32, copy=True) for values in (inputs[0], output))
        u = self.layer.a.float() @ x
        self.seen = Seen(x, u, self.layer.scaling * (self.layer.b.float() @ u), y)


def _last_place(values: torch.Tensor) -> torch.Tensor:
    """The numbers of the first sequence's last place, of (b, t, n); some models lay all places in one row, (b·t, n)."""
    return values[0, -1] if values.ndim > 2 else values[-1]
