"""Mini-batches: which points each step looks at."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


class Batches:
    """Cuts `points` points into batches of `size`; the last batch of an epoch has what is left.

    With `shuffle`, epoch e takes the points in an order drawn from (seed, e); without it, or when one batch holds them
    all, in their own. So the rows of a step follow from its number, and there is no cursor to save.
    """

    def __init__(self, points: int, size: int, shuffle: bool, seed: int) -> None:
        self.points, self.size, self.shuffle, self.seed = points, size, shuffle, seed
        self.per_epoch = -(-points // size)
        self._epoch = -1
        self._order: Rows = np.arange(points)

    @property
    def sizes(self) -> set[int]:
        """The one or two sizes that occur."""
        return {self.size, self.points - (self.per_epoch - 1) * self.size}

    def rows(self, step: int) -> Rows:
        """The points of the step that comes after `step` steps."""
        epoch, batch = divmod(step, self.per_epoch)
        if self.shuffle and self.per_epoch > 1 and epoch != self._epoch:
            self._epoch, self._order = epoch, self._draw(epoch)
        return self._order[batch * self.size : (batch + 1) * self.size]

    def _draw(self, epoch: int) -> Rows:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(epoch,))).permutation(self.points)
