"""How well a network does on all training examples and on all held-out ones, without leaving a trace in training."""

import numpy as np

from tui_lab.lab.batches import Batches
from tui_lab.lab.scenario import Array

from .layers import Layers
from .model import Model

_AT_ONCE = 8192
"""Examples that go through the network together: more would need much memory for the layers' outputs."""
EPOCHS = 60
"""Epochs that the history reaches back."""


class Evaluation:
    """Losses and accuracies of a model. `history` (2, EPOCHS) holds the training and held-out losses of the latest
    epochs, that of epoch e in column e mod EPOCHS; NaN where there is none."""

    def __init__(self, model: Model) -> None:
        trained = model.examples.trained
        self.training = Part(model, 0, trained)
        self.held_out = Part(model, trained, len(model.x)) if model.examples.held_out else None
        self._with_accuracy = bool(model.task.classes)
        self.history: Array = np.full((2, EPOCHS), np.nan)

    def of_epoch(self, epoch: int) -> dict[str, float]:
        """The metrics at the end of an epoch, which the history remembers."""
        metrics = self.now()
        self.history[:, epoch % EPOCHS] = metrics["training_loss"], metrics.get("held_out_loss", np.nan)
        return metrics

    def now(self) -> dict[str, float]:
        """The metrics where the parameters stand."""
        loss, right = self.training.measure()
        metrics = {"training_loss": loss}
        if self._with_accuracy:
            metrics["accuracy"] = right
        if self.held_out:
            metrics["held_out_loss"], right = self.held_out.measure()
            if self._with_accuracy:
                metrics["held_out_accuracy"] = right
        return metrics

    def recent(self, epoch: int) -> Array:
        """The history up to `epoch`, oldest first, (2, as many epochs as it has)."""
        order = np.arange(max(epoch - EPOCHS, 0) + 1, epoch + 1) % EPOCHS
        return self.history[:, order]


class Part:
    """The examples from `start` to `end`, gone through in pieces of at most _AT_ONCE."""

    def __init__(self, model: Model, start: int, end: int) -> None:
        self._model, self.start, self.count = model, start, end - start
        self.labels = model.examples.labels[start:end]
        self._pieces = Batches(self.count, min(self.count, _AT_ONCE), shuffle=False, seed=0)
        self._tapes = {}
        for size in self._pieces.sizes:
            x, y = np.zeros((size, model.x.shape[1]), order="F"), np.zeros((size, model.y.shape[1]), order="F")
            self._tapes[size] = (x, y, *self._record(x, y))
        self._load(0)

    def _record(self, x: Array, y: Array) -> tuple[Layers, Array]:
        layers = self._model.network(self._model.weights.shared(), x)
        with layers.tape.phase("loss"):
            targets = layers.tape.input("y", y)
            loss = self._model.task.loss(layers.sums[-1], layers.outputs[-1], targets)
        return layers, loss.value

    def measure(self) -> tuple[float, float]:
        """The mean loss, and the part of the examples that are answered rightly."""
        loss, right = 0.0, 0
        for piece in range(self._pieces.per_epoch):
            layers, rows, found = self.run(piece)
            loss += found.item() * (rows.stop - rows.start)
            if self._model.task.classes:
                right += int(np.count_nonzero(self._model.task.decide(layers.answers) == self.labels[rows]))
        return loss / self.count, right / self.count

    def run(self, piece: int) -> tuple[Layers, slice, Array]:
        """One piece gone through: its layers, which of the examples it has, and its loss."""
        size = self._load(piece) if self._pieces.per_epoch > 1 else self.count
        _, _, layers, loss = self._tapes[size]
        begin = piece * self._pieces.size
        return layers.run(), slice(begin, begin + size), loss

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        return self._pieces.per_epoch

    def decisions(self) -> Array:
        """What the network decides about each example, (count,)."""
        return np.concatenate([self._model.task.decide(self.run(piece)[0].answers) for piece in range(self.pieces)])

    def _load(self, piece: int) -> int:
        rows = self._pieces.rows(piece)
        x, y, _, _ = self._tapes[len(rows)]
        x[...] = self._model.x[self.start + rows]
        y[...] = self._model.y[self.start + rows]
        return len(rows)
