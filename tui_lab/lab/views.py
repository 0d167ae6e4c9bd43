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

    `point` is where the model stands (2,), `gradient` ∂z/∂(x, y) there (2,), `optimum` the minimum's place (2,) or
    empty (0,) when it is not one point. `path` names the two metrics whose history is the way so far.
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


@dataclass(frozen=True, slots=True)
class Layer:
    """A column of a network: `units` by name and `values`, their outputs for the example shown (n,), or empty (0,)."""

    name: str
    units: list[str]
    values: Array


@dataclass(frozen=True, slots=True)
class Network:
    """A network from left to right. weights[k] is (n_k, n_k+1) from layer k to the next, gradients[k] likewise, and
    biases[k] (n_k+1,). `example` says which example the layers' values belong to."""

    title: str
    example: str
    layers: list[Layer]
    weights: list[Array]
    gradients: list[Array]
    biases: list[Array]
    kind: Literal["network"] = "network"


@dataclass(frozen=True, slots=True)
class Curve:
    """A function y(x) of one variable, with the `point` (2,) where it is working now and its `slope` there; `steps` is
    true where neighbouring values must not be joined by a slope, as for a threshold."""

    title: str
    x_label: str
    y_label: str
    x: Array
    y: Array
    point: Array
    slope: float
    steps: bool = False
    kind: Literal["curve"] = "curve"


@dataclass(frozen=True, slots=True)
class Region:
    """What a model answers over two inputs, z[j, i] at (x[i], y[j]), with the data on it.

    `low` and `high` are the ends of the colour scale. The points (points_x[i], points_y[i]) have `labels[i]` on the
    same scale, and held_out[i] says whether training never saw them. With `classes`, z and labels are class indices,
    and `certainty[j, i]` in 0..1 says how sure the answer is; otherwise it is empty (0, 0).
    """

    title: str
    x_label: str
    y_label: str
    x: Array
    y: Array
    z: Array
    low: float
    high: float
    points_x: Array
    points_y: Array
    labels: Array
    held_out: NDArray[np.bool_]
    classes: list[str] = field(default_factory=list)
    certainty: Array = field(default_factory=lambda: np.zeros((0, 0)))
    kind: Literal["region"] = "region"


@dataclass(frozen=True, slots=True)
class Link:
    """One function of a chain: `value` = function(what comes before), its `slope` there, and `gradient`, ∂L/∂value.

    Numbers that are not computed yet are NaN.
    """

    name: str
    equation: str
    value: float
    slope: float
    gradient: float


@dataclass(frozen=True, slots=True)
class Chain:
    """Functions inside functions, from the input (the first link, with slope NaN) to the loss (the last)."""

    title: str
    links: list[Link]
    kind: Literal["chain"] = "chain"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Numbers (r, c) under names, drawn as a heat map with the numbers in it: a confusion matrix, say."""

    title: str
    row_label: str
    column_label: str
    rows: list[str]
    columns: list[str]
    values: Array
    kind: Literal["matrix"] = "matrix"


@dataclass(frozen=True, slots=True)
class Pictures:
    """Small pictures (n, h, w) beside each other, all on the colour scale low..high; row 0 of a picture is its top."""

    title: str
    captions: list[str]
    images: Array
    low: float
    high: float
    numbers: bool = False
    """Whether the numbers of a picture are to be readable beside it."""
    kind: Literal["pictures"] = "pictures"


View = Scatter | Surface | Arrow | Table | Network | Curve | Region | Chain | Matrix | Pictures

KINDS: dict[str, type[Any]] = {
    "scatter": Scatter,
    "surface": Surface,
    "arrow": Arrow,
    "table": Table,
    "network": Network,
    "curve": Curve,
    "region": Region,
    "chain": Chain,
    "matrix": Matrix,
    "pictures": Pictures,
}
"""The class of each view by its `kind`, for whoever reads views off a wire."""
