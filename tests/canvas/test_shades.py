"""Shades: colours between the palette's colours."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.canvas.pictures import PALETTE
from tui_lab.canvas.cells import DEFAULT
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.ramp import channels
from tui_lab.canvas.shades import DARK, LIGHT, class_colours, diverging, legible, mixed, neutral, shaded, usable


def contrast(first: int, second: int) -> float:
    """By WCAG 2."""

    def light(colour: int) -> float:
        parts = channels(colour) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    lights = sorted((light(first), light(second)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@given(st.integers(0, 0xFFFFFF))
def test_text_can_be_read_on_every_colour(ground: int) -> None:
    assert contrast(legible(ground), ground) > 3.9
    assert contrast(legible(ground), ground) > 0.9 * max(contrast(DARK, ground), contrast(LIGHT, ground))


def test_ends_and_middle_of_a_diverging_scale() -> None:
    shades = diverging(np.array([-1.0, 0, 1, np.nan, np.inf, -5, 5]), PALETTE).tolist()
    ends = [PALETTE.negative, neutral(PALETTE), PALETTE.positive]
    assert shades == [*ends, PALETTE.bad, PALETTE.bad, PALETTE.negative, PALETTE.positive]


def test_shades_go_evenly_from_one_colour_to_the_other() -> None:
    shades = shaded(0x000000, 0xFFFFFF, np.linspace(0, 1, 100), 6).tolist()
    assert sorted(set(shades)) == [0x000000, 0x333333, 0x666666, 0x999999, 0xCCCCCC, 0xFFFFFF]
    assert shades == sorted(shades)
    assert mixed(0x000000, 0xFF8000, 0.5) == 0x804000


def test_twenty_classes_have_twenty_colours() -> None:
    assert len(set(class_colours(20, PALETTE))) == 20
    assert class_colours(3, PALETTE) == list(PALETTE.series[:3])


def test_colours_that_the_terminal_keeps_to_itself_can_be_mixed() -> None:
    plain = Palette(text=DEFAULT, background=DEFAULT)
    assert 0 <= neutral(plain) <= 0xFFFFFF
    assert (diverging(np.linspace(-1, 1, 9), plain) >= 0).all()
    assert legible(DEFAULT) == LIGHT


def test_a_scale_needs_two_ends() -> None:
    other = (-1.0, 1.0)
    assert usable(0.0, 2.0, other) == usable(-5e-324, 2.0, other) == (0.0, 2.0)
    for low, high in ((1.0, 1.0), (2.0, 1.0), (np.nan, 1.0), (0.0, np.nan), (0.0, 5e-324)):
        assert usable(low, high, other) == other
