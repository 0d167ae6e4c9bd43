"""A model's answers on a grid, as colours: numbers on a scale, or classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray, ColourArray, IntArray
from tui_lab.canvas.axis import rough_label
from tui_lab.canvas.frame import Key
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.shades import class_colours, diverging, mixed, neutral, shaded

STRENGTH = 0.5
"""How strong the colours of answers are: points of the same colour must stand out from them."""
POINT = 0.35
"""How far a point's colour is moved towards the text's, so that it is seen on its own class's ground."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Numbers z[j, i] on a scale from `low` to `high`, both finite; the boundary is their middle."""

    z: Array
    low: float
    high: float
    palette: Palette

    def keys(self) -> list[Key]:
        """The ends of the scale."""
        palette = self.palette
        return [("●", rough_label(self.low), palette.negative), ("●", rough_label(self.high), palette.positive)]

    def colours(self, columns: Array, rows: Array) -> ColourArray:
        """The colour of the answer at each (rows[j], columns[i]), places in the grid, between its points linear."""
        return diverging(between(self._parts(self.z), columns, rows), self.palette, STRENGTH)

    def sides(self, columns: Array, rows: Array) -> IntArray:
        """On which side of the boundary each place lies: 0, 1, or −1 where there is no answer."""
        return self.side(between(self.z, columns, rows))

    def side(self, values: Array) -> IntArray:
        """The same for answers and labels."""
        parts = self._parts(values)
        return np.where(np.isfinite(parts), parts > 0, -1)

    def label_colours(self, labels: Array) -> ColourArray:
        """A colour for each label that stands out from the ground of its own side."""
        parts, palette = self._parts(labels), self.palette
        middle = mixed(palette.text, palette.background, 0.2)
        ends = [mixed(end, palette.text, POINT) for end in (palette.negative, palette.positive)]
        shades = np.where(parts < 0, shaded(middle, ends[0], -parts), shaded(middle, ends[1], parts))
        return np.where(np.isfinite(parts), shades, palette.bad).astype(np.int32)

    def _parts(self, values: Array) -> Array:
        """−1..1 for values low..high; NaN for what is not finite."""
        values = np.where(np.isfinite(values), np.clip(values, self.low, self.high), np.nan)
        # Halves first: the distance of two finite numbers may be infinite.
        half = self.high / 2 - self.low / 2
        return np.asarray((values / 2 - self.low / 2) / half * 2 - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Classes by number, z[j, i], each as sure as certainty[j, i] in 0..1 says; quite sure where that is empty."""

    z: Array
    certainty: Array
    classes: Sequence[str]
    palette: Palette

    def keys(self) -> list[Key]:
        """The classes."""
        colours = class_colours(len(self.classes), self.palette)
        return [("●", name, colour) for name, colour in zip(self.classes, colours, strict=True)]

    def colours(self, columns: Array, rows: Array) -> ColourArray:
        """The colour of the answer at each (rows[j], columns[i]), places in the grid: that of the nearest point."""
        chosen, sure = self.sides(columns, rows), np.ones((len(rows), len(columns)))
        if np.shape(self.certainty) == self.z.shape:
            sure = between(np.asarray(self.certainty, float), columns, rows)
        ground = neutral(self.palette)
        colours = np.full(chosen.shape, self.palette.bad, np.int32)
        for place, colour in enumerate(class_colours(len(self.classes), self.palette)):
            here = chosen == place
            colours[here] = shaded(ground, mixed(ground, colour, STRENGTH), sure[here])
        return colours

    def sides(self, columns: Array, rows: Array) -> IntArray:
        """The class at each place, −1 where there is none."""
        nearest = np.rint(rows).astype(np.intp)[:, None], np.rint(columns).astype(np.intp)
        return self.side(self.z[nearest])

    def side(self, values: Array) -> IntArray:
        """The same for answers and labels: what is no class is −1."""
        known = (values > -0.5) & (values < len(self.classes) - 0.5)
        return np.where(known, np.rint(np.where(known, values, 0)), -1).astype(np.intp)

    def label_colours(self, labels: Array) -> ColourArray:
        """A colour for each label that stands out from the ground of its own class."""
        table = [mixed(colour, self.palette.text, POINT) for colour in class_colours(len(self.classes), self.palette)]
        return np.array([*table, self.palette.bad], np.int32)[self.side(labels)]


Answers = Scores | Choices


def between(z: Array, columns: Array, rows: Array) -> Array:
    """z at every (rows[j], columns[i]), fractional places of its grid, of shape (len(rows), len(columns))."""
    # Along one axis after the other: a fraction of the work of looking up four neighbours for every place.
    with np.errstate(invalid="ignore", over="ignore"):
        return _along(_along(z, rows).T, columns).T


def _along(z: Array, places: Array) -> Array:
    first = np.clip(np.floor(places).astype(np.intp), 0, max(len(z) - 2, 0))
    part = (places - first)[:, None]
    return np.asarray(z[first] * (1 - part) + z[np.minimum(first + 1, len(z) - 1)] * part)


def boundary(sides: IntArray) -> BoolArray:
    """Where a picture of whole numbers (rows, columns) changes to the next place right or below."""
    changes = np.zeros(sides.shape, bool)
    changes[:-1] |= sides[:-1] != sides[1:]
    changes[:, :-1] |= sides[:, :-1] != sides[:, 1:]
    return changes
