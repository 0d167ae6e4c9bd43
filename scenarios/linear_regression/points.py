"""The points that the line is to fit: read, checked, and moved to the coordinates in which it is fitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tui_lab.lab.csv_table import Columns, printable, read_columns
from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Array

_TINY = 1e-100
"""Sizes below this are not divided by: squares of the quotient would overflow."""
_BUNDLED = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Points:
    """n points, x and y (n,) in the units of the file. The line is fitted to (x − shift) / scale."""

    x_name: str
    y_name: str
    x: Array
    y: Array
    shift: float = 0.0
    scale: float = 1.0

    @property
    def standardised(self) -> bool:
        """Whether x was moved and scaled for fitting."""
        return (self.shift, self.scale) != (0.0, 1.0)

    @cached_property
    def inputs(self) -> Array:
        """x (n,) as the model sees it."""
        return (self.x - self.shift) / self.scale

    @property
    def unique(self) -> bool:
        """Whether one line is the best: two different x settle it."""
        return bool(self.x.min() < self.x.max())

    @cached_property
    def best(self) -> Array:
        """The least-squares (a, b) (2,) in closed form; if there are many, the one nearest to (0, 0).

        Solved over standardised x, where rounding does least, and then moved to the coordinates of the model.
        """
        shift, scale = (float(np.mean(self.x)), float(np.std(self.x))) if self.unique else (0.0, 1.0)
        table = np.stack([(self.x - shift) / scale, np.ones_like(self.x)], axis=1)
        slope, height = np.linalg.lstsq(table, self.y, rcond=None)[0]
        per_unit = slope / scale
        # Adding 0 makes 0 of -0.
        return np.array([per_unit * self.scale, height + per_unit * (self.shift - shift)]) + 0.0

    def reach(self) -> Array:
        """Changes of a and b (2,) that move predictions about as far as the labels are from 0."""
        height, width = float(np.abs(self.y).max()), float(np.abs(self.inputs).max())
        height = height if height > _TINY else 1.0
        return np.array([height / width if width > _TINY else height, height])

    def in_units(self, a: float, b: float) -> tuple[float, float]:
        """Slope and intercept over the file's own x: a·(x − shift)/scale + b is (a/scale)·x + (b − a·shift/scale)."""
        slope = a / self.scale
        return slope, b - slope * self.shift


def read_points(settings: Mapping[str, Any]) -> Points:
    """The file of `data`, or the bundled `dataset`; standardised if the settings say so. Raises BadInput."""
    path, bundled = settings["data"], f"{settings['dataset']}.csv"
    columns = read_columns(Path(path or _BUNDLED / bundled), settings["x"], settings["y"])
    for name, values in ((columns.x_name, columns.x), (columns.y_name, columns.y)):
        _check_size(name, values)
    if path:
        _check_line(printable(Path(path).name), columns)
    # One point has no deviation to scale by.
    if not settings["standardise"] or columns.x.size == 1:
        return Points(columns.x_name, columns.y_name, columns.x, columns.y)
    shift, scale = float(np.mean(columns.x)), float(np.std(columns.x))
    return Points(columns.x_name, columns.y_name, columns.x, columns.y, shift, scale)


def _check_line(file: str, columns: Columns) -> None:
    if columns.x.size < 2:
        raise BadInput(f"{file} has one row of numbers: a line needs at least two points with different x.")
    if columns.x.min() == columns.x.max():
        same = f"the same value, {columns.x[0]:g}, in every row"
        raise BadInput(f"Column '{columns.x_name}' of {file} has {same}: a line needs points with different x.")
    if np.std(columns.x) == 0:
        spread = f"values that differ by {np.ptp(columns.x):.2g} only"
        raise BadInput(
            f"Column '{columns.x_name}' of {file} has {spread}, whose square is 0 to a computer: scale it up."
        )


def _check_size(name: str, values: Array) -> None:
    with np.errstate(over="ignore"):
        if np.isfinite(values.size * np.square(values).max()):
            return
    largest = values[np.abs(values).argmax()]
    raise BadInput(
        f"Column '{name}' holds {largest:g}, whose square is too large for a computer's number: scale it down."
    )
