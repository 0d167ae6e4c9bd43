"""The pictures of a chain of functions: the chain itself, its products, the check, and the loss over each weight."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tui_lab.lab.chain_rule import Gradient
from tui_lab.lab.equation import number
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, GradientCheck
from tui_lab.lab.tape import Tape
from tui_lab.lab.tensor import Tensor
from tui_lab.lab.views import Chain, Curve, Link, Table, View

_GRID = 241
"""Places along a curve, 0 among them: there the slope of a square is 0."""
_ROOM = 1.5
"""How far beyond the first weight, and as far on the other side of 0, its curve goes."""
_LEAST = 0.5
"""Weights nearer to 0 than this get the curve of this."""
_MOST_DOUBLINGS = 1000
"""Of a curve's width: beyond are no numbers."""

Compute = Callable[[ParameterVector], tuple[Tape, Tensor]]
"""Records forward and loss over some parameters."""


class Pictures:
    """Draws what a tape of these functions, inner to outer, has computed. `start` (3,) are the first weights."""

    def __init__(self, functions: Sequence[str], compute: Compute, start: Array) -> None:
        self.functions, self.compute = functions, compute
        self.half = _ROOM * np.maximum(np.abs(start), _LEAST)

    def views(self, tape: Tape, weights: Array, checks: list[GradientCheck]) -> list[View]:
        """All pictures: of the step that the tape walks, and of the loss around `weights` (3,)."""
        curves = [self.curve(i, tape.parameters, checks[i]) for i in range(len(weights))]
        return [self.chain(tape), products(tape), check_table(checks), *curves]

    def chain(self, tape: Tape) -> Chain:
        """Every function with its numbers, as far as the step has come."""
        f, g, h = self.functions
        return Chain(f"y = h(g(f(x))): f {f}, g {g}, h {h}", list(_links(tape)))

    def curve(self, which: int, parameters: ParameterVector, check: GradientCheck) -> Curve:
        """The loss over one weight, while the others stay as they are."""
        weights = dict(zip(parameters.shapes, parameters.values.tolist(), strict=True))
        name, here = check.entry, weights[check.entry]
        grid = self._grid(which, here)
        return Curve(
            title=f"L over {name}, the other weights held",
            x_label=name,
            y_label="L",
            x=grid,
            y=self._loss({**weights, name: grid}),
            point=np.array([here, float(self._loss(weights))]),
            slope=check.analytic,
        )

    def _grid(self, which: int, here: float) -> Array:
        """Values of a weight on both sides of 0; their range doubles until it has `here` in it."""
        half = float(self.half[which])
        outside = abs(here) / half
        doublings = min(math.ceil(math.log2(outside)), _MOST_DOUBLINGS) if 1 < outside < math.inf else 0
        return np.linspace(-half, half, _GRID) * 2.0**doublings

    def _loss(self, weights: dict[str, float | Array] | dict[str, float]) -> Array:
        tape, loss = self.compute(ParameterVector(weights))
        tape.run()
        return loss.value


def products(tape: Tape) -> Table:
    """The chain rule, node by node from the loss inwards: local slope times incoming gradient."""
    rows = [_product(gradient, done) for gradient, done in tape.gradients()]
    return Table("local slope × incoming = outgoing", ["backward", "local slope", "incoming", "outgoing"], rows)


def check_table(checks: Sequence[GradientCheck]) -> Table:
    """The gradient where the weights are now, by the chain rule and by nudging each weight."""
    rows: list[list[str | float]] = [
        [f"∂L/∂{check.entry}", check.analytic, check.numeric, check.relative_error] for check in checks
    ]
    return Table("gradient check", ["", "chain rule", "nudging", "relative error"], rows)


def _links(tape: Tape) -> Iterator[Link]:
    operations = tape.operations()
    known = {gradient.operation.inputs[gradient.which] for gradient, done in tape.gradients() if done}
    known |= {tape.objective} if operations[-1][1] else set()
    before = next(tensor for tensor in operations[0][0].inputs if not tensor.needs_gradient)  # x
    yield Link(before.name, f"{before.name} = {number(float(before.value))}", float(before.value), math.nan, math.nan)
    for operation, done in operations:
        output = operation.output
        yield Link(
            name=output.name,
            equation=operation.symbols,
            value=float(output.value) if done else math.nan,
            slope=float(operation.local_slope(operation.inputs.index(before))) if done else math.nan,
            gradient=_gradient(output) if output in known else math.nan,
        )
        before = output


def _product(gradient: Gradient, done: bool) -> list[str | float]:
    operation = gradient.operation
    if not done:
        return [gradient.symbols, "", "", ""]
    slope = float(operation.local_slope(gradient.which))
    return [gradient.symbols, slope, _gradient(operation.output), _gradient(operation.inputs[gradient.which])]


def _gradient(tensor: Tensor) -> float:
    return math.nan if tensor.gradient is None else float(tensor.gradient)
