"""Many heat maps as one, so that they share a scale and no bright spot is lost where they are drawn small."""

from collections.abc import Sequence

import numpy as np

from tui_lab.lab.scenario import Array


def below(maps: Sequence[Array]) -> Array:
    """Maps (r, c) below each other, after each a row of nothing: (n·(r + 1), c). So the first row of each is one of n
    evenly spaced ones."""
    return np.concatenate([np.pad(each, ((0, 1), (0, 0)), constant_values=np.nan) for each in maps])


def beside(maps: Sequence[Array]) -> Array:
    """Maps (r, c) beside each other, after each a column of nothing: (r, n·(c + 1))."""
    return below([each.T for each in maps]).T
