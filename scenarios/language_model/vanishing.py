"""How far back a gradient reaches: the loss of one prediction, differentiated by what the model had before it.

For d tokens back, ‖∂L_t/∂s_{t−d}‖, where L_t = −ln p(token t + 1) and s is the state that a recurrent network carries
on: h, or the pair of h and c of an LSTM. Each step back multiplies by the Jacobian ∂s_t/∂s_{t−1}: where its size stays
below 1, the gradient shrinks geometrically (S. Hochreiter, thesis, 1991; Y. Bengio, P. Simard and P. Frasconi, 1994).
For a network without a state it is ‖∂L_t/∂x_{t−d}‖, by the embedding x of the token there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Curves, Line

from .cells import State
from .model import Network

FAR = 20
"""Tokens back at which it is told how much is left."""


@runtime_checkable
class Stateful(Protocol):
    """A network that carries a state from token to token."""

    def unrolled(self, ids: Tensor) -> tuple[Tensor, list[State]]:
        """Logits (b, t, V), and the states 1 to t, each of vectors (b, width), that they come from."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """norms[d] is the mean size, over several texts, of the gradient d tokens back by `symbol`; `parts` has those by
    its parts, where it has several."""

    symbol: str
    norms: Array
    parts: Mapping[str, Array] = field(default_factory=dict)

    def left(self, distance: int) -> float:
        """The part of the gradient that is left so many tokens back; NaN where there is none to begin with."""
        return float(self.norms[distance] / self.norms[0]) if self.norms[0] > 0 else np.nan

    @property
    def far(self) -> int:
        """The distance at which it is told how much is left: FAR, or as far as it was followed."""
        return min(FAR, len(self.norms) - 1)

    @property
    def rate(self) -> float:
        """The factor by which a token back changes it, in the geometric curve that fits best from distance 1 on (least
        squares of the logarithms); NaN where there are not two numbers to fit."""
        distances, sizes = self._usable()
        return float(np.exp(np.polyfit(distances, np.log(sizes), 1)[0])) if len(sizes) > 1 else np.nan

    def view(self) -> Curves:
        """The sizes by distance, and the geometric curve, on a logarithmic axis."""
        every = np.arange(len(self.norms), dtype=float)
        lines = [Line(f"‖∂L/∂{self.symbol}‖", every, self.norms)]
        lines += [Line(f"‖∂L/∂{symbol}‖", every, norms) for symbol, norms in self.parts.items()]
        distances, sizes = self._usable()
        if len(sizes) > 1:
            height = np.log(sizes).mean() - np.log(self.rate) * distances.mean()
            lines.append(Line(f"× {self.rate:.3g} per token", distances, np.exp(height) * self.rate**distances))
        title = f"gradient by distance: {self.left(self.far):.2g} left {self.far} tokens back"
        return Curves(title, "tokens back", "norm", lines, log_y=True)

    def _usable(self) -> tuple[Array, Array]:
        """The distances from 1 on at which there is a gradient, and its sizes."""
        known = np.isfinite(self.norms) & (self.norms > 0)
        known[0] = False
        return np.flatnonzero(known).astype(float), self.norms[known]


def reach(network: Network, ids: Tensor, targets: Tensor) -> Reach:
    """For texts ids (b, t), each followed by a token of targets (b,). Dropout is left out; gradients that training has
    left in the parameters stay what they are."""
    training = network.training
    network.eval()
    try:
        with torch.enable_grad():
            symbols, logits, places = _with_graph(network, ids)
            loss = F.cross_entropy(logits, targets, reduction="sum")  # the texts do not touch each other
            flat = torch.autograd.grad(loss, [vector for state in places for vector in state])
    finally:
        network.train(training)
    gradients = torch.stack(flat).double().unflatten(0, (len(places), -1)).flip(0)  # (t, parts, b, width), by distance
    parts = gradients.norm(dim=-1)  # (t, parts, b)
    whole = parts.square().sum(1).sqrt().mean(-1).cpu().numpy()
    if len(symbols) == 1:
        return Reach(symbols[0], whole)
    sizes = parts.mean(-1).T.cpu().numpy()
    return Reach(f"({', '.join(symbols)})", whole, dict(zip(symbols, sizes, strict=True)))


def _with_graph(network: Network, ids: Tensor) -> tuple[str, Tensor, list[State]]:
    """The last position's logits (b, V), with what they are to be differentiated by, and the symbols of its parts: the
    states, or the embeddings."""
    if isinstance(network, Stateful):
        logits, states = network.unrolled(ids)
        return "hc"[: len(states[0])], logits[:, -1], states
    embed, *others = network.groups()
    columns = [x.detach().requires_grad_() for x in embed.compute(ids).unbind(1)]  # t times (b, d)
    h = torch.stack(columns, dim=1)
    for group in others:
        h = group.compute(h)
    return "x", h[:, -1], [(x,) for x in columns]
