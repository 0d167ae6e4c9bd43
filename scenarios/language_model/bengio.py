"""The first neural language model to win: Bengio, Ducharme, Vincent and Jauvin 2003.

Tokens become vectors that are learned, so that what is known of one token helps with those near it. The network sees
the last n − 1 tokens, as an n-gram does, and nothing before them.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from .model import Dropout, Group, Network, source_of


class Bengio(Network):
    """y = b + U·tanh(d + H·x), x the embeddings of the last n − 1 tokens beside each other. (The paper's direct
    connections from x to y, which it leaves out in half of its experiments, are left out.)"""

    name = "bengio"

    def __init__(self, tokens: int, order: int, embedded: int, width: int, dropout: float) -> None:
        """`order` is n, `embedded` the length of an embedding, `width` the number of hidden units."""
        super().__init__()
        self.context = max(order - 1, 1)
        self.dropout = Dropout(dropout)
        self.embedding = nn.Embedding(tokens, embedded)  # (V, e)
        self.hidden = nn.Linear(self.context * embedded, width)  # H and d
        self.output = nn.Linear(width, tokens)  # U and b

    def groups(self) -> list[Group]:
        return [
            Group("embedding", "e = E[x]", self.embed, source_of(self.embed), (self.embedding,)),
            Group("hidden", "h = tanh(d + H·[e₂₋ₙ … e₀])", self.hide, source_of(self.hide), (self.hidden,)),
            Group("logits", "z = b + U·h", self.logits, source_of(self.logits), (self.output,)),
        ]

    def embed(self, ids: Tensor) -> Tensor:
        """Row ids[i] of the embedding for each position, (b, t, e)."""
        e: Tensor = self.embedding(ids)
        return e

    def hide(self, e: Tensor) -> Tensor:
        """Every position sees its own and the n − 2 embeddings before it; 0 before the text. (b, t, width)"""
        before = F.pad(e, (0, 0, self.context - 1, 0))  # (b, n − 2 + t, e)
        x = before.unfold(1, self.context, 1).transpose(2, 3).flatten(2)  # (b, t, (n − 1)·e), the oldest first
        h: Tensor = self.dropout(self.hidden(x).tanh())
        return h

    def logits(self, h: Tensor) -> Tensor:
        """(b, t, V)."""
        z: Tensor = self.output(h)
        return z
