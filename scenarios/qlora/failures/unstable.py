"""Failure 9: divergence, a learning rate that is too hot, overfitting. Rules over the latest steps' raw numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .finding import Finding, Weight

Array = NDArray[np.float64]
WINDOW = 20
"""Steps that a median or a mean is taken over."""
_NOW = 5
"""Steps that are `now`: the loss of a single batch is mostly noise."""
RISEN = 1.5
"""Times its median of the steps before, from which a loss has risen."""
LEAST_RISE = 0.1
"""And by how many nats at least: twice nearly nothing is nothing."""
_SURE = 4.0
"""Times the standard error of the difference of two windows' means, which is noise."""
SPIKE = 10.0
"""Times its median, from which a gradient stands out."""
_LARGE = 1.0
"""A norm up to which nothing stands out where nothing is clipped: 10 times nearly nothing is nothing."""
MOSTLY = 0.95
"""The share of steps that must be clipped to speak of it."""
MEANT = 0.5
"""A limit of the gradient up to which being clipped is what it is for; the paper's is 0.3."""
TOO_FAR = 0.3
"""‖ΔW‖/‖W‖ from which a layer has left what it was trained to be."""
RISES = 3
"""Evaluations in a row."""
_WORSE = 1.05
"""Times its least, from which a held-out loss has risen."""
_STAIR = 0.1
"""The part of the loss that must fall at an epoch's end."""


def rising_loss(losses: Array, learning_rate: float) -> Finding | None:
    """The latest steps' losses, oldest first: above 1.5 times their median, or rising for three windows."""
    if len(losses) < WINDOW + _NOW:
        return None
    now, before = float(np.median(losses[-_NOW:])), float(np.median(losses[-WINDOW - _NOW : -_NOW]))
    if now > max(RISEN * before, before + LEAST_RISE):
        evidence = (
            f"the median loss of the last {_NOW} steps is {now:.3g}, that of the {WINDOW} before was {before:.3g}"
        )
    else:
        windows = losses[len(losses) % WINDOW :].reshape(-1, WINDOW)[-RISES - 1 :]
        means, noise = windows.mean(axis=1), float(windows.std(axis=1).mean()) * math.sqrt(2 / WINDOW)
        if len(means) <= RISES or not (np.diff(means) > 0).all() or means[-1] - means[0] < LEAST_RISE + _SURE * noise:
            return None
        evidence = (
            f"the mean loss of each {WINDOW} steps has risen {RISES} times, from {means[0]:.3g} to {means[-1]:.3g}"
        )
    return Finding(Weight.FAILURE, "Diverging", evidence, *_too_hot(learning_rate))


def _too_hot(learning_rate: float) -> tuple[str, str]:
    return (
        f"a learning rate of {learning_rate:g} is too high (alpha/rank multiplies it)",
        f"go back to before it rose and set learning_rate={learning_rate / 3:.1g}",
    )


def gradient_spike(norms: Array, step: int, limit: float) -> Finding | None:
    """Norms before clipping, oldest first, the last one of `step`: one that stands out, and whether clipping met it."""
    for back in range(1, min(WINDOW, len(norms) - WINDOW) + 1):
        place = len(norms) - back
        usual = float(np.median(norms[place - WINDOW : place]))
        if norms[place] > max(SPIKE * usual, limit if limit < np.inf else _LARGE):
            return Finding(
                Weight.REMARK if limit < np.inf else Weight.FAILURE,
                "A gradient stood out",
                f"in step {step - back + 1} its norm was {norms[place]:.3g}, {norms[place] / usual:.0f} times the "
                "median",
                "a batch unlike the others, or a learning rate near its limit",
                f"it was shortened to {limit:g}" if limit < np.inf else "set max_grad_norm, 0.3 is the paper's",
            )
    return None


def clipped(norms: Array, limit: float) -> Finding | None:
    """Whether nearly every step's gradient was shortened: meant at a limit of 0.3, a sign at a large one."""
    latest = norms[-3 * WINDOW :]
    share = float((latest > limit).mean()) if len(latest) >= WINDOW else 0.0
    if share <= MOSTLY:
        return None
    evidence = (
        f"in {share:.0%} of the last {len(latest)} steps the gradient was longer than {limit:g} and was shortened"
    )
    if limit <= MEANT:
        cause = "at such a limit that is meant, and no failure: the step's length is then the learning rate's alone"
        return Finding(Weight.REMARK, "Clipping", evidence, cause, "")
    return Finding(
        Weight.FAILURE,
        "Clipping",
        evidence,
        f"the gradient is large, {float(np.median(latest)):.3g} in the median",
        "lower learning_rate, or look for bad examples",
    )


