"""Views: the kinds of pictures a scenario can ask for, as numbers. The viewer draws them."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline through (x[i], y[i])."""

    name: str
    x: Array
    y: Array


@dataclass(frozen=True, slots=True)
class Scatter:
    """Points (x[i], y[i]) with lines over them; `fitted[i]` is the model's answer at x[i], joined to the point by its
    residual. All arrays are 1-D; x, y and fitted are of one length."""

    title: str
    x_label: str
    y_label: str
    x: Array
    y: Array
    fitted: Array
    lines: list[Line] = field(default_factory=list)
    kind: Literal["scatter"] = "scatter"


@dataclass(frozen=True, slots=True)
class Surface:
    """A function z over a grid, z[j, i] at (x[i], y[j]), and a descent on it.

    `point` is where the model stands (2,), `gradient` ∂z/∂(x, y) there (2,), `optimum` the minimum's place (2,) or empty
    (0,) when it is not one point. `path` names the two metrics whose history is the way so far.
    """

    title: str
    x_label: str
    y_label: str
    z_label: str
    x: Array
    y: Array
    z: Array
    point: Array
    gradient: Array
    optimum: Array
    path: tuple[str, str]
    kind: Literal["surface"] = "surface"


@dataclass(frozen=True, slots=True)
class Arrow:
    """A vector with named components, drawn as an arrow from the origin where it has two, and as numbers."""

    title: str
    names: list[str]
    values: Array
    kind: Literal["arrow"] = "arrow"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text and numbers under column heads. Numbers are sent as numbers: the viewer formats them."""

    title: str
    columns: list[str]
    rows: list[list[str | float]]
    kind: Literal["table"] = "table"


View = Scatter | Surface | Arrow | Table

KINDS: dict[str, type[Any]] = {"scatter": Scatter, "surface": Surface, "arrow": Arrow, "table": Table}
"""The class of each view by its `kind`, for whoever reads views off a wire."""
