"""A loss that is exactly quadratic in its parameters, measured by a tape's own backward pass."""

import numpy as np

from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape


class Quadratic:
    """L(w) = least + ½·(w − minimum)ᵀ·hessian·(w − minimum), where `minimum` (P,) is one place of the least loss.

    `hessian` (P, P) holds the second derivatives, `curvatures` (P,) its eigenvalues in rising order.
    """

    def __init__(self, minimum: Array, least: float, hessian: Array) -> None:
        self.minimum, self.least, self.hessian = minimum, least, hessian
        self.curvatures: Array = np.asarray(np.linalg.eigvalsh(hessian), dtype=np.float64)

    def loss(self, points: Array) -> Array:
        """The loss at each of `points` (…, P)."""
        away = points - self.minimum
        bend: Array = np.einsum("...i,ij,...j->...", away, self.hessian, away)
        return self.least + 0.5 * bend

    def gradient(self, point: Array) -> Array:
        """The gradient (P,) at `point` (P,)."""
        return self.hessian @ (point - self.minimum)

    def largest_stable_rate(self, momentum: float) -> float:
        """2·(1 + μ)/λmax: above it, gradient descent with momentum overshoots the minimum by more each step.

        Polyak 1964; for μ = 0 the factor 1 − η·λ by which an error shrinks is then below −1.
        """
        steepest = float(self.curvatures[-1])
        return 2 * (1 + momentum) / steepest if steepest > 0 else np.inf


def measure(tape: Tape, minimum: Array, probes: Array) -> Quadratic:
    """The quadratic that the tape computes: a gradient at the minimum and one `probes[i]` away along each axis.

    The differences of a quadratic's gradient are exact up to rounding; probes (P,) large enough that w + probe changes
    the prediction as much as the data do keep it so. Give a tape over a copy of the parameters.
    """
    values, gradient = tape.parameters.values, tape.parameters.gradient
    values[:] = minimum
    tape.run()
    least, flat = float(tape.objective.value), gradient.copy()
    columns = []
    for i, probe in enumerate(probes):
        values[:] = minimum
        values[i] += probe
        tape.run()
        columns.append((gradient - flat) / (values[i] - minimum[i]))
    hessian = np.array(columns)
    return Quadratic(minimum.copy(), least, 0.5 * (hessian + hessian.T))
