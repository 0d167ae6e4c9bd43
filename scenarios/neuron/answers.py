"""What a neuron says to many inputs at once, and how steep its activation is there."""

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape
from tui_lab.lab.tensor import Tensor


class Answers:
    """The weighted sums `z` (k,) and answers `y` (k,) of a forward pass over k inputs, at weights of one's choice.

    An answer above `middle` says class 1.
    """

    def __init__(self, tape: Tape, z: Tensor, answer: Tensor, middle: float) -> None:
        self._tape = tape
        self._activation = next(operation for operation, _ in tape.operations() if operation.output is answer)
        self.z, self.y, self.middle = z.value, answer.value, middle

    def at(self, values: Array) -> "Answers":
        """Ask again, with all parameters as in `values` (P,)."""
        np.copyto(self._tape.parameters.values, values)
        self._tape.run()
        return self

    @property
    def says_one(self) -> NDArray[np.bool_]:
        """Where the answer is class 1 (k,)."""
        return self.y > self.middle

    @property
    def slopes(self) -> Array:
        """The slope of the activation at each z (k,)."""
        return self._activation.local_slope(0)
