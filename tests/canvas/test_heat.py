"""Heat maps: a colour for each number, no spike lost, names beside what they name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.canvas.pictures import PALETTE, check
from tui_lab.canvas.arrays import Array, ColourArray
from tui_lab.canvas.cells import DEFAULT, Cells
from tui_lab.canvas.heat import extremes, heat, heat_colours
from tui_lab.canvas.ramp import channels


def drawn(
    values: Array,
    width: int = 60,
    height: int = 16,
    rows: list[str] | None = None,
    columns: list[str] | None = None,
    low: float = 0.0,
    high: float = 1.0,
) -> Cells:
    return heat("query", "key", rows or [], columns or [], values, low, high, width, height, PALETTE, title="Heat")


def pixels(cells: Cells) -> ColourArray:
    """The colours of the half cells, of shape (2 × height, width)."""
    upper = np.where(cells.glyphs == ord("▀"), cells.colours, cells.backgrounds)
    lower = np.where(cells.glyphs == ord("▄"), cells.colours, cells.backgrounds)
    return np.stack([upper, lower], axis=1).reshape(-1, cells.width)


def light(colour: int) -> float:
    return float(channels(colour) @ (0.2126, 0.7152, 0.0722))


def test_more_is_lighter_and_nan_is_nothing() -> None:
    row = pixels(drawn(np.array([[0.0, 0.25, 0.5, 0.75, 1.0, np.nan]])))[2]
    shown = row[row != DEFAULT]
    _, first = np.unique(shown, return_index=True)
    lights = [light(int(shown[place])) for place in sorted(first)]
    assert len(lights) == 5 and lights == sorted(lights)
    assert len(shown) % 5 == 0 and (row[: len(shown)] != DEFAULT).all()


def test_both_signs_have_a_colour_each_and_infinity_is_bad() -> None:
    colours = heat_colours(np.array([-2.0, 2.0, np.inf, np.nan]), -2.0, 2.0, PALETTE).tolist()
    assert colours == [PALETTE.negative, PALETTE.positive, PALETTE.bad, DEFAULT]


def test_a_scale_of_two_signs_is_even_about_nought() -> None:
    uneven, even = (heat_colours(np.ones(1), -2.0, high, PALETTE)[0] for high in (1.0, 2.0))
    assert uneven == even != PALETTE.positive


def test_the_key_tells_the_ends_of_the_scale() -> None:
    line = drawn(np.eye(3), low=0.0, high=0.5).lines()[0]
    assert line.startswith("Heat  query ↓ key →") and line.endswith("0 ████████ 0.5")


def test_no_spike_is_lost() -> None:
    values = np.zeros((700, 900))
    values[123, 217] = 1.0
    top = max(light(int(colour)) for colour in np.unique(pixels(drawn(values))[2:-2]) if colour != DEFAULT)
    assert top == light(int(heat_colours(np.ones(1), 0, 1, PALETTE)[0]))
    assert "largest 1 at 123, 217" in drawn(values).lines()[-1]


@pytest.mark.parametrize("shape", [(7, 5), (40, 3), (3, 40), (31, 29)])
@pytest.mark.parametrize("signed", [False, True])
def test_each_block_has_its_extreme(shape: tuple[int, int], signed: bool) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    rows, columns = min(shape[0], 6), min(shape[1], 4)
    blocks = np.full((rows, columns), np.nan)
    for (j, i), value in np.ndenumerate(values):
        place = j * rows // shape[0], i * columns // shape[1]
        size, best = (abs(value), abs(blocks[place])) if signed else (value, blocks[place])
        if np.isnan(best) or size > best:
            blocks[place] = value
    assert np.array_equal(extremes(values, rows, columns, signed), blocks)


def test_nan_does_not_hide_a_number_of_its_block() -> None:
    assert extremes(np.array([[np.nan, 3.0, np.nan, np.nan]]), 1, 2, True).tolist()[0][0] == 3.0


def test_names_stand_beside_their_rows_and_over_their_columns() -> None:
    values = np.zeros((4, 4))
    values[2, 3] = 1.0
    picture = drawn(values, rows=["a", "b", "c", "d"], columns=["k", "l", "m", "\n"])
    lines = picture.lines()
    assert lines[1].split() == ["k", "l", "m", "⏎"]
    bright = pixels(picture) == heat_colours(np.ones(1), 0, 1, PALETTE)[0]
    bright[:2] = False
    rows, columns = np.nonzero(bright)
    named = next(row for row, line in enumerate(lines) if line.startswith("c "))
    assert rows.min() // 2 <= named <= rows.max() // 2
    assert lines[1].index("⏎") == columns.min()


def test_fewer_names_than_rows_belong_to_evenly_spaced_ones() -> None:
    picture = drawn(np.zeros((12, 100)), rows=["0", "3", "6", "9"], columns=["0", "50"])
    lines = picture.lines()
    at = [next(row for row, line in enumerate(lines) if row > 1 and line.startswith(name)) for name in "0369"]
    assert len(set(np.diff(at))) == 1
    half = lines[1].index("50") - lines[1].index("0")
    assert half == pytest.approx((pixels(picture)[8] != DEFAULT).sum() / 2, abs=1)


def test_the_room_is_filled_in_whole_pixels() -> None:
    shown = pixels(drawn(np.arange(16.0).reshape(4, 4) / 16, 60, 16))[2:-2] != DEFAULT
    rows, columns = shown.any(axis=1).sum(), shown.any(axis=0).sum()
    assert rows % 4 == columns % 4 == 0 and rows >= 20 and columns >= 40


@pytest.mark.parametrize("values", [np.zeros((0, 0)), np.zeros((0, 3)), np.zeros(4), np.full((2, 2), np.nan)])
def test_nothing_to_show(values: Array) -> None:
    check(drawn(values), 60, 16)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 90),
    st.integers(0, 30),
    arrays(
        float,
        array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.floats(allow_nan=True, allow_infinity=True),
        fill=st.floats(),
    ),
    st.lists(st.text(max_size=8), max_size=12),
    st.floats(),
    st.floats(),
)
def test_any_heat_map_at_any_size(
    width: int, height: int, values: Array, names: list[str], low: float, high: float
) -> None:
    check(drawn(values, width, height, names, names[::-1], low, high), width, height)
