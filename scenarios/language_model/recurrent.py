"""Recurrent networks: a state is carried from token to token, so that the past has no fixed end (Elman 1990).

Every position waits for the one before it, and what happened long ago has to survive every step in between.
"""

import torch
from torch import Tensor, nn

from .cells import Cell, Gates, GRUCell, LSTMCell, RNNCell, State
from .model import Dropout, Group, Network, Traces, evaluating, source_of

CELLS: dict[str, type[Cell]] = {"rnn": RNNCell, "lstm": LSTMCell, "gru": GRUCell}
EQUATIONS = {
    "rnn": "h = tanh(W·e + U·h₋₁ + b)",
    "lstm": "h = o·tanh(f·c₋₁ + i·g)",
    "gru": "h = (1 − z)·n + z·h₋₁",
}
"""Of the state that a recurrence computes, from that of the position before."""


class Recurrence(nn.Module):
    """A cell, run over all positions from the first to the last."""

    def __init__(self, kind: str, inputs: int, width: int, dropout: Dropout) -> None:
        super().__init__()
        self.cell = CELLS[kind](inputs, width)
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        """The hidden states (b, t, width) for inputs x (b, t, inputs)."""
        out: Tensor = self.dropout(torch.stack(self.states(x), dim=1))
        return out

    def states(self, x: Tensor) -> list[Tensor]:
        """The hidden states h_1 to h_t one by one, each (b, width)."""
        return [state[0] for state, _ in self.walk(x)]

    def walk(self, x: Tensor) -> list[tuple[tuple[Tensor, ...], Gates]]:
        """The state after each position, and what the gates said there."""
        wx: Tensor = self.cell.input(x)  # (b, t, parts · width), all positions at once
        state, passed = self.cell.begin(wx), []
        for wx_t in wx.unbind(1):
            state, gates = self.cell.step(wx_t, state)
            passed.append((state, gates))
        return passed


class Recurrent(Network):
    """Ids → embedding → one recurrence above the other → logits."""

    def __init__(self, kind: str, tokens: int, width: int, layers: int, context: int, dropout: float) -> None:
        """`kind` is rnn, lstm or gru; embeddings are as wide as states; it learns from `context` tokens at a time."""
        super().__init__()
        self.name, self.context = kind, context
        self.dropout = Dropout(dropout)
        self.embedding = nn.Embedding(tokens, width)  # (V, width)
        self.layers = nn.ModuleList(Recurrence(kind, width, width, self.dropout) for _ in range(layers))
        self.output = nn.Linear(width, tokens)

    def groups(self) -> list[Group]:
        groups = [Group("embedding", "e = E[x]", self.embed, source_of(self.embed), (self.embedding,))]
        for number, layer in enumerate(self.recurrences(), 1):
            source = source_of(layer.cell.step)
            groups.append(Group(f"recurrence {number}", EQUATIONS[self.name], layer, source, (layer.cell,)))
        return [*groups, Group("logits", "z = V·h + b", self.logits, source_of(self.logits), (self.output,))]

    def embed(self, ids: Tensor) -> Tensor:
        """Row ids[i] of the embedding for each position, (b, t, width)."""
        x: Tensor = self.dropout(self.embedding(ids))
        return x

    def logits(self, h: Tensor) -> Tensor:
        """(b, t, V)."""
        z: Tensor = self.output(h)
        return z

    def recurrences(self) -> list[Recurrence]:
        """The layers in order."""
        return [layer for layer in self.layers if isinstance(layer, Recurrence)]

    def unrolled(self, ids: Tensor) -> tuple[Tensor, list[State]]:
        """Logits (b, t, V), and the last layer's states 1 to t, each of vectors (b, width), that they come from."""
        *lower, last = self.recurrences()
        x = self.embed(ids)
        for layer in lower:
            x = layer(x)
        states = [state for state, _ in last.walk(x)]
        return self.logits(torch.stack([state[0] for state in states], dim=1)), states

    def traces(self, ids: Tensor) -> Traces:
        """Of the last layer."""
        *lower, last = self.recurrences()
        with evaluating(self):
            x = self.embed(ids)
            for layer in lower:
                x = layer(x)
            return Traces(states=seen(last, x))


def seen(layer: Recurrence, x: Tensor) -> dict[str, Tensor]:
    """h, c and the gates of one text x (1, t, inputs), each (t, width)."""
    passed = layer.walk(x)
    names = ("h", "c")[: len(passed[0][0])]
    states = {name: torch.cat([state[place] for state, _ in passed]) for place, name in enumerate(names)}
    gates = {name: torch.cat([gates[name] for _, gates in passed]) for name in passed[0][1]}
    return states | gates
