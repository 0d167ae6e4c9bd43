"""A rotation: it turns all vectors together and changes no angle and no length."""

from functools import lru_cache

import numpy as np

from tui_lab.lab.scenario import Array


@lru_cache(maxsize=4)
def rotation(dimensions: int) -> Array:
    """One rotation (d, d) of d dimensions, always the same: its columns are at right angles and 1 long."""
    made, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(dimensions, dimensions)))
    if np.linalg.det(made) < 0:
        made[:, 0] *= -1  # a rotation, not a mirror
    return made
