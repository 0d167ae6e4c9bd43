"""Which sequences each step learns from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.errors import BadInput

from .method import Method

Rows = NDArray[np.intp]
_POOL = 16
"""Steps that share their sequences out by length."""


class Order:
    """Cuts the sequences, in an order drawn for each epoch, into steps of equal size; the few at the end of an epoch
    that do not fill a step are left out of it, others each time. What a step learns from follows from its number.

    Grouped by length, those of about the same length come into one step, so that little is padding. The loss then goes
    up and down with the length, which is no sign of anything (Dettmers et al. 2023, section B.2).
    """

    def __init__(self, lengths: Sequence[int], method: Method, seed: int) -> None:
        self.size, self.seed, self.grouped = method.sequences_per_step, seed, method.group_by_length
        self.lengths = np.array(lengths)
        if self.size > len(lengths):
            raise BadInput(
                f"A step takes {self.size} sequences (batch_size × accumulation × processes), but there are only "
                f"{len(lengths)} to learn from: set a smaller batch_size."
            )
        self.steps_per_epoch = len(lengths) // self.size
        self._epoch = -1
        self._steps: Rows = np.empty((0, self.size), np.intp)

    def rows(self, step: int) -> Rows:
        """The sequences of the step that comes after `step` steps."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._epoch, self._steps = epoch, self._drawn(epoch)
        rows: Rows = self._steps[place]
        return rows

    def _drawn(self, epoch: int) -> Rows:
        """The sequences of each step of an epoch, (steps, size)."""
        draw = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(epoch,)))
        order = draw.permutation(len(self.lengths))[: self.steps_per_epoch * self.size]
        if not self.grouped:
            return order.reshape(-1, self.size)
        pools = [order[start : start + _POOL * self.size] for start in range(0, len(order), _POOL * self.size)]
        sorted_pools = [pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools]
        return draw.permutation(np.concatenate(sorted_pools).reshape(-1, self.size))
