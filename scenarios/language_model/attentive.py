"""Attention over a recurrent network: at every position it may look back at all states that it has had.

Bahdanau, Cho and Bengio 2014 let a translator look back at the states of its input; here a network looks at its own
past, as in Cheng, Dong and Lapata 2016. What is far away is one step away, but states still come one after the other.
"""

import math

import torch
from torch import Tensor, nn

from .cells import State
from .model import Dropout, Group, Network, Traces, evaluating, source_of
from .recurrent import EQUATIONS, Recurrence, seen


class AttentiveRecurrent(Network):
    """Ids → embedding → GRU → attention → logits."""

    name = "attention"

    def __init__(self, tokens: int, width: int, context: int, dropout: float) -> None:
        super().__init__()
        self.context = context
        self.dropout = Dropout(dropout)
        self.embedding = nn.Embedding(tokens, width)  # (V, width)
        self.recurrence = Recurrence("gru", width, width, self.dropout)
        compared = max(width // 4, 1)  # states are compared in fewer numbers: there are t² comparisons
        self.query, self.key = nn.Linear(width, compared), nn.Linear(width, compared, bias=False)
        self.score = nn.Linear(compared, 1, bias=False)
        self.mix = nn.Linear(2 * width, width)
        self.output = nn.Linear(width, tokens)

    def groups(self) -> list[Group]:
        cell = source_of(self.recurrence.cell.step)
        looking = (self.query, self.key, self.score, self.mix)
        return [
            Group("embedding", "e = E[x]", self.embed, source_of(self.embed), (self.embedding,)),
            Group("recurrence 1", EQUATIONS["gru"], self.recurrence, cell, (self.recurrence.cell,)),
            Group("attention 1", "s = tanh(M·[h, Σ aᵢ·hᵢ])", self.attend, source_of(self.attend), looking),
            Group("logits", "z = V·s + b", self.logits, source_of(self.logits), (self.output,)),
        ]

    def embed(self, ids: Tensor) -> Tensor:
        """Row ids[i] of the embedding for each position, (b, t, width)."""
        x: Tensor = self.dropout(self.embedding(ids))
        return x

    def weights(self, h: Tensor) -> Tensor:
        """How much each position takes from the states up to it: softmax of v·tanh(Q·h_t + K·h_i), (b, t, t)."""
        compared = (self.query(h)[:, :, None] + self.key(h)[:, None]).tanh()  # (b, t, t, width/4)
        scores: Tensor = self.score(compared)[..., 0]  # (b, t, t)
        future = torch.full_like(scores[0], -math.inf).triu(1)  # −∞ above the diagonal
        return (scores + future).softmax(-1)

    def attend(self, h: Tensor) -> Tensor:
        """Each state mixed with what it has fetched from the past, (b, t, width)."""
        fetched = self.weights(h) @ h  # (b, t, width)
        s: Tensor = self.mix(torch.cat((h, fetched), dim=-1)).tanh()
        return s

    def logits(self, s: Tensor) -> Tensor:
        """(b, t, V)."""
        z: Tensor = self.output(s)
        return z

    def unrolled(self, ids: Tensor) -> tuple[Tensor, list[State]]:
        """Logits (b, t, V), and the states 1 to t, each of vectors (b, width), that they come from."""
        states = [state for state, _ in self.recurrence.walk(self.embed(ids))]
        return self.logits(self.attend(torch.stack([state[0] for state in states], dim=1))), states

    def traces(self, ids: Tensor) -> Traces:
        with evaluating(self):
            states = seen(self.recurrence, self.embed(ids))
            return Traces([self.weights(states["h"][None])], states)
