"""Axes that fit their numbers closely, and still stay where they are while those move a little."""

import math

import numpy as np

from tui_lab.canvas.arrays import Array
from tui_lab.canvas.axis import FINEST, LARGEST, SMALLEST, Axis

PARTS = 8
"""An axis ends at a multiple of such a part of the power of two that its numbers span."""


def close(values: Array, log: bool = False) -> Axis:
    """An axis around what is finite in `values` and, where it is logarithmic, positive. Its ends leave less than a
    quarter of it free together, and only move when a number passes one, or comes far away from it."""
    known = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not len(known):
        return Axis(1.0, 10.0, log) if log else Axis(0.0, 1.0)
    low, high = (min(max(float(end), -LARGEST), LARGEST) for end in (known.min(), known.max()))
    if not log:
        return Axis(*_rounded(low, high))
    low, high = (math.log10(max(end, SMALLEST)) for end in (low, high))
    low, high = (10.0 ** min(max(end, -304.0), 304.0) for end in _rounded(low, high))
    return Axis(low, high, log=True)


def _rounded(low: float, high: float) -> tuple[float, float]:
    size = max(abs(low), abs(high))
    if high - low <= size * FINEST or high - low < SMALLEST:
        # One number alone stands in the middle.
        room = max(size / 2, SMALLEST) if size else 1.0
        return low - room, high + room
    part = 2.0 ** math.ceil(math.log2(high - low)) / PARTS
    return math.floor(low / part) * part, math.ceil(high / part) * part
