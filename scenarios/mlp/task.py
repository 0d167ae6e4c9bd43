"""What the network is asked: which of two, which of many, or how much; and so its outputs, its targets and its loss."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_lab.lab.activations import sigmoid, tanh
from tui_lab.lab.errors import BadInput
from tui_lab.lab.losses import binary_cross_entropy, cross_entropy, half_squared_error
from tui_lab.lab.scenario import Array
from tui_lab.lab.softmax import softmax
from tui_lab.lab.tensor import Tensor

from .examples import Examples
from .features import standardised


@dataclass(frozen=True)
class Task:
    """Two classes have one output, many have one each, and a number has one.

    With cross-entropy an output is a probability, of class 1 or of its own class, and the target 0 or 1. With squared
    error it is a tanh, and the target −1 or 1, as in TensorFlow Playground. A number is (label − shift) / scale.
    """

    classes: list[str]
    loss_name: str
    shift: float = 0.0
    scale: float = 1.0

    @property
    def outputs(self) -> int:
        """How many outputs there are."""
        return len(self.classes) if len(self.classes) > 2 else 1

    @property
    def output_name(self) -> str:
        """What the last layer does with its weighted sums."""
        if not self.classes:
            return "linear"
        if self.loss_name == "squared":
            return "tanh"
        return "sigmoid" if self.outputs == 1 else "softmax"

    @property
    def low(self) -> float:
        """The target of an output that is not meant."""
        return 0.0 if self.loss_name == "cross-entropy" else -1.0

    @property
    def middle(self) -> float:
        """Above it a single output says class 1."""
        return (self.low + 1) / 2

    def targets(self, labels: Array) -> Array:
        """What the outputs should be (n, outputs) for labels (n,)."""
        if not self.classes:
            moved: Array = (labels - self.shift) / self.scale
            return moved[:, None]
        meant = labels[:, None] == (np.arange(self.outputs) if self.outputs > 1 else 1)
        return np.where(meant, 1.0, self.low)

    def answer(self, scores: Tensor) -> Tensor:
        """The outputs (n, outputs) from the weighted sums of the last layer."""
        functions = {"tanh": tanh, "sigmoid": sigmoid, "softmax": softmax}
        return functions[self.output_name](scores) if self.classes else scores

    def loss(self, scores: Tensor, answer: Tensor, targets: Tensor) -> Tensor:
        """How wrong the outputs are. Cross-entropy is computed from the scores, where no precision is lost yet."""
        if self.loss_name == "squared":
            return half_squared_error(answer, targets)
        return binary_cross_entropy(scores, targets) if self.outputs == 1 else cross_entropy(scores, targets)

    def decide(self, answers: Array) -> Array:
        """The class (n,) that outputs (n, outputs) stand for; a number in the units of its label."""
        if not self.classes:
            numbers: Array = answers[:, 0] * self.scale + self.shift
            return numbers
        if self.outputs > 1:
            return np.asarray(answers.argmax(axis=1), dtype=np.float64)
        return np.asarray(answers[:, 0] > self.middle, dtype=np.float64)

    def certainty(self, answers: Array) -> Array:
        """How far outputs (n, outputs) are from undecided, (n,), between 0 and 1."""
        if self.outputs == 1:
            away: Array = np.abs(answers[:, 0] - self.middle) / (1 - self.middle)
            return away
        least = 1 / self.outputs if self.loss_name == "cross-entropy" else -1.0
        sure: Array = np.clip((answers.max(axis=1) - least) / (1 - least), 0, 1)
        return sure


def task_of(settings: Mapping[str, Any], examples: Examples) -> Task:
    """The task that the examples set, with the loss of the settings or the usual one. Raises BadInput."""
    loss = settings["loss"]
    if examples.classes:
        usual = "squared" if examples.usually_squared else "cross-entropy"
        return Task(examples.classes, usual if loss == "auto" else loss)
    if loss == "cross-entropy":
        raise BadInput(f"'{examples.label_name}' is a number, and cross-entropy needs classes: set loss=squared.")
    learned = examples.labels[: examples.trained]
    if not standardised(settings):
        return Task([], "squared")
    if learned.min() == learned.max() or not learned.std() > 0:
        raise BadInput(
            f"'{examples.label_name}' of {examples.title} is {learned[0]:g} in every training example: "
            "there is nothing to learn."
        )
    return Task([], "squared", float(learned.mean()), float(learned.std()))
