"""The array types of the canvas."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
ColourArray = NDArray[np.int32]
"""Colours as in `cells`: 0xRRGGBB or DEFAULT."""
