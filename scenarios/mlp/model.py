"""What evaluation, pictures, remarks and the script need to know of a network that is being trained."""

from typing import Protocol

from tui_lab.lab.batches import Rows
from tui_lab.lab.optimizer import Optimizer
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape

from .examples import Examples
from .features import Features
from .layers import Layers
from .task import Task


class Model(Protocol):
    """The scenario, as its parts see it. Arrays are those of its `build`."""

    examples: Examples
    features: Features
    task: Task
    x: Array
    y: Array
    widths: list[int]
    activations: list[str]
    weights: ParameterVector
    optimizer: Optimizer
    rows: Rows
    tape: Tape
    steps_per_epoch: int

    def network(self, parameters: ParameterVector, x: Array) -> Layers:
        """What the network makes of features and ones x (n, k + 1)."""
        ...
