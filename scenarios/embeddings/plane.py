"""A plane through many-dimensional points that shows as much of their spread as a plane can: principal components.

K. Pearson, "On lines and planes of closest fit to systems of points in space", 1901. Which plane is best is one thing,
how it is turned another: from picture to picture it is turned so that the points seem to move as little as possible,
P. H. Schönemann, "A generalized solution of the orthogonal Procrustes problem", 1966.
"""

from dataclasses import dataclass

import numpy as np

from tui_lab.lab.scenario import Array


@dataclass(frozen=True, slots=True)
class Plane:
    """A point `middle` (d,) and two directions at right angles, `axes` (d, 2)."""

    middle: Array
    axes: Array

    @classmethod
    def through(cls, points: Array) -> "Plane":
        """The plane in which points (n, d) spread most, for d of at least 2."""
        middle = points.mean(axis=0)
        _, _, directions = np.linalg.svd(points - middle, full_matrices=len(points) < 2)
        return cls(middle, directions[:2].T.copy())

    def of(self, points: Array) -> Array:
        """Where points (n, d) lie in the plane, (n, 2)."""
        found: Array = (points - self.middle) @ self.axes
        return found

    def turned_like(self, points: Array, wanted: Array) -> "Plane":
        """The same plane, turned or flipped so that the points (n, d) lie in it as near to `wanted` (n, 2) as a turn
        can bring them."""
        left, _, right = np.linalg.svd(self.of(points).T @ wanted)
        return Plane(self.middle, self.axes @ left @ right)

    def share(self, points: Array) -> float:
        """The part of the spread of points (n, d) that the plane shows."""
        whole = float(np.square(points - self.middle).sum())
        return float(np.square(self.of(points)).sum()) / whole if whole else 0.0
