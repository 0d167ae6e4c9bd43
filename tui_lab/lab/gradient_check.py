"""The gradient check: entries of a tape's gradient beside central differences of its loss."""

from collections.abc import Iterable

import numpy as np

from tui_lab.lab.equation import entry_name
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, GradientCheck
from tui_lab.lab.tape import Tape

_STEP = float(np.cbrt(np.finfo(np.float64).eps))
"""Of the size of w: where the error of the formula, ~h², and that of rounding, ~ε/h, are about equal."""

_ROUNDINGS = 8
"""How many units in the last place the loss, a sum of many rounded numbers, may be off."""


def check_gradients(tape: Tape, sample: Iterable[int] | None = None) -> list[GradientCheck]:
    """Compare ∂L/∂w with (L(w+h) − L(w−h)) / 2h for every entry w of the tape's parameters, or for a sample of them,
    given by their indices in the vector of all.

    The tape is run many times: give one that was recorded over a copy of the parameters.
    """
    tape.run()
    analytic, names = tape.parameters.gradient.copy(), _entries(tape.parameters)
    wanted = range(len(names)) if sample is None else sample
    return [GradientCheck(names[i], float(analytic[i]), *_difference(tape, i)) for i in wanted]


def _difference(tape: Tape, i: int) -> tuple[float, float]:
    """The central difference of entry i, and how far rounding may have moved it."""
    values: Array = tape.parameters.values
    kept = values[i]
    step = _STEP * max(1.0, abs(kept))
    above, below = kept + step, kept - step
    losses = []
    for value in (above, below):
        values[i] = value
        tape.run()
        losses.append(float(tape.objective.value))
    values[i] = kept
    width = float(above - below)  # what was really added, after rounding
    rounding = _ROUNDINGS * float(np.finfo(np.float64).eps) * max(map(abs, losses)) / width
    return (losses[0] - losses[1]) / width, rounding


def _entries(parameters: ParameterVector) -> list[str]:
    return [entry_name(name, index) for name, shape in parameters.shapes.items() for index in np.ndindex(shape)]
