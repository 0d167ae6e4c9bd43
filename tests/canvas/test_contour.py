"""Contours: marks at their places, colours in order, valleys that look like valleys."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.arrays import Array, ColourArray
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.contour import OPTIMUM, WAY, contour
from tui_lab.canvas.height import Heights, interpolated
from tui_lab.canvas.ramp import channels, colours, ramp

NONE = np.array([])
GRID = np.linspace(-2, 2, 41)
A, B = np.meshgrid(GRID, GRID)
BOWL = A**2 + 3 * B**2
LEFT, TOP, BELOW = 5, 1, 2
"""The margins of a contour with a title, of a width without a scale."""


def drawn(z: Array = BOWL, width: int = 50, height: int = 23, **options: Any) -> Cells:
    parts: dict[str, Any] = {"path": (NONE, NONE), "point": NONE, "gradient": NONE, "optimum": NONE, "title": "MSE"}
    return contour(GRID, GRID, z, width, height, PALETTE, x_label="a", y_label="b", **(parts | options))


def lightness(picture: Cells) -> Array:
    """How light each cell of the drawing is, below its marks."""
    inside: ColourArray = picture.backgrounds[TOP:-BELOW, LEFT:]
    return np.asarray([[channels(int(colour)).sum() for colour in row] for row in inside])


def cell(a: float, b: float, width: int = 50, height: int = 23) -> tuple[int, int]:
    """The cell of a point, counted by hand."""
    columns, rows = width - LEFT, height - TOP - BELOW
    return TOP + round((2 - b) / 4 * (4 * rows - 1)) // 4, LEFT + round((a + 2) / 4 * (2 * columns - 1)) // 2


@pytest.mark.parametrize("place", [(0.0, 0.0), (1.5, -1.0), (-2.0, 2.0), (2.0, -2.0)])
def test_optimum_and_point_stand_at_their_cells(place: tuple[float, float]) -> None:
    picture = drawn(optimum=np.array(place))
    marks = [found for found in where(picture, "✚") if found[0] > 0]
    assert marks == [cell(*place)]
    assert picture.colours[marks[0]] == OPTIMUM
    picture = drawn(point=np.array(place))
    assert [found for found in where(picture, "●") if found[0] > 0] == [cell(*place)]


def test_what_lies_outside_is_not_drawn() -> None:
    beyond = np.array([3.0, 0.0])
    picture = drawn(point=beyond, optimum=np.array([np.nan, 1.0]), path=(np.array([5.0, 9]), np.array([5.0, 9])))
    assert [found for glyph in "●✚" for found in where(picture, glyph) if found[0] > 0] == []
    assert not dots(picture, WAY)[4:].any()


def test_higher_is_lighter() -> None:
    light = lightness(drawn())
    middle = light[light.shape[0] // 2]
    assert light.argmin() // light.shape[1] in (9, 10)
    assert middle[0] > middle[5] > middle[12] > middle[22] < middle[32] < middle[40]


def test_a_valley_is_dark_along_its_whole_floor() -> None:
    picture = drawn((0.5 * A + B) ** 2)
    light = lightness(picture)
    rows, columns = light.shape
    for a in np.linspace(-1.8, 1.8, 9):
        row, column = cell(a, -0.5 * a)
        assert light[row - TOP, column - LEFT] <= np.quantile(light, 0.25)
    assert light[0, -1] > np.quantile(light, 0.9) and light[-1, 0] > np.quantile(light, 0.9)
    assert (rows, columns) == (20, 45)


def test_the_path_is_drawn_and_cut_at_the_frame() -> None:
    picture = drawn(path=(np.array([-1.0, 1.0, 40.0]), np.array([0.0, 0.0, 0.0])))
    lit = dots(picture, WAY)[4:]
    columns = np.flatnonzero(lit.any(axis=0))
    assert columns[0] // 2 == cell(-1, 0)[1] and columns[-1] == 99
    assert len(np.flatnonzero(lit.any(axis=1))) == 1


@pytest.mark.parametrize(
    ("gradient", "head"),
    [((-1.0, 0.0), "→"), ((1.0, 0.0), "←"), ((0.0, 1.0), "↓"), ((0.0, -1.0), "↑"), ((1.0, -2.0), "↖")],
)
def test_the_arrow_points_down_the_gradient(gradient: tuple[float, float], head: str) -> None:
    picture = drawn(point=np.zeros(2), gradient=np.array(gradient))
    heads = [found for found in where(picture, head) if found[0] > 0]
    assert len(heads) == 1 and picture.colours[heads[0]] == PALETTE.accent
    row, column = cell(0, 0)
    assert np.sign(heads[0][1] - column) == -np.sign(gradient[0])
    assert np.sign(heads[0][0] - row) == np.sign(gradient[1])


@pytest.mark.parametrize("gradient", [(0.0, 0.0), (np.nan, 1.0), (1e-30, 0.0)])
def test_no_arrow_where_there_is_no_direction(gradient: tuple[float, float]) -> None:
    assert not dots(drawn(point=np.zeros(2), gradient=np.array(gradient)), PALETTE.accent)[4:].any()


def test_a_long_path_is_cheap_and_keeps_its_place() -> None:
    turns = np.linspace(0, 2000, 300_000)
    picture = drawn(path=(np.cos(turns), np.sin(turns)))
    columns = np.flatnonzero(dots(picture, WAY)[4:].any(axis=0))
    assert columns.min() // 2 == cell(-1, 0)[1] and columns.max() // 2 == cell(1, 0)[1]


def test_numbers_that_are_not_finite_are_shown_as_bad() -> None:
    z = BOWL.copy()
    z[:, :10] = np.inf
    picture = drawn(z)
    assert (picture.backgrounds[5:15, LEFT : LEFT + 8] == PALETTE.bad).all()
    assert (picture.backgrounds[5:15, LEFT + 20 :] != PALETTE.bad).all()


def test_the_scale_tells_the_extremes() -> None:
    lines = drawn(BOWL + 1, width=80).lines()
    assert lines[1].rstrip().endswith("17") and lines[-3].rstrip().endswith("1")


def test_the_legend_says_which_way_the_arrow_points() -> None:
    assert "→ −gradient" in drawn().lines()[0]


def test_z_must_fit_its_grid() -> None:
    with pytest.raises(ValueError, match="shape"):
        drawn(BOWL[:-1])


def test_heights_between_the_points_of_the_grid_are_linear() -> None:
    surface = Heights.of(np.array([0.0, 1, 3]), np.array([0.0, 2]), np.array([[0.0, 1, 3], [4, 5, 7]]))
    x, y = np.array([0.5, 2.0, 3.0]), np.array([1.0, 0.5, 2.0])
    assert surface.at(x, y).tolist() == pytest.approx((x + 2 * y).tolist())
    assert interpolated(np.array([[7.0]]), np.array([0.0]), np.array([0.0])).tolist() == [7]


def test_the_ramp_gets_lighter_all_the_way() -> None:
    light = ramp(np.linspace(0, 1, 24)) @ np.array([0.2126, 0.7152, 0.0722])
    assert np.all(np.diff(light) > 0)
    assert len(np.unique(colours(ramp(np.linspace(0, 1, 500))))) == 24


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 90),
    st.integers(0, 25),
    arrays(float, (4, 3), elements=st.floats(allow_nan=True, allow_infinity=True)),
    arrays(float, (4, 2), elements=st.floats(allow_nan=True, allow_infinity=True)),
)
def test_any_numbers_at_any_size(width: int, height: int, z: Array, vectors: Array) -> None:
    point, gradient, optimum, way = vectors
    picture = contour(
        np.array([0.0, 1, 2]), np.array([-1.0, 0, 1, 1.5]), z, width, height, PALETTE,
        path=(way, way), point=point, gradient=gradient, optimum=optimum, x_label="学", y_label="b", title="t",
    )  # fmt: skip
    check(picture, width, height)


def test_last_bits_change_no_line() -> None:
    """Of two points as high on two sides of a bowl, rounding makes either the higher one."""
    draw = np.random.default_rng(0)
    pictures = [drawn(BOWL * (1 + 3e-16 * draw.standard_normal(BOWL.shape)), 60, 30).glyphs for _ in range(5)]
    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)