def too_far(changes: Sequence[tuple[int, str, float]], last_step: int, worse: bool) -> Finding | None:
    """‖ΔW‖/‖W‖ of the layer that has changed most, at the steps where it was measured, oldest first: above 0.3, or
    growing in a line that will be there before the end. It is a failure where held-out examples are answered `worse`
    than before."""
    if not changes:
        return None
    step, layer, ratio = changes[-1]
    if ratio > TOO_FAR:
        evidence = f"‖ΔW‖/‖W‖ is {ratio:.2f} in {layer} at step {step}, above {TOO_FAR:g}"
        return Finding(Weight.FAILURE if worse else Weight.REMARK, "Far from the base", evidence, *_forgets())
    reached = _in_a_line(changes)
    if reached is None or reached > last_step:
        return None
    evidence = f"‖ΔW‖/‖W‖ is {ratio:.2f} in {layer} and grows in a line: it passes {TOO_FAR:g} at about step {reached}"
    return Finding(Weight.REMARK, "Moving far from the base", evidence, *_forgets())


def _forgets() -> tuple[str, str]:
    return (
        "so large a change may cost the model what it could do before",
        "try other prompts, and lower learning_rate or alpha if it does",
    )


def _in_a_line(changes: Sequence[tuple[int, str, float]]) -> int | None:
    """The step at which a steady growth reaches the limit, None where it is not steady."""
    if len(changes) < RISES + 2:
        return None
    steps = np.array([step for step, _, _ in changes[-RISES - 2 :]], float)
    ratios = np.array([ratio for _, _, ratio in changes[-RISES - 2 :]])
    slopes = np.diff(ratios) / np.diff(steps)
    if slopes.min() <= 0 or slopes.min() < 0.8 * slopes.max():
        return None
    return int(steps[-1] + (TOO_FAR - ratios[-1]) / slopes.mean())


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation: the held-out loss at a step, and the mean training loss of the steps since the one before."""

    step: int
    held_out: float
    training: float


def is_worse(evaluations: Sequence[Evaluated]) -> bool:
    """Whether the held-out loss has risen above its least."""
    return bool(evaluations) and evaluations[-1].held_out > _WORSE * min(each.held_out for each in evaluations)


def overfitting(evaluations: Sequence[Evaluated]) -> Finding | None:
    """Held-out loss above its least for three evaluations and more, while the training loss fell."""
    if not evaluations:
        return None
    best, last = min(evaluations, key=lambda each: each.held_out), evaluations[-1]
    since = sum(each.step > best.step for each in evaluations)
    if since < RISES or not is_worse(evaluations) or last.training >= best.training:
        return None
    return Finding(
        Weight.FAILURE,
        "Overfitting",
        f"in {since} evaluations since step {best.step} the held-out loss has risen from {best.held_out:.3g} to "
        f"{last.held_out:.3g}, while the training loss fell from {best.training:.3g} to {last.training:.3g}",
        "the adapter learns the training examples by heart",
        f"go back to step {best.step}, or train on more examples, with dropout or a lower rank",
    )


def staircase(epochs: Sequence[tuple[float, float]]) -> Finding | None:
    """Of each epoch the mean loss of its first and its last part: falling where an epoch begins, flat within."""
    if len(epochs) < 3:
        return None
    drops = [before[1] - after[0] for before, after in zip(epochs[-3:], epochs[-2:], strict=False)]
    slopes = [abs(first - last) for first, last in epochs[-2:]]
    if min(drops) < _STAIR * epochs[-3][1] or max(slopes) > 0.5 * min(drops):
        return None
    steps = ", ".join(f"{drop:.2g}" for drop in drops)
    return Finding(
        Weight.FAILURE,
        "Learning by heart",
        f"the training loss falls in stairs: at the ends of the last epochs by {steps}, within them by at most "
        f"{max(slopes):.2g}",
        "each example is remembered from the pass before",
        "fewer epochs, more examples, or a lower learning_rate",
    )
