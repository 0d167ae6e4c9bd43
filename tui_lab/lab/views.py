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


@dataclass(frozen=True, slots=True)
class Bars:
    """A number for each name, as bars of one scale from 0: the probabilities of the next token, say.

    kept[i] is false for bars that are drawn faintly, because they are left out of something; it may be empty, and then
    all are kept. `chosen` is the index of the bar that is pointed at, -1 for none. `compared`, where not empty, are
    numbers of a second kind for the same names, drawn thinly beside the bars, under `compared_label`.
    """

    title: str
    value_label: str
    names: list[str]
    values: Array
    kept: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    chosen: int = -1
    compared: Array = field(default_factory=lambda: np.zeros(0))
    compared_label: str = ""
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True, slots=True)
class Curves:
    """Polylines over each other on common axes, each with its name: singular values of several layers, the losses of
    several models. NaN in y leaves a gap. Logarithmic axes leave out what is not positive."""

    title: str
    x_label: str
    y_label: str
    lines: list[Line]
    log_x: bool = False
    log_y: bool = False
    kind: Literal["curves"] = "curves"


@dataclass(frozen=True, slots=True)
class Heat:
    """Numbers (r, c) as colours alone, on the scale low..high: too many to be written out. Names may be empty, or fewer
    than there are rows or columns, in which case they are the names of evenly spaced ones, the first one's first. NaN
    is drawn as nothing. A scale with both signs has a colour for each."""

    title: str
    row_label: str
    column_label: str
    rows: list[str]
    columns: list[str]
    values: Array
    low: float
    high: float
    kind: Literal["heat"] = "heat"


@dataclass(frozen=True, slots=True)
class Passage:
    """A text in pieces, its tokens. marks[i] is an index into `Tokens.marks`, the meaning of piece i; shades[i] in 0..1
    says how strongly it is coloured, NaN for a piece that is not shaded."""

    caption: str
    pieces: list[str]
    marks: NDArray[np.intp]
    shades: Array


@dataclass(frozen=True, slots=True)
class Tokens:
    """Texts in pieces, one below the other, wrapped, with a key of what each of the `marks` means ("trained", "masked",
    "padding", ...). Pieces are shown as text whatever is in them: control characters are never obeyed.

    `shade_label` says what the shades mean, with `low` and `high` for the numbers of shades 0 and 1.
    """

    title: str
    passages: list[Passage]
    marks: list[str]
    shade_label: str = ""
    low: float = 0.0
    high: float = 1.0
    kind: Literal["tokens"] = "tokens"


@dataclass(frozen=True, slots=True)
class Words:
    """Named points (x[i], y[i]) in a plane, each written as its name where there is room, with the way it has come:
    before_x[i, t], before_y[i, t] (n, t) from the oldest place to the last before now, t may be 0. `chosen` are the
    indices of names that are to be seen first and stand out."""

    title: str
    x_label: str
    y_label: str
    names: list[str]
    x: Array
    y: Array
    before_x: Array
    before_y: Array
    chosen: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    kind: Literal["words"] = "words"


@dataclass(frozen=True, slots=True)
class Image:
    """A colour image, pixels (h, w, 3) of red, green, blue in 0..255, beside the numbers of its middle: the vector that
    a network would see. `row` and `column` are the pixel that is told entry by entry."""

    title: str
    caption: str
    pixels: NDArray[np.uint8]
    row: int
    column: int
    kind: Literal["image"] = "image"


View = (
    Scatter
    | Surface
    | Arrow
    | Table
    | Network
    | Curve
    | Region
    | Chain
    | Matrix
    | Pictures
    | Bars
    | Curves
    | Heat
    | Tokens
    | Words
    | Image
)

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
    "bars": Bars,
    "curves": Curves,
    "heat": Heat,
    "tokens": Tokens,
    "words": Words,
    "image": Image,
}
"""The class of each view by its `kind`, for whoever reads views off a wire."""
