"""Which drawing of the canvas shows which kind of view: those that need nothing but the view."""

from tui_lab.canvas.arrow import arrow
from tui_lab.canvas.bars import bars
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.chain import chain
from tui_lab.canvas.curve import curve
from tui_lab.canvas.curves import curves
from tui_lab.canvas.heat import heat
from tui_lab.canvas.image import image
from tui_lab.canvas.matrix import matrix
from tui_lab.canvas.network import network
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pictures import pictures
from tui_lab.canvas.region import region
from tui_lab.canvas.scatter import scatter
from tui_lab.canvas.table import table
from tui_lab.canvas.tokens import tokens
from tui_lab.canvas.words import words
from tui_lab.lab.views import (
    Arrow,
    Bars,
    Chain,
    Curve,
    Curves,
    Heat,
    Image,
    Matrix,
    Network,
    Pictures,
    Region,
    Scatter,
    Table,
    Tokens,
    Words,
)

Still = (
    Scatter
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
        case Bars():
            return _bars(view, width, height, palette, title)
        case Curves():
            return _curves(view, width, height, palette, title)
        case Heat():
            return _heat(view, width, height, palette, title)
        case Tokens():
            return _tokens(view, width, height, palette, title)
        case Words():
            return _words(view, width, height, palette, title)
        case Image():
            return image(view.pixels, view.row, view.column, width, height, palette, caption=view.caption, title=title)


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


def _bars(view: Bars, width: int, height: int, palette: Palette, title: str) -> Cells:
    return bars(
        view.names,
        view.values,
        view.kept,
        view.chosen,
        view.compared,
        width,
        height,
        palette,
        title=title,
        value_label=view.value_label,
        compared_label=view.compared_label,
    )


def _curves(view: Curves, width: int, height: int, palette: Palette, title: str) -> Cells:
    return curves(
        [(line.name, line.x, line.y) for line in view.lines],
        width,
        height,
        palette,
        title=title,
        log_x=view.log_x,
        log_y=view.log_y,
        x_label=view.x_label,
        y_label=view.y_label,
    )


def _heat(view: Heat, width: int, height: int, palette: Palette, title: str) -> Cells:
    names = view.row_label, view.column_label, view.rows, view.columns
    return heat(*names, view.values, view.low, view.high, width, height, palette, title=title)


def _tokens(view: Tokens, width: int, height: int, palette: Palette, title: str) -> Cells:
    what = view.passages, view.marks
    return tokens(
        *what, width, height, palette, title=title, shade_label=view.shade_label, low=view.low, high=view.high
    )


def _words(view: Words, width: int, height: int, palette: Palette, title: str) -> Cells:
    places = view.x, view.y, view.before_x, view.before_y
    return words(
        view.names,
        *places,
        view.chosen,
        width,
        height,
        palette,
        title=title,
        x_label=view.x_label,
        y_label=view.y_label,
    )
