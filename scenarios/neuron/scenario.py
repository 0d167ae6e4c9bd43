"""A neuron: a weighted sum of its inputs, z = Σ w·x + b, and an activation of it, ŷ = f(z).

W. McCulloch and W. Pitts (1943) modelled the nerve cell that fires above a threshold, F. Rosenblatt (1958) taught it
by correcting it after every mistake. With an activation that has a slope, gradient descent does the same and goes on to
networks of any depth.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tui_lab.lab.activations import ACTIVATIONS
from tui_lab.lab.batches import Batches
from tui_lab.lab.descent import MomentumDescent
from tui_lab.lab.errors import BadInput
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.operations import mean, square
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, GradientCheck, Moment, Parameter, State
from tui_lab.lab.tape import Tape
from tui_lab.lab.tape_scenario import TapeScenario
from tui_lab.lab.tensor import Tensor
from tui_lab.lab.views import View
from tui_lab.lab.weighted_sum import weighted_sum

from .answers import Answers
from .examples import read_examples
from .pictures import Pictures
from .remarks import Remarks


class Neuron(TapeScenario):
    """n weights and a bias, which is the threshold with the other sign."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        # Data: r examples, x (r, n) and labels (r,). tanh answers between −1 and 1, so there the label 0 becomes −1.
        self.examples = read_examples(settings)
        self.activation = settings["activation"]
        self.low = -1.0 if self.activation == "tanh" else 0.0
        self.x, self.y = self.examples.x, self.low + (1 - self.low) * self.examples.labels
        count, inputs = self.x.shape
        self.batches = Batches(count, batch_size(settings, count), settings["shuffle"], seed)
        self.steps_per_epoch = self.batches.per_epoch

        # Model: a weight for each input, and a bias.
        drawn = np.random.default_rng(seed).normal(size=inputs + 1)
        start = drawn if settings["initialisation"] == "random" else np.zeros(inputs + 1)
        self.weights = ParameterVector({"w": start[:-1], "b": start[-1]})

        # Optimizer: gradient descent, with momentum if you wish.
        self.descent = MomentumDescent(self.weights, settings["learning_rate"], settings["momentum"])
        self.corrected = 0  # the latest step that changed anything

        # A tape for each size of batch, over buffers that each step fills with its examples. All share w and b.
        self.buffers = {size: (np.zeros((size, inputs)), np.zeros(size)) for size in self.batches.sizes}
        self.tapes = {size: self.model(self.weights, x, y) for size, (x, y) in self.buffers.items()}
        for tape in self.tapes.values():
            self.descent.record(tape)
        self.tape = self.draw_batch()

    def neuron(self, parameters: ParameterVector, x: Array) -> tuple[Tape, Tensor, Tensor]:
        """What the neuron does with inputs x (k, n): its tape, the weighted sums z (k,) and the answers ŷ (k,)."""
        tape = Tape(parameters, pace=self)
        inputs = tape.input("x", x)  # (k, n)
        w, b = tape.parameter("w"), tape.parameter("b")  # (n,) and ()

        with tape.phase("forward"):
            total = tape.name("u", weighted_sum(w, inputs))  # (k,): how much speaks for 1, and against
            z = tape.name("z", total + b)  # (k,): above 0 if the sum is above the threshold −b
            answer = tape.name("ŷ", ACTIVATIONS[self.activation](z))  # (k,)
        return tape, z, answer

    def model(self, parameters: ParameterVector, x: Array, y: Array) -> Tape:
        """The neuron and its loss over one batch, x (k, n) and y (k,)."""
        tape, z, answer = self.neuron(parameters, x)
        labels = tape.input("y", y)  # (k,)

        with tape.phase("loss"):
            error = tape.name("e", answer - labels)  # (k,): 1 is "fired, and should not have"
            # Rosenblatt's rule, w ← w + η·(y − ŷ)·x, is no slope of the squared error: a threshold has none. It is the
            # slope of (ŷ − y)·z, how far z is on the wrong side, which is 0 where the answer is right.
            threshold = self.activation == "threshold"
            each = tape.name("q", error * z if threshold else square(error))  # (k,)
            loss = tape.name("L", mean(each))  # (): one number for the whole batch

        # Backward: the same operations in reverse order, each multiplying by its slope.
        tape.differentiate(loss)
        return tape

    def step(self) -> Iterator[Moment]:
        """One batch: answer, compare, find the slopes, move every weight against its own."""
        if self.steps_per_epoch > 1:
            self.tape = self.draw_batch()
        yield from self.tape.forward()  # ŷ = f(Σ w·x + b)
        yield from self.tape.loss()  # L = Σ(ŷ − y)²/k, or Σ(ŷ − y)·z/k for the threshold
        yield from self.tape.backward()  # ∂L/∂w = Σ x·∂L/∂u and ∂L/∂b = Σ ∂L/∂z
        yield from self.tape.update()  # v ← μ·v + ∂L/∂w, then w ← w − η·v
        if self.descent.update.any():
            self.corrected = self.descent.steps
        self.metrics = self.measured()

    def measured(self) -> dict[str, float]:
        """What the tape has computed, in figures."""
        loss, norm = self.tape.objective.value.item(), math.hypot(*self.weights.gradient.tolist())
        return {"loss": loss, "grad_norm": norm, "accuracy": self.accuracy()}

    def draw_batch(self) -> Tape:
        """The tape for this step's examples, with the examples in its buffers."""
        self.rows = self.batches.rows(self.descent.steps)
        x, y = self.buffers[len(self.rows)]
        np.take(self.x, self.rows, axis=0, out=x, mode="clip")  # all rows are valid: "clip" only spares numpy a copy
        np.take(self.y, self.rows, out=y, mode="clip")
        return self.tapes[len(self.rows)]

    def accuracy(self) -> float:
        """The part of all examples that the weights, as the step leaves them, answer rightly."""
        said = self.answers.at(self.weights.values).says_one
        return float(np.mean(said == (self.examples.labels == 1)))

    def change(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self.descent.learning_rate = value
        elif name == "momentum":
            self.descent.momentum = value
        else:
            super().change(name, value)

    def state(self) -> State:
        # The batch of a step follows from the seed and the number of the step, which the optimizer counts.
        return {**self.descent.state(), "corrected": np.array(self.corrected)}

    def restore(self, state: State) -> None:
        self.descent.restore(state)
        self.corrected = int(state["corrected"])
        self.tape = self.draw_batch()
        for tape in self.tapes.values():
            tape.reached = -1
        vars(self).pop("pictures", None)  # new ones need show no more than lies around here

    def parameters(self) -> list[Parameter]:
        return self.descent.described()

    def check_gradients(self) -> list[GradientCheck]:
        with np.errstate(all="ignore"):
            return check_gradients(self.model(self.weights.copy(), self.x[self.rows], self.y[self.rows]))

    def views(self) -> list[View]:
        with np.errstate(all="ignore"):
            return self.pictures.views(self.answers.at(self.weights.values), self.weights, int(self.rows[0]))

    def notes(self) -> list[str]:
        with np.errstate(all="ignore"):
            return list(
                self.remarks.sentences(self.answers.at(self.weights.values), self.descent.steps, self.corrected)
            )

    def ask(self, x: Array) -> Answers:
        """What this neuron says to x (k, n), asked on a tape of its own: training notices nothing."""
        return Answers(*self.neuron(self.weights.copy(), x), middle=(self.low + 1) / 2)

    @cached_property
    def answers(self) -> Answers:
        """What it says to all examples."""
        return self.ask(self.x)

    @cached_property
    def pictures(self) -> Pictures:
        """What draws this neuron."""
        return Pictures(self.examples, self.activation, self.y, self.ask)

    @cached_property
    def remarks(self) -> Remarks:
        """What there is to say about this neuron."""
        return Remarks(self.examples, self.activation, self.steps_per_epoch)


def batch_size(settings: Mapping[str, Any], examples: int) -> int:
    """The number of examples a step looks at. Raises BadInput for more than there are."""
    size: int = examples if settings["batch_size"] == "all" else settings["batch_size"]
    if size > examples:
        raise BadInput(
            f"batch_size is {size}, but there are only {examples} examples: give {examples} or fewer, or all."
        )
    return size
