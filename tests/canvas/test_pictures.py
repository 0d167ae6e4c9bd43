"""Pictures: pixels in whole factors, captions, and a picture beside its numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.canvas.pictures import PALETTE, check
from tui_lab.canvas.arrays import Array, ColourArray
from tui_lab.canvas.cells import DEFAULT, Cells
from tui_lab.canvas.pictures import pictures
from tui_lab.canvas.ramp import channels

DIGIT = np.arange(64.0).reshape(8, 8) % 17


def drawn(
    images: Array, width: int = 80, height: int = 20, low: float = 0, high: float = 16, numbers: bool = False
) -> Cells:
    captions = [f"h{place}" for place in range(len(images))]
    return pictures(captions, images, low, high, numbers, width, height, PALETTE, title="t")


def pixels(cells: Cells) -> ColourArray:
    """The colours of the half cells, of shape (2 × height, width)."""
    upper = np.where(cells.glyphs == ord("▀"), cells.colours, cells.backgrounds)
    lower = np.where(cells.glyphs == ord("▄"), cells.colours, cells.backgrounds)
    return np.stack([upper, lower], axis=1).reshape(-1, cells.width)


def test_row_nought_is_the_top_and_scales_are_whole() -> None:
    image = np.zeros((1, 4, 4))
    image[0, 0, 3] = 16
    shown = pixels(drawn(image, 40, 10))[2:]
    rows, columns = np.nonzero(shown == PALETTE.text)
    scale = len(np.unique(rows))
    assert scale == len(np.unique(columns)) == 4
    assert rows.min() == 0 and columns.min() == 3 * scale and len(rows) == scale**2


def test_more_is_lighter() -> None:
    shown = pixels(drawn(np.linspace(0, 16, 8).reshape(1, 1, 8), 20, 5))[2]
    light = [float(channels(int(colour)).sum()) for colour in shown if colour != DEFAULT]
    assert light == sorted(light) and len(set(light)) == 8


def test_both_signs_have_two_colours_and_what_is_not_finite_is_bad() -> None:
    shown = pixels(drawn(np.array([[[-2.0, 0, 2, np.nan]]]), 20, 5, -2, 2))[2]
    parts = [int(colour) for colour in shown if colour != DEFAULT][:: len(shown[shown != DEFAULT]) // 4]
    assert parts[0] == PALETTE.negative and parts[2] == PALETTE.positive and parts[3] == PALETTE.bad


def test_captions_stand_below_their_pictures() -> None:
    lines = drawn(np.zeros((3, 8, 8)), 80, 12).lines()
    row = next(line for line in lines[1:] if "h0" in line)
    starts = [row.index(f"h{place}") for place in range(3)]
    assert starts[0] == 0 and len(set(np.diff(starts))) == 1 and starts[1] >= 10


def test_as_many_as_fit_and_how_many_more() -> None:
    text = "\n".join(drawn(np.zeros((64, 8, 8)), 80, 20).lines())
    assert "h22" in text and "h23" not in text and "… 41 more" in text
    whole = "\n".join(drawn(np.zeros((16, 8, 8)), 80, 20).lines())
    assert "h15" in whole and "more" not in whole


def test_large_pictures_are_made_smaller_so_that_all_fit() -> None:
    images = np.zeros((8, 40, 40))
    images[:, :, 20:] = 16
    picture = drawn(images, 60, 20)
    text = "\n".join(picture.lines())
    assert "h7" in text and "more" not in text
    row = pixels(picture)[2]
    dark, light = (row[:20] != PALETTE.text) & (row[:20] != DEFAULT), row[:20] == PALETTE.text
    assert dark.sum() > 0 and abs(int(dark[:12].sum()) - int(light[:12].sum())) <= 2


def test_one_picture_larger_than_the_screen_is_still_whole() -> None:
    image = np.zeros((1, 100, 100))
    image[0, :, 50:] = 16
    row = pixels(drawn(image, 30, 12))[2]
    assert (row == PALETTE.text).any() and (row != PALETTE.text).any()


def test_a_picture_beside_its_numbers() -> None:
    picture = drawn(DIGIT[None], 80, 20, numbers=True)
    lines = picture.lines()
    rows = [[int(word) for word in line[37:].split()] for line in lines[1:17] if line[37:].strip()]
    numbers = [row for row in rows if len(row) == 8]
    assert numbers == DIGIT.astype(int).tolist()
    assert "8 × 8 = 64 numbers" in lines[17] and lines[17].startswith("h0")
    assert any("→" in line for line in lines)


def test_numbers_have_the_colours_of_their_pixels() -> None:
    picture = drawn(DIGIT[None], 60, 11, numbers=True)
    shown = pixels(picture)
    for j in range(8):
        row = picture.lines()[1 + j]
        column = 16 + row[16:].index(str(int(DIGIT[j, 0])))
        assert picture.backgrounds[1 + j, column] == shown[2 + 2 * j, 0]


@pytest.mark.parametrize(("width", "height"), [(40, 20), (80, 6)])
def test_numbers_without_room_are_left_out(width: int, height: int) -> None:
    text = "\n".join(drawn(DIGIT[None], width, height, numbers=True).lines()[1:])
    assert "numbers" not in text


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 70),
    st.integers(0, 20),
    arrays(
        float,
        array_shapes(min_dims=3, max_dims=3, max_side=9),
        elements=st.floats(allow_nan=True, allow_infinity=True),
    ),
    st.floats(),
    st.floats(),
    st.booleans(),
    st.lists(st.text(max_size=9), max_size=5),
)
def test_any_pictures_at_any_size(
    width: int, height: int, images: Array, low: float, high: float, numbers: bool, captions: list[str]
) -> None:
    check(pictures(captions, images, low, high, numbers, width, height, PALETTE, title="学\x1b[2J"), width, height)


@pytest.mark.parametrize("shape", [(0, 8, 8), (3, 0, 4), (3, 4, 0), (4,)])
def test_no_pictures(shape: tuple[int, ...]) -> None:
    check(drawn(np.zeros(shape)), 80, 20)
