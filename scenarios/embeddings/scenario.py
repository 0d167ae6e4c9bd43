"""Embeddings: how things become vectors, and how the vectors are learned.

A network computes with numbers, so a word or a piece of a picture must first become a row of numbers, its vector.
Nobody writes those numbers: they are parameters. Two words that are used alike get similar vectors, because the same
questions are asked of both. Of a picture's patch, the few numbers are kept from which it can best be drawn again.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tui_lab.lab.descent import MomentumDescent
from tui_lab.lab.errors import BadInput
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.losses import half_squared_error
from tui_lab.lab.matrix import matmul
from tui_lab.lab.optimizers import optimizer
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, GradientCheck, Moment, Parameter, State
from tui_lab.lab.tape import Tape
from tui_lab.lab.tape_scenario import TapeScenario
from tui_lab.lab.tensor import Tensor
from tui_lab.lab.views import View

from .agreement import Agreement, NegativeSampling
from .picture import Picture, is_picture
from .questions import Questions
from .rows import Rows
from .text import Text

_HELD_OUT_EVERY = 20
"""Steps from one look at the held-out text to the next."""
_CHECKED = 20
"""Entries of each parameter whose gradient a check measures: all of them would take minutes."""


class Embeddings(TapeScenario):
    """A text's words or a picture's patches, two matrices, and the loss by which these are learned."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        # Data: the words of a text, each known by its number; or the patches of a picture, each a row of colours.
        self.subject = Picture(settings) if is_picture(settings) else Text(settings, seed)
        self.steps_per_epoch = self.subject.per_epoch

        # Model: V has a row for each word of the vocabulary, its vector: (v, d). U has another row for it, which says
        # near what the word stands: (v, d). Of a picture, E makes d numbers of a patch, and D a patch of d numbers.
        self.weights = ParameterVector(self.subject.initial_values(seed))

        # Optimizer: how a gradient becomes a step.
        self.optimizer = optimizer(settings["optimizer"], self.weights, settings["learning_rate"], settings["momentum"])

        # Tapes: one to learn on, and one that only looks, for the questions of the held-out text.
        self.tape = self.model(self.weights)
        self.optimizer.record(self.tape)
        self.held_out = self.held_out_tape()
        self.subject.draw(0)

    def words(self, tape: Tape, questions: Questions) -> Tensor:
        """Forward and loss for the n questions of a batch: which words stand near the word given?"""
        V, U = tape.parameter("V"), tape.parameter("U")  # (v, d) and (v, d)
        c, shares = tape.input("c", questions.given), tape.input("a", questions.shares)  # (n, m): ids, and 1 or 1/m
        o, y = tape.input("o", questions.asked), tape.input("y", questions.answers)  # (n, 1 + k): ids, and 1, 0, …, 0

        with tape.phase("forward"):
            # An id is the number of a row. CBOW takes the mean of the rows of all m words around.
            v = tape.name("v", tape.record(Rows(V, c, shares)))  # (n, d)
            # How well it agrees with each word asked for: the more, the oftener the two are to stand together.
            s = tape.name("s", tape.record(Agreement(v, U, o)))  # (n, 1 + k)

        with tape.phase("loss"):
            # σ(s) is the probability of "yes, these stand together": it should be high for the first, low for the k
            # that were drawn at random.
            return tape.name("L", tape.record(NegativeSampling(s, y)))  # ()

    def patches(self, tape: Tape, picture: Picture) -> Tensor:
        """Forward and loss for the n patches of a picture: can they be drawn again from d numbers each?"""
        x = tape.input("x", picture.patches.x)  # (n, p): red, green, blue of each pixel, less the mean patch
        E, D = tape.parameter("E"), tape.parameter("D")  # (p, d) and (d, p)

        with tape.phase("forward"):
            v = tape.name("v", matmul(x, E))  # (n, d): each patch as a vector
            again = tape.name("x̂", matmul(v, D))  # (n, p): and as a patch again

        with tape.phase("loss"):
            return tape.name("L", half_squared_error(again, x))  # ()

    def model(self, parameters: ParameterVector) -> Tape:
        """One of the two, and its gradient: the same operations in reverse order. Into a table the gradient of a row
        is brought back to where the row was taken from; a row that was not asked for has the gradient 0."""
        tape, subject = Tape(parameters, pace=self), self.subject
        loss = self.patches(tape, subject) if isinstance(subject, Picture) else self.words(tape, subject.training)
        tape.differentiate(loss)
        return tape

    def step(self) -> Iterator[Moment]:
        """One batch: look up, compare, find the slopes, move every vector against its own."""
        self.subject.pass_by(self.optimizer.steps, self.values)
        self.subject.draw(self.optimizer.steps)
        yield from self.tape.forward()  # v = V[c], s = v·U[o]; or v = x·E, x̂ = v·D
        yield from self.tape.loss()  # L = −Σ log σ(±s)/n; or Σ½(x̂ − x)²/n
        yield from self.tape.backward()  # ∂L/∂U and ∂L/∂V; or ∂L/∂D and ∂L/∂E
        yield from self.tape.update()  # w ← w − η·∂L/∂w, or as the optimizer has it
        self.metrics = self.measured()

    def measured(self) -> dict[str, float]:
        """What the tape has found for its batch; now and then also the loss of the held-out text."""
        # No dot product: for so many numbers the library would start threads, and wait for them on a busy machine.
        metrics = {
            "loss": self.tape.objective.value.item(),
            "grad_norm": math.sqrt(np.square(self.weights.gradient).sum()),
        }
        if self.held_out and self.optimizer.steps % _HELD_OUT_EVERY == 0:
            self.held_out.run()
            metrics["held_out_loss"] = self.held_out.objective.value.item()
            self.subject.judge(self.optimizer.steps, metrics["held_out_loss"])
        return metrics

    def held_out_tape(self) -> Tape | None:
        """The same forward pass and loss for questions that are never learned from; None where nothing is held out."""
        if isinstance(self.subject, Picture) or self.subject.held_out is None:
            return None
        tape = Tape(self.weights.shared(), pace=self)
        tape.objective = self.words(tape, self.subject.held_out)
        return tape

    def change(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self.optimizer.learning_rate = value
        elif name == "momentum" and isinstance(self.optimizer, MomentumDescent):
            self.optimizer.momentum = value
        elif name == "momentum":
            raise BadInput("This run's optimizer has no momentum: start a run with optimizer=momentum.")
        else:
            self.subject.change(name, value)

    def state(self) -> State:
        # The questions of a step follow from the seed and the number of the step, which the optimizer counts.
        return {**self.optimizer.state(), **self.subject.state()}

    def restore(self, state: State) -> None:
        self.optimizer.restore(state)
        self.subject.restore(state)
        self.subject.draw(self.optimizer.steps)
        self.tape.reached = -1

    @property
    def values(self) -> dict[str, Array]:
        """The parameters by name, live."""
        return {name: self.weights.part(name, self.weights.values) for name in self.weights.shapes}

    def parameters(self) -> list[Parameter]:
        return self.optimizer.described()

    def check_gradients(self) -> list[GradientCheck]:
        """A sample of each parameter's entries, from the one with the largest gradient to the one with the least."""
        part, places = self.weights.part, np.arange(self.weights.values.size, dtype=np.float64)
        sample: list[int] = []
        for name in self.weights.shapes:
            order = np.argsort(-np.abs(part(name, self.weights.gradient).ravel()), kind="stable")
            evenly = np.linspace(0, order.size - 1, min(_CHECKED, order.size)).astype(np.intp)
            sample += [int(place) for place in part(name, places).ravel()[order[evenly]]]
        with np.errstate(all="ignore"):
            return check_gradients(self.model(self.weights.copy()), sample)

    def views(self) -> list[View]:
        with np.errstate(all="ignore"):
            return list(self.subject.views(self.tape))

    def notes(self) -> list[str]:
        with np.errstate(all="ignore"):
            return list(self.subject.sentences(self.tape, self.optimizer))
