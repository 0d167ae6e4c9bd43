"""Images: pixels in their own colours, the numbers of one of them, and the vector of all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tests.canvas.pictures import PALETTE, check, where
from tui_lab.canvas.arrays import ColourArray
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.image import image

Bytes = NDArray[np.uint8]
SMALL = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3


def drawn(pixels: Bytes = SMALL, row: int = 1, column: int = 2, width: int = 80, height: int = 20) -> Cells:
    return image(pixels, row, column, width, height, PALETTE, caption="a thing", title="Image")


def colour(pixels: Bytes, row: int, column: int) -> int:
    red, green, blue = pixels[row, column].tolist()
    return int(red << 16 | green << 8 | blue)


def half_cells(cells: Cells) -> ColourArray:
    """The colours of the half cells, of shape (2 × height, width)."""
    upper = np.where(cells.glyphs == ord("▀"), cells.colours, cells.backgrounds)
    lower = np.where(cells.glyphs == ord("▄"), cells.colours, cells.backgrounds)
    return np.stack([upper, lower], axis=1).reshape(-1, cells.width)


def test_every_pixel_is_a_square_of_its_own_colour() -> None:
    shown = half_cells(drawn(width=70))
    sizes = set()
    for row in range(4):
        for column in range(6):
            rows, columns = np.nonzero(shown == colour(SMALL, row, column))
            inside = columns < 45
            sizes.add(len(set(rows[inside].tolist())))
            assert len(set(rows[inside].tolist())) == len(set(columns[inside].tolist()))
    assert len(sizes) == 1 and sizes.pop() > 1


def test_a_large_image_is_made_smaller_by_means() -> None:
    pixels = np.zeros((200, 300, 3), np.uint8)
    pixels[:, ::2] = 200
    shown = half_cells(drawn(pixels, 0, 0))
    greys = {
        value for value in np.unique(shown).tolist() if value >= 0 and value >> 16 == value & 255 == value >> 8 & 255
    }
    assert any(0x505050 <= value <= 0x787878 for value in greys)


def test_the_pixel_is_told_and_marked() -> None:
    picture = drawn()
    text = "\n".join(picture.lines())
    red, green, blue = SMALL[1, 2].tolist()
    assert "row 1, column 2" in text and f"R {red:>3}" in text and f"G {green:>3}" in text and f"B {blue:>3}" in text
    (cross,), (down,), (right,) = (where(picture, sign) for sign in "┼▾▸")
    assert down[1] == cross[1] and right[0] == cross[0]
    assert picture.backgrounds[cross] == colour(SMALL, 1, 2)


def test_the_vector_begins_with_the_first_pixels_and_its_length_is_told() -> None:
    lines = drawn().lines()
    first = next(row for row, line in enumerate(lines) if "4 × 6 × 3 = 72 numbers" in line)
    left = lines[first].index("4 × 6")
    entries = [int(word) for line in lines[first + 1 :] for word in line[left:].split()]
    assert entries == SMALL.ravel().tolist()
    assert "a thing" in lines[1]


def test_the_pixels_entries_stand_out_in_the_vector() -> None:
    picture = drawn()
    lines = picture.lines()
    first = next(row for row, line in enumerate(lines) if "72 numbers" in line)
    out = picture.styles[first + 1 :] & BOLD
    rows, columns = np.nonzero((picture.backgrounds[first + 1 :] == PALETTE.grid) & (out > 0))
    assert len(set(rows.tolist())) == 1
    line = lines[first + 1 + int(rows[0])]
    assert [int(word) for word in line[columns.min() : columns.max() + 1].split()] == SMALL[1, 2].tolist()


def test_entries_further_on_are_told_with_their_number() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    lines = drawn(pixels, 20, 12).lines()
    place = (20 * 32 + 12) * 3
    red, green, blue = pixels[20, 12].tolist()
    assert f"… [{place}] {red} {green} {blue} …" in lines[-1]
    assert "… " not in "\n".join(lines[:-1])


def test_a_pixel_outside_is_not_told() -> None:
    picture = drawn(row=9)
    text = "\n".join(picture.lines())
    assert "72 numbers" in text and "row" not in text and not where(picture, "┼")


def test_in_a_narrow_room_the_numbers_stand_below() -> None:
    lines = drawn(width=30, height=20).lines()
    red = int(SMALL[1, 2, 0])
    row = next(row for row, line in enumerate(lines) if f"R {red}" in line)
    assert row > 10 and "72 numbers" in lines[row + 1]


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 0, 3), (4, 4), (4, 4, 1)])
def test_no_image(shape: tuple[int, ...]) -> None:
    check(drawn(np.zeros(shape, np.uint8)), 80, 20)


def test_alpha_is_left_out() -> None:
    assert "4 × 4 × 3 = 48" in "\n".join(drawn(np.zeros((4, 4, 4), np.uint8)).lines())


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 130),
    st.integers(0, 40),
    arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70), st.just(3)), fill=st.integers(0, 255)),
    st.integers(-1, 70),
    st.integers(-1, 70),
)
def test_any_image_at_any_size(width: int, height: int, pixels: Bytes, row: int, column: int) -> None:
    check(drawn(pixels, row, column, width, height), width, height)
