"""Windows: the stretches of t tokens, with the t tokens that come next, which a model learns from at a time."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_lab.lab.errors import BadInput

from .tokens import Tokens

Batch = tuple[Tensor, Tensor]
"""Inputs (b, t) and targets (b, t), the inputs' next tokens."""


def stream(tokens: Tokens, pieces: Iterable[str]) -> Tensor:
    """The ids of all pieces one after the other, each ended by the end token, (n,)."""
    ids = [id_ for piece in pieces for id_ in (*tokens.encode(piece), tokens.end)]
    return torch.tensor(ids, dtype=torch.long)


class Windows:
    """Cuts a stream of n ids into windows of t + 1 and draws batches of b of them: for networks, which learn a little
    from each and come again and again.

    In epoch e the cuts begin at a place, and the windows come in an order, both drawn from (seed, e): the batch of a
    step follows from its number. What does not fill a batch at the end of an epoch is left out.
    """

    def __init__(self, ids: Tensor, length: int, batch: int, seed: int) -> None:
        """Raises BadInput for a text of fewer tokens than a window has."""
        if len(ids) < 2 * length:
            raise BadInput(
                f"The text has {len(ids):,} tokens to learn from, too few for a context of {length}: "
                f"give context={max(len(ids) // 2, 1)} or less, or a longer text."
            )
        self.ids, self.length, self.seed = ids, length, seed
        self.count = (len(ids) - length) // length
        self.batch = min(batch, self.count)
        self.per_epoch = self.count // self.batch
        self._epoch = -1
        self._starts = np.zeros(0, np.intp)

    def of_step(self, step: int) -> Batch:
        """The batch of the step that comes after `step` steps."""
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._epoch, self._starts = epoch, self._draw(epoch)
        return _cut(self.ids, self._starts[place * self.batch : (place + 1) * self.batch], self.length)

    def _draw(self, epoch: int) -> NDArray[np.intp]:
        draw = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(epoch,)))
        shift = draw.integers(self.length)
        return draw.permutation(self.count) * self.length + shift


class Reading:
    """Batches in which every token of a stream is a target once: for models that count, and have learned a text when
    they have read it. After that there is nothing new, and it begins again."""

    def __init__(self, ids: Tensor, length: int, batch: int, seed: int) -> None:
        self.ids, self.length, self.batch = ids, length, batch
        whole = (len(ids) - 1) // length
        self._rest = whole * length
        self._starts = np.random.default_rng(seed).permutation(whole) * length
        self.per_epoch = -(-whole // batch) + (self._rest < len(ids) - 1)

    def of_step(self, step: int) -> Batch:
        """The batch of the step that comes after `step` steps."""
        first = step % self.per_epoch * self.batch
        if first < len(self._starts):
            return _cut(self.ids, self._starts[first : first + self.batch], self.length)
        return self.ids[None, self._rest : -1], self.ids[None, self._rest + 1 :]


def consecutive(ids: Tensor, length: int, batch: int = 16) -> Iterator[Batch]:
    """Batches that cover a stream from its beginning: every id but the first is a target once."""
    whole = (len(ids) - 1) // length
    for first in range(0, whole, batch):
        yield _cut(ids, np.arange(first, min(first + batch, whole)) * length, length)
    if whole * length < len(ids) - 1:
        rest = ids[None, whole * length :]
        yield rest[:, :-1], rest[:, 1:]


def spread(ids: Tensor, length: int, most: int, batch: int = 16) -> Iterator[Batch]:
    """As `consecutive`; but of a stream of more than `most` ids only as many windows, evenly far apart."""
    whole, wanted = (len(ids) - 1) // length, max(most // length, 1)
    if whole <= wanted:
        yield from consecutive(ids, length, batch)
        return
    starts = np.arange(wanted) * whole // wanted * length
    for first in range(0, wanted, batch):
        yield _cut(ids, starts[first : first + batch], length)


def _cut(ids: Tensor, starts: NDArray[np.intp], length: int) -> Batch:
    windows = ids[torch.from_numpy(starts)[:, None] + torch.arange(length + 1)]  # (b, t + 1)
    return windows[:, :-1].contiguous(), windows[:, 1:].contiguous()
