"""Which drawing of the canvas shows which kind of view: those that need nothing but the view."""

from tui_lab.canvas.arrow import arrow
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.chain import chain
from tui_lab.canvas.curve import curve
from tui_lab.canvas.matrix import matrix
from tui_lab.canvas.network import network
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pictures import pictures
from tui_lab.canvas.region import region
from tui_lab.canvas.scatter import scatter
from tui_lab.canvas.table import table
from tui_lab.lab.views import (
    Arrow,
    Chain,
    Curve,
    Matrix,
    Network,
    Pictures,
    Region,
    Scatter,
    Table,
)

Still = Scatter | Arrow | Table | Network | Curve | Region | Chain | Matrix | Pictures
"""Every view but a surface, which has a way so far and can be turned."""


def drawing(view: Still, width: int, height: int, palette: Palette, title: str) -> Cells:
    """The view in a rectangle of cells, under `title` (empty for none)."""
    match view:
        case Scatter():
            return _scatter(view, width, height, palette, title)
        case Arrow():
            return arrow(view.names, view.values, width, height, palette, title=title)
        case Table():
            return table(view.columns, view.rows, width, height, palette, title=title)
        case Network():
            return _network(view, width, height, palette, title)
        case Curve():
            return _curve(view, width, height, palette, title)
        case Region():
            return _region(view, width, height, palette, title)
        case Chain():
            return chain(view.links, width, height, palette, title=title)
        case Matrix():
            return _matrix(view, width, height, palette, title)
        case Pictures():
            return _pictures(view, width, height, palette, title)


def _scatter(view: Scatter, width: int, height: int, palette: Palette, title: str) -> Cells:
    lines = [(line.name, line.x, line.y) for line in view.lines]
    return scatter(
        view.x,
        view.y,
        view.fitted,
        lines,
        width,
        height,
        palette,
        title=title,
        x_label=view.x_label,
        y_label=view.y_label,
    )


def _network(view: Network, width: int, height: int, palette: Palette, title: str) -> Cells:
    arrays = view.weights, view.gradients, view.biases
    return network(view.layers, *arrays, width, height, palette, title=title, example=view.example)


def _curve(view: Curve, width: int, height: int, palette: Palette, title: str) -> Cells:
    what = view.x, view.y, view.point, view.slope
    return curve(
        *what, width, height, palette, title=title, steps=view.steps, x_label=view.x_label, y_label=view.y_label
    )


def _region(view: Region, width: int, height: int, palette: Palette, title: str) -> Cells:
    answers = view.x, view.y, view.z, view.low, view.high
    points = view.points_x, view.points_y, view.labels, view.held_out
    classes = view.classes, view.certainty
    return region(
        *answers, *points, *classes, width, height, palette, title=title, x_label=view.x_label, y_label=view.y_label
    )


def _matrix(view: Matrix, width: int, height: int, palette: Palette, title: str) -> Cells:
    names = view.row_label, view.column_label, view.rows, view.columns
    return matrix(*names, view.values, width, height, palette, title=title)


def _pictures(view: Pictures, width: int, height: int, palette: Palette, title: str) -> Cells:
    what = view.captions, view.images, view.low, view.high, view.numbers
    return pictures(*what, width, height, palette, title=title)
