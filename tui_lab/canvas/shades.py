"""Shades: colours between the palette's colours, for numbers that are drawn as colours."""

from functools import lru_cache

import numpy as np

from tui_lab.canvas.arrays import Array, ColourArray, IntArray
from tui_lab.canvas.axis import LARGEST, SMALLEST
from tui_lab.canvas.cells import DEFAULT
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.ramp import channels, colours

STEPS = 12
"""How many shades a colour has: neighbouring cells of one shade cost fewer bytes on the wire."""
NEUTRAL = 0.07
"""How far nought stands out from the background."""
DARK, LIGHT = 0x101418, 0xF4F6F8
"""Text on a light and on a dark ground; a ground that the terminal keeps to itself counts as dark."""
LUMINANCE, GAMMA = (0.2126, 0.7152, 0.0722), 2.2
"""How much red, green and blue add to a colour's luminance, and how their bytes become light (sRGB, about)."""
MIDDLE = 0.185
"""The luminance at which DARK and LIGHT have the same contrast, by the definition of WCAG 2: about 4 to 1."""


def mixed(first: int, second: int, fraction: float) -> int:
    """The colour `fraction` of the way from the first to the second."""
    start, stop = channels(_known(first, DARK)), channels(_known(second, LIGHT))
    return int(colours(start + (stop - start) * fraction))


def shaded(first: int, second: int, fractions: Array, steps: int = STEPS) -> ColourArray:
    """Colours between two, in `steps` shades, for fractions 0..1; NaN is the first."""
    shades: ColourArray = _shades(_known(first, DARK), _known(second, LIGHT), steps)[_levels(fractions, steps)]
    return shades


def neutral(palette: Palette) -> int:
    """The colour of nought."""
    return mixed(palette.background, _known(palette.text, LIGHT), NEUTRAL)


def diverging(fractions: Array, palette: Palette, strength: float = 1.0) -> ColourArray:
    """Colours for −1..1: the palette's negative over neutral to its positive, `strength` of the way at the ends. What
    is not finite is bad."""
    nought = neutral(palette)
    signs = [_shades(nought, mixed(nought, end, strength), STEPS) for end in (palette.negative, palette.positive)]
    levels = _levels(np.abs(fractions), STEPS)
    shades = np.where(np.asarray(fractions) < 0, signs[0][levels], signs[1][levels])
    return np.where(np.isfinite(fractions), shades, palette.bad).astype(np.int32)


def usable(low: float, high: float, otherwise: tuple[float, float]) -> tuple[float, float]:
    """The ends of a colour scale if numbers can lie between them, or else others; too small a number is 0."""
    low, high = (0.0 if abs(end) < SMALLEST else min(max(end, -LARGEST), LARGEST) for end in (low, high))
    return (low, high) if high / 2 - low / 2 > SMALLEST else otherwise


def class_colours(count: int, palette: Palette) -> list[int]:
    """A colour for each class; when the series is at its end it starts again, nearer to the text's colour."""
    size = len(palette.series)
    return [mixed(palette.series[k % size], palette.text, min(0.4 * (k // size), 0.8)) for k in range(count)]


def legible(background: int) -> int:
    """Dark or light text, whichever can be read on the background."""
    light = (channels(_known(background, DARK)) / 255) ** GAMMA @ LUMINANCE
    return DARK if light > MIDDLE else LIGHT


def _known(colour: int, otherwise: int) -> int:
    return otherwise if colour == DEFAULT else colour


def _levels(fractions: Array, steps: int) -> IntArray:
    return np.asarray(np.rint(np.clip(np.nan_to_num(fractions), 0, 1) * (steps - 1)).astype(np.intp))


@lru_cache(maxsize=256)
def _shades(first: int, second: int, steps: int) -> ColourArray:
    start, stop = channels(first), channels(second)
    return colours(start + (stop - start) * np.linspace(0, 1, steps)[:, None])
