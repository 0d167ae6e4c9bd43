"""What a person should know about a network right now, each in one sentence with its evidence."""

from collections.abc import Iterator

import numpy as np

from tui_lab.lab.scenario import Array

from .evaluation import Evaluation
from .model import Model

_SATURATED = 0.99
"""The size of a tanh from which it is called saturated: its slope is then below 0.02. A sigmoid is where σ is as near
its ends."""
_MUCH = 0.5
"""The part of a layer's outputs that must be saturated to be spoken of."""
_RATIO = 1e-3
"""How many times smaller (or larger) the first layer's gradient must be than the last one's."""
_STILL, _STILL_EPOCHS = 1e-3, 20
"""A plateau: the loss moved by less than this part of itself in so many epochs."""
_WON = 1e-4
"""A loss below this may rest."""
_RISEN = 1.05
"""How much the held-out loss must have risen above its least to be called overfitting."""
_SINCE = 10
"""And for how many epochs at least: a single bad one is no trend."""
_BLOWN_UP = 3.0
"""How much the training loss must have risen above its least to be called divergence."""


class Remarks:
    """Speaks about a model and its evaluation."""

    def __init__(self, model: Model, evaluation: Evaluation) -> None:
        self.model, self.evaluation = model, evaluation

    def sentences(self) -> Iterator[str]:
        """All that applies, the most urgent first."""
        epoch = self.model.optimizer.steps // self.model.steps_per_epoch
        training, held_out = self.evaluation.recent(epoch)
        yield from self.about_divergence(training, epoch)
        hidden = self.evaluation.training.run(0)[0].hidden
        for number, (name, outputs) in enumerate(zip(self.model.activations, hidden, strict=True), 1):
            yield from self.about_saturation(number, name, outputs)
            yield from self.about_dead(number, name, outputs)
            yield from self.about_twins(number)
        yield from self.about_gradients()
        yield from self.about_plateau(training)
        yield from self.about_overfitting(training, held_out, epoch)
        yield from self.about_classes()

    def about_divergence(self, training: Array, epoch: int) -> Iterator[str]:
        """Whether the loss grows instead of shrinking."""
        if training.size < 2 or not np.isfinite(training).all():
            return
        lowest, now = int(training.argmin()), float(training[-1])
        if now > _BLOWN_UP * training[lowest] and now > training[0]:
            yield (
                f"The training loss is {now:.3g} and was {training[lowest]:.3g} at the end of epoch "
                f"{epoch - training.size + 1 + lowest}: the learning rate {self.model.optimizer.learning_rate:g} "
                "overshoots."
            )

    def about_saturation(self, number: int, name: str, outputs: Array) -> Iterator[str]:
        """Whether a layer's neurons are at the ends of their range, where slopes are nearly 0."""
        if name not in ("tanh", "sigmoid"):
            return
        ends = np.abs(outputs) > _SATURATED if name == "tanh" else np.abs(outputs - 0.5) > _SATURATED - 0.5
        share = float(ends.mean())
        if share > _MUCH:
            where = (
                f"|tanh| > {_SATURATED}" if name == "tanh" else f"σ below {1 - _SATURATED:.2g} or above {_SATURATED}"
            )
            yield f"Layer {number} is saturated: {share:.0%} of its outputs have {where}, and hardly a gradient passes."

    def about_dead(self, number: int, name: str, outputs: Array) -> Iterator[str]:
        """Which ReLU neurons never fire."""
        if name != "relu":
            return
        dead = np.flatnonzero(~(outputs > 0).any(axis=0))
        if dead.size:
            listed = ", ".join(f"a{number}[{i}]" for i in dead[:4]) + (", …" if dead.size > 4 else "")
            yield (
                f"{dead.size} of {outputs.shape[1]} ReLU neurons of layer {number} are dead ({listed}): they say 0 to "
                f"all {len(outputs)} training examples, so no gradient reaches their weights."
            )

    def about_twins(self, number: int) -> Iterator[str]:
        """Whether all neurons of a layer are one and the same."""
        part, values = self.model.weights.part, self.model.weights.values
        weights, biases = part(f"layer{number}.W", values), part(f"layer{number}.b", values)
        onward = part(f"layer{number + 1}.W", values)
        alike = (weights == weights[:, :1]).all() and (biases == biases[0]).all() and (onward == onward[0]).all()
        if len(biases) > 1 and alike:
            yield (
                f"All {len(biases)} neurons of layer {number} have the same weights, so they get the same gradient and "
                "stay the same: start from random weights."
            )

    def about_gradients(self) -> Iterator[str]:
        """Whether the gradient vanishes or explodes on its way back through the layers."""
        model, last = self.model, len(self.model.widths) - 1
        if last < 3 or not model.optimizer.steps:
            return
        first_size, last_size = (_size(model.weights.part(f"layer{i}.W", model.weights.gradient)) for i in (1, last))
        if not (0 < first_size < np.inf and 0 < last_size < np.inf):
            return
        ratio = first_size / last_size
        if ratio < _RATIO or ratio > 1 / _RATIO:
            what = "vanishes" if ratio < 1 else "explodes"
            yield (
                f"The gradient {what} on its way back: an entry of ∂L/∂layer1.W is {first_size:.2g}, one of "
                f"∂L/∂layer{last}.W {last_size:.2g}, {ratio:.2g} times as much."
            )

    def about_plateau(self, training: Array) -> Iterator[str]:
        """Whether the loss has stopped to move."""
        latest = training[-_STILL_EPOCHS:]
        if len(latest) < _STILL_EPOCHS or not np.isfinite(latest).all() or latest[-1] < _WON:
            return
        if np.ptp(latest) < _STILL * latest[-1]:
            yield (
                f"Plateau: in {_STILL_EPOCHS} epochs the training loss moved by {np.ptp(latest):.2g} only; it is "
                f"{latest[-1]:.4g}."
            )

    def about_overfitting(self, training: Array, held_out: Array, epoch: int) -> Iterator[str]:
        """Whether the network gets better on what it learns from and worse on what it has never seen."""
        if held_out.size < _STILL_EPOCHS or not np.isfinite(held_out).all():
            return
        best = int(held_out.argmin())
        long_ago = held_out.size - best > _SINCE
        if long_ago and held_out[-1] > _RISEN * held_out[best] and training[-1] < training[best]:
            yield (
                f"Overfitting: since the end of epoch {epoch - held_out.size + 1 + best} the held-out loss rose from "
                f"{held_out[best]:.4g} to {held_out[-1]:.4g}, while the training loss fell from {training[best]:.4g} "
                f"to {training[-1]:.4g}."
            )

    def about_classes(self) -> Iterator[str]:
        """Which classes cannot be learned."""
        examples = self.model.examples
        learned = set(examples.labels[: examples.trained].tolist())
        missing = [name for i, name in enumerate(examples.class_names) if i not in learned]
        if missing:
            yield f"No training example is of class {', '.join(missing[:5])}: shuffle, or raise train_share."


def _size(array: Array) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(array))))
