"""What a person should know about a chain of functions right now, each in one sentence with its evidence."""

import math
from collections.abc import Iterator, Mapping

from tui_lab.lab.chain_rule import Gradient
from tui_lab.lab.tape import Tape

_RANGES = {
    "square": (0.0, math.inf),
    "sin": (-1.0, 1.0),
    "exp": (0.0, math.inf),
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
}
"""Between which values the functions stay that do not reach every number."""
_SMALL, _LARGE = 1e-3, 1e3
"""Products of slopes between y and f from which the gradient is said to vanish or to explode."""
_THERE = 1e-6
"""An error of this part of the target is none."""
_LEVEL = 1e-9
"""A gradient of this norm leads nowhere."""


class Remarks:
    """Speaks about a chain whose outermost function is `outermost`, and which should give `target`."""

    def __init__(self, outermost: str, target: float) -> None:
        self.outermost, self.target = outermost, target

    def sentences(self, here: Tape, latest: Mapping[str, float]) -> Iterator[str]:
        """All that applies where the tape `here` has been run; `latest` are the metrics of the latest step."""
        values, gradients = numbers(here)
        yield from self.about_reach()
        if abs(values["e"]) <= _THERE * max(1.0, abs(self.target)):
            yield f"Converged: y = {values['y']:.8g}, and the loss is {values['L']:.2g}."
            return
        yield from about_growth(values["L"], latest)
        blocked = list(about_zeros(here))
        yield from blocked
        if not blocked:
            yield from about_size(gradients)

    def about_reach(self) -> Iterator[str]:
        """Whether the outermost function can give the target at all."""
        low, high = _RANGES.get(self.outermost, (-math.inf, math.inf))
        if not low <= self.target <= high:
            nearest = min(max(self.target, low), high)
            yield (
                f"The target {self.target:g} is out of reach: h is {self.outermost}, and y stays on this side of "
                f"{nearest:g}, so that the loss is at least {(self.target - nearest) ** 2:.4g}."
            )


def numbers(tape: Tape) -> tuple[dict[str, float], dict[str, float]]:
    """The values and the gradients on a tape that has been run, by name."""
    values, gradients = {tape.objective.name: float(tape.objective.value)}, {}
    for operation, _ in tape.operations():
        for tensor in operation.inputs:
            values[tensor.name] = float(tensor.value)
            gradients[tensor.name] = math.nan if tensor.gradient is None else float(tensor.gradient)
    return values, gradients


def about_growth(loss: float, latest: Mapping[str, float]) -> Iterator[str]:
    """Whether the latest step made it worse."""
    before = latest.get("loss", math.inf)
    if loss > before:
        yield (
            f"The latest step raised the loss from {before:.4g} to {loss:.4g}: downhill at first, and then too far. A "
            "smaller learning rate goes less far."
        )


def about_zeros(tape: Tape) -> Iterator[str]:
    """The outermost place where a slope of 0 stops the gradient, on the way inwards rather than to a weight."""
    stopped = [gradient for gradient, _ in tape.gradients() if _stops(gradient)]
    for gradient in sorted(stopped, key=_reaches_weight)[:1]:
        name = gradient.operation.inputs[gradient.which].name
        who = f"{name} does" if _reaches_weight(gradient) else f"{name} and what lies inside it do"
        yield f"A local slope is 0, {gradient.numbers(())}: {who} not learn."


def _stops(gradient: Gradient) -> bool:
    flow = gradient.operation.output.gradient
    return flow is not None and abs(float(flow)) > 0 and float(gradient.operation.local_slope(gradient.which)) == 0


def _reaches_weight(gradient: Gradient) -> bool:
    return gradient.operation.inputs[gradient.which].name.startswith("w")


def about_size(gradients: Mapping[str, float]) -> Iterator[str]:
    """Whether the slopes between y and the innermost function multiply to very little or very much."""
    inner = gradients.get("a", gradients.get("u", math.nan))
    outer = gradients["y"]
    norm = math.hypot(*(gradients[name] for name in gradients if name.startswith("w")))
    if norm <= _LEVEL:
        yield f"Level ground: the gradient's norm is {norm:.2g}, though y is not the target; steps lead nowhere."
        return
    ratio = abs(inner / outer) if outer else math.nan
    if ratio < _SMALL or ratio > _LARGE:
        what = "vanishes" if ratio < _SMALL else "explodes"
        yield f"The gradient {what}: from y in to f the local slopes multiply to {ratio:.2g}."
