"""The pictures of a neuron: the diagram, what it answers everywhere, its activation, and all examples as a table."""

import math
from collections.abc import Callable

import numpy as np

from tui_lab.lab.activations import ACTIVATIONS, response
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Curve, Layer, Network, Region, Table, View

from .answers import Answers
from .examples import Examples

_GRID = 61
"""Points along each side of the region; the viewer interpolates between them."""
_MARGIN = 0.3
"""Of the width of the examples, how much more of the plane is shown on every side."""
_CURVE = 241
"""Points along the activation; the middle one is 0."""
_REACH = 6.0
"""The activation is drawn from −6 to 6, or twice as far, or four times, …"""
_MOST_DOUBLINGS = 1000
_MOST_ROWS = 256
"""Rows of the table: no person reads more."""
_MOST_POINTS = 2000
"""Points in the region: no terminal shows more of them apart."""

Ask = Callable[[Array], Answers]
"""What the neuron says to inputs (k, n)."""


class Pictures:
    """Draws what a neuron answers to `examples`; `targets` (r,) are their labels on the activation's scale."""

    def __init__(self, examples: Examples, activation: str, targets: Array, ask: Ask) -> None:
        self.examples, self.activation, self.targets = examples, activation, targets
        self.doublings = 0
        count, inputs = examples.x.shape
        self.points = np.linspace(0, count - 1, min(count, _MOST_POINTS)).astype(np.intp)
        if inputs == 2:
            self.axes = [_axis(column) for column in examples.x.T]
            across, up = np.meshgrid(*self.axes)
            self.plane = ask(np.stack([across.ravel(), up.ravel()], axis=1))

    def views(self, answers: Answers, weights: ParameterVector, row: int) -> list[View]:
        """All pictures of the neuron with these weights; `row` is the example looked at."""
        network, curve, table = self.network(answers, weights, row), self.curve(answers, row), self.table(answers, row)
        if self.examples.x.shape[1] != 2:
            return [network, table, curve]
        return [network, self.region(weights.values), curve, table]

    def network(self, answers: Answers, weights: ParameterVector, row: int) -> Network:
        """Inputs, weights on the edges, one neuron."""
        examples = self.examples
        return Network(
            title="the neuron",
            example=f"{self._which(row)}: label {self._label(row)}, z = {answers.z[row]:.4g}",
            layers=[
                Layer("inputs", examples.names, examples.x[row]),
                Layer(self.activation, ["ŷ"], answers.y[[row]]),
            ],
            weights=[weights.part("w", weights.values).reshape(-1, 1).copy()],
            gradients=[weights.part("w", weights.gradient).reshape(-1, 1).copy()],
            biases=[weights.part("b", weights.values).reshape(1).copy()],
        )

    def region(self, values: Array) -> Region:
        """The answer at every place of the plane, with the examples on it."""
        examples, (x, y) = self.examples, self.axes
        z = self.plane.at(values).y.reshape(len(y), len(x)).copy()
        return Region(
            title=f"ŷ over {examples.names[0]} and {examples.names[1]}",
            x_label=examples.names[0],
            y_label=examples.names[1],
            x=x,
            y=y,
            z=z,
            low=float(self.targets.min()),
            high=float(self.targets.max()),
            points_x=examples.x[self.points, 0],
            points_y=examples.x[self.points, 1],
            labels=self.targets[self.points],
            held_out=np.zeros(len(self.points), dtype=np.bool_),
        )

    def curve(self, answers: Answers, row: int) -> Curve:
        """The activation, with the example looked at on it."""
        far = float(np.abs(answers.z).max()) / _REACH
        needed = min(math.ceil(math.log2(far)), _MOST_DOUBLINGS) if 1 < far < math.inf else 0
        self.doublings = max(self.doublings, needed)
        z = np.linspace(-_REACH, _REACH, _CURVE) * 2.0**self.doublings
        return Curve(
            title=f"{self.activation}, at {self._which(row)}",
            x_label="z",
            y_label="ŷ",
            x=z,
            y=response(ACTIVATIONS[self.activation], z)[0],
            point=np.array([answers.z[row], answers.y[row]]),
            slope=float(answers.slopes[row]),
            steps=self.activation == "threshold",
        )

    def table(self, answers: Answers, row: int) -> Table:
        """Every example with its label, z, ŷ and whether that is right; an arrow at the one looked at."""
        right = answers.says_one == (self.examples.labels == 1)
        count = len(right)
        shown = f", the first {_MOST_ROWS} of {count}" if count > _MOST_ROWS else ""
        columns = ["", *self.examples.names, "y", "z", "ŷ", ""]
        rows: list[list[str | float]] = [
            [
                "→" if i == row else "",
                *self.examples.x[i].tolist(),
                self._label(i),
                float(answers.z[i]),
                float(answers.y[i]),
                "right" if right[i] else "wrong",
            ]
            for i in range(min(count, _MOST_ROWS))
        ]
        return Table(f"{self.examples.title}: {int(right.sum())} of {count} right{shown}", columns, rows)

    def _which(self, row: int) -> str:
        return f"example {row + 1} of {len(self.targets)}"

    def _label(self, row: int) -> str:
        """The target, and what it stands for if that is another word."""
        target, name = f"{self.targets[row]:g}", self.examples.classes[int(self.examples.labels[row])]
        return target if name == target else f"{target} ({name})"


def _axis(column: Array) -> Array:
    margin = _MARGIN * float(np.ptp(column))
    return np.linspace(column.min() - margin, column.max() + margin, _GRID)
