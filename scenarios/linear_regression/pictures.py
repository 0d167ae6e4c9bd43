"""The pictures of a fit: points with the line, the loss surface with the way down, the gradient, the numbers."""

import math
from collections.abc import Sequence

import numpy as np

from tui_lab.lab.quadratic import Quadratic
from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Arrow, Line, Scatter, Surface, Table, View

from .points import Points

_MOST_POINTS = 2000
"""Points in a scatter plot: no terminal shows more of them apart."""
_GRID = 41
"""Points along each side of the surface's grid; the viewer interpolates between them."""
_ROOM = 1.15
"""How much wider the surface is than what must be seen on it."""


class Pictures:
    """Draws the line that (a, b) gives, over `points`. `bowl` is the loss of all points as a function of (a, b)."""

    def __init__(self, points: Points, bowl: Quadratic, start: Array) -> None:
        self.points = points
        self.bowl = bowl
        self.window = Window(points.best, _ROOM * _reach(bowl, start))
        self.rows = np.linspace(0, len(points.x) - 1, min(len(points.x), _MOST_POINTS)).astype(np.intp)
        self._grid: tuple[Array, Array, Array] | None = None

    def views(self, values: Array, slopes: Array, rates: tuple[float, float]) -> list[View]:
        """All pictures of the line `values` (a, b); `slopes` is the latest step's gradient (2,), `rates` is (η, μ)."""
        return [self.scatter(values), self.surface(values), self.arrow(slopes), self.table(values, rates)]

    def scatter(self, values: Array) -> Scatter:
        """The points in the units of the file, with the line and the least-squares line."""
        points, (a, b) = self.points, values.tolist()
        shown = "" if len(self.rows) == len(points.x) else f" ({len(self.rows)} of {len(points.x)} points)"
        best_a, best_b = self.points.best.tolist()
        return Scatter(
            title=f"{points.y_name} over {points.x_name}{shown}",
            x_label=points.x_name,
            y_label=points.y_name,
            x=points.x[self.rows],
            y=points.y[self.rows],
            fitted=a * points.inputs[self.rows] + b,
            lines=[self._line("ŷ = a·x + b", a, b), self._line("least squares", best_a, best_b)],
        )

    def surface(self, values: Array) -> Surface:
        """The mean squared error of all points over (a, b)."""
        if self.window.show(values) or self._grid is None:
            a, b = self.window.axes()
            self._grid = a, b, self.bowl.loss(np.stack(np.meshgrid(a, b), axis=-1))
        a, b, z = self._grid
        return Surface(
            title="mean squared error over (a, b)" + (", x standardised" if self.points.standardised else ""),
            x_label="a",
            y_label="b",
            z_label="MSE",
            x=a,
            y=b,
            z=z,
            point=values,
            gradient=self.bowl.gradient(values),
            optimum=self.points.best if self.points.unique else np.empty(0),
            path=("a", "b"),
        )

    def arrow(self, slopes: Array) -> Arrow:
        """The gradient that the latest step found for its batch."""
        return Arrow("gradient of the latest step", ["∂L/∂a", "∂L/∂b"], slopes)

    def table(self, values: Array, rates: tuple[float, float]) -> Table:
        """What is, beside what the closed form says would be best."""
        points, (learning_rate, momentum) = self.points, rates
        rows = _rows(
            ("slope", "intercept"), points.in_units(*values.tolist()), points.in_units(*self.points.best.tolist())
        )
        if points.standardised:
            rows += _rows(("a, x standardised", "b, x standardised"), values.tolist(), self.points.best.tolist())
        rows.append(["MSE", float(self.bowl.loss(values)), self.bowl.least])
        limit = "2/λmax" if momentum == 0 else "2(1 + μ)/λmax"
        rows.append([f"η, and {limit}", learning_rate, self.bowl.largest_stable_rate(momentum)])
        return Table("now, and in closed form", ["", "now", "closed form"], rows)

    def _line(self, name: str, a: float, b: float) -> Line:
        slope, intercept = self.points.in_units(a, b)
        low, high = float(self.points.x.min()), float(self.points.x.max())
        ends = np.array([low, high]) if low < high else np.array([low - 1, low + 1])
        return Line(name, ends, slope * ends + intercept)


class Window:
    """The part of the (a, b) plane that is shown, `centre` ± `half` (2,). It doubles when a point leaves it."""

    def __init__(self, centre: Array, half: Array) -> None:
        self.centre, self.half, self.doublings = centre, half, 0

    def show(self, point: Array) -> bool:
        """Make room for `point`, if it is finite, and tell whether that took any."""
        outside = float(np.max(np.abs(point - self.centre) / self.half))
        needed = math.ceil(math.log2(outside)) if 1 < outside < math.inf else 0
        grown, self.doublings = needed > self.doublings, max(needed, self.doublings)
        return grown

    def axes(self) -> tuple[Array, Array]:
        """The grid's values of a and of b."""
        half = self.half * 2.0**self.doublings
        a, b = (np.linspace(c - h, c + h, _GRID) for c, h in zip(self.centre, half, strict=True))
        return a, b


def _reach(bowl: Quadratic, start: Array) -> Array:
    """How far from the minimum one must look along a and b (2,) to see everywhere that is no higher than the start.

    A descent that never rises stays there: in the ellipse ½·dᵀHd ≤ ΔL, whose extent along axis i is √(2·ΔL·(H⁻¹)ᵢᵢ).
    """
    height = max(float(bowl.loss(start)) - bowl.least, 0.0)
    extent = np.sqrt(2 * height * np.diag(np.linalg.pinv(bowl.hessian, hermitian=True)))
    reach = np.maximum(np.abs(start - bowl.minimum), np.where(np.isfinite(extent), extent, 0.0))
    return np.where(reach > 0, reach, float(reach.max()) or 1.0)


def _rows(names: Sequence[str], now: Sequence[float], best: Sequence[float]) -> list[list[str | float]]:
    return [list(row) for row in zip(names, now, best, strict=True)]
