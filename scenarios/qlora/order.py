"""Which sequences each step learns from."""

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.errors import BadInput

from .method import Method


class Order:
    """Cuts the sequences, in an order drawn for each epoch, into steps of equal size; the few at the end of an epoch
    that do not fill a step are left out of it, others each time. What a step learns from follows from its number."""

    def __init__(self, sequences: int, method: Method, seed: int) -> None:
        self.sequences, self.size, self.seed = sequences, method.sequences_per_step, seed
        if self.size > sequences:
            raise BadInput(
                f"A step takes {self.size} sequences (batch_size × accumulation × processes), but there are only "
                f"{sequences} to learn from: set a smaller batch_size."
            )
        self.steps_per_epoch = sequences // self.size
        self._epoch = -1
        self._order = np.arange(sequences)

    def rows(self, step: int) -> NDArray[np.intp]:
        """The sequences of the step that comes after `step` steps."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            drawn = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(epoch,)))
            self._epoch, self._order = epoch, drawn.permutation(self.sequences)
        return self._order[place * self.size : (place + 1) * self.size]
