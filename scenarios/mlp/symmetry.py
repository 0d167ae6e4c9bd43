"""Why the minima of a network are not unique: other weights that compute the same."""

import math

from .model import Model


def same_networks(model: Model) -> float | str:
    """How many sets of weights compute exactly what these do, by exchanging neurons of a layer and, for tanh and
    sigmoid, turning the signs of what enters and leaves one: n!·2ⁿ for n neurons. ReLU can be scaled, too."""
    if any(name in ("relu", "linear") for name in model.activations):
        return "infinitely many"
    logarithm = sum(math.lgamma(n + 1) / math.log(10) + n * math.log10(2) for n in model.widths[1:-1])
    if logarithm > 15:
        return f"10^{logarithm:.0f}"
    return float(math.prod(math.factorial(n) * 2**n for n in model.widths[1:-1]))
