"""A picture cut into square patches, each a row of numbers; and the best that a few numbers for each could do."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Array

Pixels = NDArray[np.uint8]


class Patches:
    """n patches of side × side pixels, in reading order: x (n, p) has p = 3·side² numbers for each, in 0..1, less the
    mean patch (p,). What is left over at the right and at the bottom is cut off."""

    def __init__(self, title: str, pixels: Pixels, side: int) -> None:
        """Raises BadInput for a picture smaller than a patch or of one colour."""
        height, width = pixels.shape[:2]
        self.side, self.down, self.across = side, height // side, width // side
        if not self.down or not self.across:
            raise BadInput(
                f"{title} is {width} by {height} pixels after scaling, and a patch {side} by {side}: give a larger "
                "picture or a smaller patch."
            )
        self.pixels = pixels[: self.down * side, : self.across * side]
        parts = self.pixels.reshape(self.down, side, self.across, side, 3).transpose(0, 2, 1, 3, 4)
        rows = parts.reshape(self.down * self.across, 3 * side * side) / 255.0
        self.mean: Array = rows.mean(axis=0)
        self.x: Array = rows - self.mean
        if not np.ptp(rows, axis=0).any():
            raise BadInput(f"All patches of {title} are the same: there is nothing to tell apart.")

    def joined(self, rows: Array) -> Pixels:
        """The picture (h, w, 3) of patches (n, p) like `x`; numbers beyond black and white are cut off."""
        parts = (rows + self.mean).reshape(self.down, self.across, self.side, self.side, 3).transpose(0, 2, 1, 3, 4)
        colours: Pixels = np.rint(np.clip(parts, 0.0, 1.0) * 255).astype(np.uint8)
        return colours.reshape(self.pixels.shape)

    def index(self, row: int, column: int) -> int:
        """The patch in which a pixel lies."""
        return int(row // self.side * self.across + column // self.side)

    @property
    def spread(self) -> float:
        """½Σx²/n, the loss of drawing the mean patch everywhere."""
        return float(np.square(self.x).sum() / 2 / len(self.x))

    def least_loss(self, dimensions: int) -> float:
        """The least loss that so many numbers for each patch allow: ½Σσ²/n over the singular values σ of x that are
        left out. (C. Eckart and G. Young, "The approximation of one matrix by another of lower rank", 1936.)"""
        return float(np.square(self._singular_values[dimensions:]).sum() / 2 / len(self.x))

    @cached_property
    def _singular_values(self) -> Array:
        return np.asarray(np.linalg.svd(self.x, compute_uv=False), np.float64)
