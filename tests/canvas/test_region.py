"""Regions: colours by answer, a boundary where answers change, points that stand out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.answers import between
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.ramp import channels
from tui_lab.canvas.region import region
from tui_lab.canvas.shades import neutral

NONE, GRID = np.array([]), np.linspace(-2, 2, 41)
A, B = np.meshgrid(GRID, GRID)
LEFT, TOP, BELOW = 5, 1, 2
"""The margins of a region with a title, of a width without a scale."""


def drawn(z: Array = A, width: int = 50, height: int = 23, **options: Any) -> Cells:
    parts: dict[str, Any] = {"points_x": NONE, "points_y": NONE, "labels": NONE, "held_out": np.zeros(0, bool)}
    parts |= {"low": -1.0, "high": 1.0, "classes": [], "certainty": np.zeros((0, 0)), "title": "t"}
    parts |= options
    return region(GRID, GRID, z, width=width, height=height, palette=PALETTE, **parts)


def points(*places: tuple[float, float, float], held_out: bool = False) -> dict[str, Any]:
    x, y, labels = np.array(places, float).T
    return {"points_x": x, "points_y": y, "labels": labels, "held_out": np.full(len(x), held_out)}


def cell(a: float, b: float, width: int = 50, height: int = 23) -> tuple[int, int]:
    columns, rows = width - LEFT, height - TOP - BELOW
    return TOP + int((2 - b) / 4 * (4 * rows - 1) / 4), LEFT + int((a + 2) / 4 * (2 * columns - 1) / 2)


def nearest(colour: int, *among: int) -> int:
    """The colour that one goes towards, from the colour of nought."""

    def way(to: int) -> Array:
        difference = channels(to) - channels(neutral(PALETTE))
        return np.asarray(difference / np.linalg.norm(difference))

    return max(among, key=lambda other: float(way(colour) @ way(other)))


def test_low_is_negative_and_high_is_positive_and_the_middle_is_dark() -> None:
    row = drawn(A / 2).backgrounds[10, LEFT:]
    assert nearest(int(row[0]), PALETTE.negative, PALETTE.positive) == PALETTE.negative
    assert nearest(int(row[-1]), PALETTE.negative, PALETTE.positive) == PALETTE.positive
    light = [float(channels(int(colour)).sum()) for colour in row]
    assert light[22] < light[11] < light[2] and light[22] < light[33] < light[42]


def test_up_is_more_y() -> None:
    picture = drawn(B)
    assert nearest(int(picture.backgrounds[TOP, 20]), PALETTE.negative, PALETTE.positive) == PALETTE.positive


def test_the_boundary_runs_where_the_answer_crosses_the_middle() -> None:
    lit = dots(drawn(A - 1), PALETTE.text)[4 * TOP : -4 * BELOW]
    assert lit.any(axis=1).all()
    column = 2 * LEFT + round(3 / 4 * (2 * 45 - 1))
    assert set(np.flatnonzero(lit.any(axis=0))) <= {column - 1, column, column + 1}


def test_the_boundary_of_a_scale_is_its_middle() -> None:
    lit = dots(drawn((A + 2) / 4, low=0.0, high=1.0), PALETTE.text)[4 * TOP : -4 * BELOW]
    assert abs(np.flatnonzero(lit.any(axis=0)).mean() - 2 * LEFT - 44.5) <= 1


def test_no_boundary_where_all_answers_are_on_one_side() -> None:
    assert not dots(drawn(A + 5), PALETTE.text)[4 * TOP : -4 * BELOW].any()


@pytest.mark.parametrize("place", [(0.0, 0.0), (1.5, -1.0), (-2.0, 2.0), (2.0, -2.0)])
def test_points_stand_at_their_cells(place: tuple[float, float]) -> None:
    marks = [found for found in where(drawn(**points((*place, 1.0))), "●") if found[0] > 0]
    assert marks == [cell(*place)]
    marks = [found for found in where(drawn(**points((*place, 1.0), held_out=True)), "○") if found[0] > 0]
    assert marks == [cell(*place)]


def test_a_point_has_the_colour_of_its_label_wherever_it_lies() -> None:
    picture = drawn(**points((-1.5, 0, 1), (1.5, 0, -1), (1.5, 1, 1)))
    colours = [int(picture.colours[cell(*place)]) for place in ((-1.5, 0), (1.5, 0), (1.5, 1))]
    signs = [nearest(colour, PALETTE.negative, PALETTE.positive) for colour in colours]
    assert signs == [PALETTE.positive, PALETTE.negative, PALETTE.positive]
    for place, colour in zip(((-1.5, 0), (1.5, 0), (1.5, 1)), colours, strict=True):
        ground = int(picture.backgrounds[cell(*place)])
        assert np.abs(channels(colour) - channels(ground)).sum() > 120


def test_a_wrong_point_is_not_covered_by_right_ones() -> None:
    for order in (1, -1):
        picture = drawn(**points(*[(1.0, 0.0, 1.0), (1.0, 0.0, -1.0), (1.0, 0.0, 1.0)][::order]))
        colour = int(picture.colours[cell(1.0, 0.0)])
        assert nearest(colour, PALETTE.negative, PALETTE.positive) == PALETTE.negative


def test_many_points_are_drawn_small() -> None:
    places = np.random.default_rng(0).uniform(-2, 2, (600, 2))
    picture = drawn(**points(*[(x, y, 1.0) for x, y in places.tolist()]))
    assert len(where(picture, "•")) > 300 and len(where(picture, "●")) == 2


def test_the_legend_and_the_scale_tell_what_colours_mean() -> None:
    lines = drawn(width=80, **points((0, 0, 1), held_out=True)).lines()
    assert "● -1" in lines[0] and "● 1" in lines[0] and "○ held out" in lines[0]
    assert lines[TOP].rstrip().endswith(" 1") and lines[-3].rstrip().endswith(" -1")
    assert "held out" not in drawn(**points((0, 0, 1))).lines()[0]


def test_classes_have_colours_and_names_and_a_boundary() -> None:
    names = ["dog", "cat", "a\x1b[2Jbird"]
    picture = drawn(np.digitize(A, [-0.7, 0.7]).astype(float), width=70, classes=names, **points((0, 1, 1), (0, -1, 2)))
    row = picture.backgrounds[4, LEFT:]
    series = PALETTE.series[:3]
    assert [nearest(int(row[place]), *series) for place in (3, 30, 60)] == list(series)
    assert "● dog" in picture.lines()[0] and "● a·[2Jbird" in picture.lines()[0]
    columns = np.flatnonzero(dots(picture, PALETTE.text)[4 * TOP : -4 * BELOW].any(axis=0)) - 2 * LEFT
    assert len(columns) == 2
    assert columns.tolist() == pytest.approx([1.3 / 4 * 129, 2.7 / 4 * 129], abs=3)


def test_an_unsure_answer_is_nearer_to_the_background() -> None:
    certainty = (A + 2) / 4
    row = drawn(np.zeros_like(A), classes=["dog"], certainty=certainty).backgrounds[10, LEFT:]
    distance = [float(np.abs(channels(int(colour)) - channels(PALETTE.background)).sum()) for colour in row]
    assert np.all(np.diff(distance) >= 0) and distance[-1] > 4 * distance[0]


def test_a_number_that_is_no_class_is_bad() -> None:
    z = np.where(A > 0, 7.0, 0.0)
    assert drawn(z, classes=["dog", "cat"]).backgrounds[10, -2] == PALETTE.bad


def test_what_is_not_finite_is_bad() -> None:
    z = np.where(A > 1, np.nan, A)
    picture = drawn(z)
    assert picture.backgrounds[10, -2] == PALETTE.bad and picture.backgrounds[10, LEFT + 2] != PALETTE.bad


def test_points_without_answers_and_nothing_at_all() -> None:
    parts = points((0, 0, 1), (1, 1, -1))
    picture = region(
        NONE, NONE, np.zeros((0, 0)), -1, 1, classes=[], certainty=np.zeros((0, 0)), width=40, height=12,
        palette=PALETTE, **parts,
    )  # fmt: skip
    assert len([found for found in where(picture, "●") if found[0] > 0]) == 2


def test_z_must_fit_its_grid() -> None:
    with pytest.raises(ValueError, match="shape"):
        drawn(A[:-1])


def test_between_the_points_of_the_grid_answers_are_linear() -> None:
    z = np.array([[0.0, 1, 3], [4, 5, 7]])
    assert between(z, np.array([0.5, 1.5]), np.array([0.0, 0.5])).tolist() == [[0.5, 2.0], [2.5, 4.0]]
    assert between(np.array([[7.0]]), np.zeros(2), np.zeros(1)).tolist() == [[7, 7]]


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 90),
    st.integers(0, 25),
    arrays(float, (4, 3), elements=st.floats(allow_nan=True, allow_infinity=True)),
    arrays(float, (3, 5), elements=st.floats(allow_nan=True, allow_infinity=True)),
    st.tuples(st.floats(), st.floats()),
    st.lists(st.text(max_size=4), max_size=3),
)
def test_any_numbers_at_any_size(
    width: int, height: int, z: Array, data: Array, ends: tuple[float, float], classes: list[str]
) -> None:
    low, high = ends
    picture = region(
        np.array([0.0, 1, 2]), np.array([-1.0, 0, 1, 1.5]), z, low, high,
        data[0], data[1], data[2], np.arange(5) > 2, classes, z,
        width, height, PALETTE, x_label="学", y_label="b", title="t",
    )  # fmt: skip
    check(picture, width, height)
