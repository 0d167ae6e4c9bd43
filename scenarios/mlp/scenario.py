"""A multi-layer perceptron: layers of neurons, each a weighted sum of the layer before and an activation of it.

    a = f(x·W + b), and the next layer takes a for x.

A superset of TensorFlow Playground: with its data, its initial weights and its order of examples this trains as nn.ts
does. The loss of a network is no bowl: exchange two neurons of a layer with all their weights: it computes the same.
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
from tui_lab.lab.matrix import affine
from tui_lab.lab.optimizers import optimizer
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.penalty import penalise
from tui_lab.lab.scenario import Array, GradientCheck, Moment, Parameter, State
from tui_lab.lab.tape import Tape
from tui_lab.lab.tape_scenario import TapeScenario
from tui_lab.lab.tensor import Tensor
from tui_lab.lab.views import View

from .architecture import activations, hidden_widths, initial_values
from .evaluation import Evaluation
from .examples import read_examples
from .features import features_of
from .layers import Layers
from .pictures import Pictures
from .remarks import Remarks
from .script import pytorch_script
from .task import task_of


class MultiLayerPerceptron(TapeScenario):
    """The whole training loop: batch, forward, loss, backward, update; and after each epoch, evaluate."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        # Data: features x (n, k), with a column of ones after them for the biases, and targets y (n, m). The first
        # `trained` of the n examples are learned from.
        self.examples = read_examples(settings)
        self.features = features_of(settings, self.examples)
        self.task = task_of(settings, self.examples)
        self.x = np.append(self.features.of(self.examples.x), np.ones((len(self.examples.x), 1)), axis=1)
        self.y = self.task.targets(self.examples.labels)
        trained = self.examples.trained
        self.batches = Batches(trained, batch_size(settings, trained), settings["shuffle"], seed)
        self.steps_per_epoch = self.batches.per_epoch

        # Model: for each layer weights (in, out) and biases (out,), all of them in one vector.
        hidden = hidden_widths(settings["layers"])
        self.widths = [len(self.features.names), *hidden, self.task.outputs]
        self.activations = activations(settings["activation"], len(hidden))
        self.weights = initial_values(settings, self.widths, seed)

        # Optimizer: how a gradient becomes a step, and what large weights cost.
        self.optimizer = optimizer(settings["optimizer"], self.weights, settings["learning_rate"], settings["momentum"])
        penalise(self.optimizer, settings["l1"], settings["l2"])

        # A tape for each size of batch, over buffers that each step fills. All share the weights.
        self.buffers = {
            n: (np.zeros((n, self.x.shape[1])), np.zeros((n, self.task.outputs))) for n in self.batches.sizes
        }
        self.tapes = {n: self.model(self.weights, x, y) for n, (x, y) in self.buffers.items()}
        for tape in self.tapes.values():
            self.optimizer.record(tape)
        self.tape = self.draw_batch()

        # Evaluation: the loss of all training examples and of all held-out ones, and how many are answered rightly.
        self.evaluation = Evaluation(self)

    def network(self, parameters: ParameterVector, x: Array) -> Layers:
        """What the network makes of features and ones x (n, k + 1), from left to right."""
        tape = Tape(parameters, pace=self)
        sums, outputs = list[Tensor](), [tape.input("x", x[:, :-1], padded=x)]

        with tape.phase("forward"):
            for number in range(1, len(self.widths)):
                weights, biases = tape.parameter(f"layer{number}.W"), tape.parameter(f"layer{number}.b")
                z = tape.name(f"z{number}", affine(outputs[-1], weights, biases))  # (n, width): weighted sums
                if number <= len(self.activations):
                    activation = ACTIVATIONS[self.activations[number - 1]]
                    outputs.append(tape.name(f"a{number}", activation(z)))  # (n, width): what the neurons say
                sums.append(z)
            answer = tape.name("ŷ", self.task.answer(sums[-1]))  # (n, m): what the network says
        return Layers(tape, sums, [*outputs, answer])

    def model(self, parameters: ParameterVector, x: Array, y: Array) -> Tape:
        """The network and its loss over the examples of one batch, x (n, k + 1) and y (n, m)."""
        layers = self.network(parameters, x)
        tape = layers.tape
        targets = tape.input("y", y)  # (n, m)

        with tape.phase("loss"):
            loss = tape.name("L", self.task.loss(layers.sums[-1], layers.outputs[-1], targets))  # ()

        # Backward: the same operations in reverse order. Each layer hands the layer before it the gradient of what
        # that said, ∂L/∂a = ∂L/∂z·Wᵀ, and keeps its own, ∂L/∂W = aᵀ·∂L/∂z and ∂L/∂b = Σ ∂L/∂z.
        tape.differentiate(loss)
        return tape

    def step(self) -> Iterator[Moment]:
        """One batch: answer, compare, find the slopes, move every weight against its own."""
        if self.steps_per_epoch > 1:
            self.tape = self.draw_batch()
        yield from self.tape.forward()  # a = f(x·W + b), layer by layer
        yield from self.tape.loss()  # L = Σ½(ŷ − y)²/n, or −Σ y·log ŷ/n
        yield from self.tape.backward()  # ∂L/∂W and ∂L/∂b, from the last layer to the first
        yield from self.tape.update()  # w ← w − η·∂L/∂w, or as the optimizer has it
        self.metrics = self.measured()
        if self.optimizer.steps % self.steps_per_epoch == 0:
            self.metrics |= self.evaluation.of_epoch(self.optimizer.steps // self.steps_per_epoch)

    def measured(self) -> dict[str, float]:
        """What the tape has found for its batch."""
        gradient = self.weights.gradient
        return {"loss": self.tape.objective.value.item(), "grad_norm": math.sqrt(gradient.dot(gradient))}

    def draw_batch(self) -> Tape:
        """The tape for this step's examples, with the examples in its buffers."""
        self.rows = self.batches.rows(self.optimizer.steps)
        x, y = self.buffers[len(self.rows)]
        self.x.take(self.rows, 0, x, "clip")  # all rows are valid: "clip" only spares numpy a copy
        self.y.take(self.rows, 0, y, "clip")
        return self.tapes[len(self.rows)]

    def change(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self.optimizer.learning_rate = value
        elif name == "momentum" and isinstance(self.optimizer, MomentumDescent):
            self.optimizer.momentum = value
        elif name == "momentum":
            raise BadInput("This run's optimizer has no momentum: start a run with optimizer=momentum.")
        else:
            super().change(name, value)

    def state(self) -> State:
        # The batch of a step follows from the seed and the number of the step, which the optimizer counts.
        return {**self.optimizer.state(), "history": self.evaluation.history.copy()}

    def restore(self, state: State) -> None:
        self.optimizer.restore(state)
        self.evaluation.history[:] = state["history"]
        self.tape = self.draw_batch()
        for tape in self.tapes.values():
            tape.reached = -1

    def refresh(self) -> None:
        super().refresh()
        self.metrics |= self.evaluation.now()

    def parameters(self) -> list[Parameter]:
        return self.optimizer.described()

    def check_gradients(self) -> list[GradientCheck]:
        with np.errstate(all="ignore"):
            return check_gradients(self.model(self.weights.copy(), self.x[self.rows], self.y[self.rows]))

    def views(self) -> list[View]:
        with np.errstate(all="ignore"):
            return list(self.pictures.views(int(self.rows[0])))

    def notes(self) -> list[str]:
        with np.errstate(all="ignore"):
            return list(self.remarks.sentences())

    def script(self) -> str:
        return pytorch_script(self)

    @cached_property
    def pictures(self) -> Pictures:
        """What draws this network."""
        return Pictures(self, self.evaluation)

    @cached_property
    def remarks(self) -> Remarks:
        """What there is to say about this network."""
        return Remarks(self, self.evaluation)


def batch_size(settings: Mapping[str, Any], examples: int) -> int:
    """The number of examples a step looks at. Raises BadInput for more than there are."""
    size: int = examples if settings["batch_size"] == "all" else settings["batch_size"]
    if size > examples:
        count = "is only 1 training example" if examples == 1 else f"are only {examples} training examples"
        raise BadInput(f"batch_size is {size}, but there {count}: give {examples} or fewer, or all.")
    return size
