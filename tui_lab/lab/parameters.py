"""The parameters of a model: one flat vector, and every named tensor a view into it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from tui_lab.lab.scenario import Array


class ParameterVector:
    """All trainable numbers in one vector, so that an optimizer needs a few vector operations for any model.

    `values` and `gradient` are (P,) for P numbers altogether. `seen` is what the values were when the latest forward
    pass began: the equations of a step speak of those, also after the update.
    """

    def __init__(self, initial: Mapping[str, ArrayLike]) -> None:
        tensors = {name: np.asarray(value, dtype=np.float64) for name, value in initial.items()}
        self.shapes = {name: tensor.shape for name, tensor in tensors.items()}
        self.values: Array = np.concatenate([tensor.ravel() for tensor in tensors.values()])
        self.gradient: Array = np.zeros_like(self.values)
        self.seen: Array = self.values.copy()
        ends = np.cumsum([tensor.size for tensor in tensors.values()]).tolist()
        self._slices = {
            name: slice(end - tensor.size, end) for (name, tensor), end in zip(tensors.items(), ends, strict=True)
        }

    def part(self, name: str, vector: Array) -> Array:
        """The part of a vector (P,) that belongs to the parameter `name`, in its shape: a view."""
        return vector[self._slices[name]].reshape(self.shapes[name])

    def stacked(self, matrix: str, row: str, vector: Array) -> Array:
        """The parts of a vector that belong to a matrix (k, m) and to the row (m,) right after it, as one matrix
        (k + 1, m): a view. Raises ValueError if they are not such neighbours."""
        above, below = self._slices[matrix], self._slices[row]
        width = self.shapes[matrix][-1:]
        if len(self.shapes[matrix]) != 2 or self.shapes[row] != width or above.stop != below.start:
            raise ValueError(f"{row} {self.shapes[row]} is not one row right after {matrix} {self.shapes[matrix]}")
        return vector[above.start : below.stop].reshape(-1, *width)

    def shared(self) -> "ParameterVector":
        """The same values, live, with `gradient` and `seen` apart: for a tape that looks on and leaves no trace."""
        twin = self.copy()
        twin.values = self.values
        return twin

    def copy(self) -> "ParameterVector":
        """The same parameters in memory of their own, for trying something without leaving a trace."""
        return ParameterVector({name: self.part(name, self.values) for name in self.shapes})
