"""The shaded block: what stands where, what hides what."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.camera import TALLEST, Camera
from tui_lab.canvas.cells import DEFAULT, Cells
from tui_lab.canvas.contour import WAY
from tui_lab.canvas.ramp import channels
from tui_lab.canvas.relief import relief

NONE = np.array([])
GRID = np.linspace(-1, 1, 41)
A, B = np.meshgrid(GRID, GRID)
BOWL = A**2 + B**2
WIDTH, HEIGHT = 60, 24


def drawn(z: Array = BOWL, azimuth: float = 0, elevation: float = 45, **options: Any) -> Cells:
    parts: dict[str, Any] = {"path": (NONE, NONE), "point": NONE, "x_label": "a", "y_label": "b", "title": "MSE"}
    return relief(GRID, GRID, z, WIDTH, HEIGHT, PALETTE, azimuth=azimuth, elevation=elevation, **(parts | options))


def mark(picture: Cells, glyphs: str = "●○") -> tuple[int, int, str]:
    """Where the current point stands, and as what."""
    ((row, column, glyph),) = [(*found, glyph) for glyph in glyphs for found in where(picture, glyph) if found[0] > 0]
    return row, column, glyph


def test_the_lowest_point_of_a_bowl_stands_in_the_middle() -> None:
    row, column, glyph = mark(drawn(point=np.zeros(2)))
    assert abs(column - WIDTH / 2) <= 1 and glyph == "●"
    assert HEIGHT / 2 <= row <= HEIGHT / 2 + 5


@pytest.mark.parametrize("azimuth", range(0, 360, 15))
def test_a_point_of_the_plane_stands_where_the_camera_sees_it(azimuth: int) -> None:
    """On a flat function the place follows from the turn alone: x to the right and y away, then clockwise."""
    place = np.array([0.8, 0.3])
    row, column, glyph = mark(drawn(np.zeros((41, 41)), azimuth, point=place))
    turn = np.radians(azimuth)
    right = place[0] * np.cos(turn) + place[1] * np.sin(turn)
    away = place[1] * np.cos(turn) - place[0] * np.sin(turn)
    camera = Camera.fitting(WIDTH, 2 * (HEIGHT - 2), turn, np.radians(45))
    assert column == pytest.approx((WIDTH - 1) / 2 + camera.wide * right, abs=0.6)
    assert 2 * (row - 1) == pytest.approx(camera.row - camera.tall * away * np.sin(np.radians(45)), abs=1.6)
    assert glyph == "●"


def test_higher_stands_higher() -> None:
    step = np.where(A > 0, 1.0, 0.0)
    low, _, _ = mark(drawn(step, point=np.array([-0.5, 0.0])))
    high, _, _ = mark(drawn(step, point=np.array([0.5, 0.0])))
    camera = Camera.fitting(WIDTH, 2 * (HEIGHT - 2), 0, np.radians(45))
    assert 2 * (low - high) == pytest.approx(camera.tall * TALLEST * np.cos(np.radians(45)), abs=2)


def test_a_wall_in_front_hides_what_is_behind() -> None:
    wall = np.where(np.abs(B + 0.5) < 0.08, 1.0, 0.0)
    behind = np.array([0.0, -0.2])
    assert mark(drawn(wall, 0, 20, point=behind))[2] == "○"
    assert mark(drawn(wall, 180, 20, point=behind))[2] == "●"
    way = (np.linspace(-0.9, 0.9, 50), np.full(50, -0.25))
    assert not dots(drawn(wall, 0, 20, path=way), WAY)[4:].any()
    assert dots(drawn(wall, 180, 20, path=way), WAY)[4:].any()


def test_the_block_fills_the_picture_and_never_leaves_it() -> None:
    for azimuth in range(0, 360, 15):
        filled = drawn(azimuth=azimuth).backgrounds != DEFAULT
        rows, columns = np.flatnonzero(filled.any(axis=1)), np.flatnonzero(filled.any(axis=0))
        assert len(columns) >= 0.5 * WIDTH and len(rows) >= 0.6 * HEIGHT
        # No holes: a row of the block is one stretch.
        assert np.all(np.diff(columns) == 1) and np.all(np.diff(rows) == 1)


def test_a_symmetric_bowl_looks_alike_after_a_quarter_turn() -> None:
    one, other = (drawn(azimuth=azimuth, x_label="", y_label="") for azimuth in (30, 120))
    assert sum(width for _, _, width in one.changed(other)) < 0.02 * WIDTH * HEIGHT


def test_the_side_towards_the_light_is_lighter() -> None:
    ridge = 1 - np.abs(A)
    picture = drawn(ridge, 0, 60)
    row = picture.backgrounds[HEIGHT // 2]
    light = [channels(int(colour)).sum() for colour in row if colour != DEFAULT]
    size = len(light)
    assert sum(light[size // 10 : size // 2 - 2]) > 1.1 * sum(light[size // 2 + 2 : -(size // 10)])


def test_a_tall_function_is_compressed_and_says_so() -> None:
    assert "height" not in drawn().lines()[0]
    assert "MSE · height is √loss" in drawn(BOWL**2.5, z_label="loss").lines()[0]
    assert "∜" in drawn(np.exp(40 * A)).lines()[0]


def test_names_stand_at_the_edges_that_are_seen() -> None:
    picture = drawn(azimuth=30, x_label="slope", y_label="intercept")
    rows = {name: row for row, line in enumerate(picture.lines()) for name in ("slope", "intercept") if name in line}
    assert set(rows) == {"slope", "intercept"}
    lines = picture.lines()
    assert lines[rows["slope"]].index("slope") < WIDTH / 2 < lines[rows["intercept"]].index("intercept")


def test_the_path_lies_on_the_surface() -> None:
    """A way straight across a bowl's floor is a valley on the picture too."""
    way = (np.linspace(-0.9, 0.9, 5), np.zeros(5))
    rows, columns = np.nonzero(dots(drawn(path=way, elevation=40), WAY)[4:])
    middle = rows[np.abs(columns - WIDTH) < 6].mean()
    assert middle > rows[columns == columns.min()].mean() + 3
    assert middle > rows[columns == columns.max()].mean() + 3


def test_a_long_path_keeps_its_place() -> None:
    turns = np.linspace(0, 2000, 300_000)
    long, short = (
        dots(drawn(path=(0.5 * np.cos(way), 0.5 * np.sin(way))), WAY) for way in (turns, np.linspace(0, 2 * np.pi, 500))
    )
    rows, columns = np.nonzero(long)
    assert columns.min() == np.nonzero(short)[1].min() and columns.max() == np.nonzero(short)[1].max()
    assert rows.max() == np.nonzero(short)[0].max()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 70),
    st.integers(0, 25),
    arrays(float, (4, 3), elements=st.floats(allow_nan=True, allow_infinity=True)),
    arrays(float, (3, 2), elements=st.floats(allow_nan=True, allow_infinity=True)),
    st.floats(-720, 720),
    st.floats(-90, 180),
)
def test_any_numbers_at_any_size(
    width: int, height: int, z: Array, vectors: Array, azimuth: float, elevation: float
) -> None:
    point, optimum, way = vectors
    picture = relief(
        np.array([0.0, 1, 2]), np.array([-1.0, 0, 1, 1.5]), z, width, height, PALETTE, azimuth=azimuth,
        elevation=elevation, path=(way, way), point=point, optimum=optimum, x_label="学習", y_label="b", title="t",
    )  # fmt: skip
    check(picture, width, height)
