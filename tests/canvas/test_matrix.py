"""Matrices: numbers that can be read, a diagonal that is seen, pixels where there is no room."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.canvas.pictures import PALETTE, check
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.cells import DEFAULT, Cells
from tui_lab.canvas.matrix import matrix
from tui_lab.canvas.ramp import channels
from tui_lab.canvas.shades import neutral

NAMES = ["dog", "cat", "bird"]
COUNTS = np.array([[22.0, 3, 0], [4, 19, 2], [0, 1, 24]])


def drawn(values: Array = COUNTS, width: int = 50, height: int = 14, names: list[str] = NAMES) -> Cells:
    return matrix("label", "answer", names, names, values, width, height, PALETTE, title="Confusion")


def ground(cells: Cells, number: str, which: int = 0) -> int:
    """The background of the `which`-th cell that holds a number."""
    places = [
        (row, column)
        for row, line in enumerate(cells.lines())
        for column in range(len(line))
        if line[column : column + len(number)] == number and f" {line} "[column] == " "
        and f" {line} "[column + len(number) + 1] == " "
    ]  # fmt: skip
    return int(cells.backgrounds[places[which]])


def contrast(first: int, second: int) -> float:
    """By WCAG 2, with a gamma of 2.2."""
    lights = [float((channels(colour) / 255) ** 2.2 @ (0.2126, 0.7152, 0.0722)) for colour in (first, second)]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_names_and_numbers_stand_where_they_belong() -> None:
    lines = drawn().lines()
    assert lines[1].strip() == "answer →" and lines[2].split() == ["label", "↓", "dog", "cat", "bird"]
    rows = [line.split() for line in lines if any(character.isdigit() for character in line)]
    assert rows == [["dog", "22", "3", "0"], ["cat", "4", "19", "2"], ["bird", "0", "1", "24"]]


def test_hits_and_mistakes_have_colours_of_their_own() -> None:
    picture = drawn()
    assert ground(picture, "24") == PALETTE.good
    assert channels(ground(picture, "22"))[1] > channels(ground(picture, "22"))[0]
    mistake = channels(ground(picture, "4"))
    assert mistake[0] > mistake[2] and mistake[0] > channels(ground(picture, "1"))[0]
    assert ground(picture, "0") == neutral(PALETTE)


def test_numbers_of_both_signs_have_two_colours() -> None:
    picture = matrix("", "", ["a"], ["b", "c", "d", "e"], np.array([[2.5, -2.5, np.nan, np.inf]]), 50, 8, PALETTE)
    assert ground(picture, "2.50") == PALETTE.positive and ground(picture, "-2.50") == PALETTE.negative
    assert ground(picture, "·") == neutral(PALETTE) and ground(picture, "∞") == PALETTE.bad


def test_every_number_can_be_read() -> None:
    for values in (np.linspace(0, 30, 9).reshape(3, 3), np.linspace(-3, 3, 9).reshape(3, 3)):
        picture = drawn(values)
        written = (picture.backgrounds != DEFAULT) & (picture.glyphs != ord(" "))
        for row, column in np.argwhere(written).tolist():
            assert contrast(int(picture.colours[row, column]), int(picture.backgrounds[row, column])) > 4


def test_without_room_there_are_pixels_and_the_diagonal_is_seen() -> None:
    names = [str(place) for place in range(10)]
    picture = drawn(np.eye(10) * 30, 12, 7, names)
    assert not any(character.isdigit() for line in picture.lines() for character in line)
    for place in range(10):
        row, column = 1 + place // 2, place
        colours = picture.colours if place % 2 == 0 else picture.backgrounds
        assert colours[row, column] == PALETTE.good


def test_of_more_values_than_pixels_the_largest_are_shown() -> None:
    values = np.zeros((300, 300))
    values[123, 217] = 5.0
    picture = matrix("", "", [], [], values, 30, 10, PALETTE)
    assert ((picture.colours == PALETTE.positive) | (picture.backgrounds == PALETTE.positive)).sum() == 1


@pytest.mark.parametrize("values", [np.zeros((0, 0)), np.zeros((0, 3)), np.zeros(4)])
def test_nothing_to_show(values: Array) -> None:
    check(drawn(values), 50, 14)


def test_names_are_cut_and_cannot_move_the_cursor() -> None:
    names = ["a\x1b[2Jvery long name indeed", "学" * 20, "c"]
    check(drawn(names=names), 50, 14)
    assert "…" in "\n".join(drawn(names=names).lines())


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 70),
    st.integers(0, 20),
    arrays(
        float,
        array_shapes(min_dims=2, max_dims=2, max_side=12),
        elements=st.floats(allow_nan=True, allow_infinity=True),
    ),
    st.lists(st.text(max_size=6), max_size=12),
)
def test_any_matrix_at_any_size(width: int, height: int, values: Array, names: list[str]) -> None:
    check(drawn(values, width, height, names), width, height)
