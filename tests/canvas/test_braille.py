"""Dots and lines of dots."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.canvas.pictures import dots
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.cells import Cells

far = st.floats(-1e12, 1e12) | st.just(float("nan"))


def drawn(raster: Dots) -> Cells:
    cells = Cells.blank(raster.columns // 2, raster.rows // 4)
    raster.draw(cells, 0, 0)
    return cells


def test_every_dot_of_a_cell_has_its_own_bit() -> None:
    for row in range(4):
        for column in range(2):
            raster = Dots(1, 1)
            raster.points(np.array([float(column)]), np.array([float(row)]), 1)
            lit = dots(drawn(raster))
            assert lit[row, column] and lit.sum() == 1


def test_a_cell_has_the_colour_of_what_was_drawn_last() -> None:
    raster = Dots(2, 1)
    raster.points(np.array([0.0, 2.0]), np.array([0.0, 0.0]), 1)
    raster.points(np.array([1.0]), np.array([3.0]), 2)
    assert drawn(raster).colours.tolist() == [[2, 1]]


@given(st.integers(0, 6), st.integers(0, 4), st.lists(st.tuples(far, far, far, far), max_size=5))
def test_lines_from_anywhere_to_anywhere_are_cut(
    width: int, height: int, lines: list[tuple[float, float, float, float]]
) -> None:
    raster = Dots(width, height)
    x0, y0, x1, y1 = np.array(lines, float).reshape(-1, 4).T
    raster.segments(x0, y0, x1, y1, 1)
    assert drawn(raster).glyphs.shape == (height, width)


@given(*[st.integers(0, 15)] * 4)
def test_a_line_touches_both_ends_and_has_no_hole(x0: int, y0: int, x1: int, y1: int) -> None:
    raster = Dots(8, 4)
    raster.polyline(np.array([x0, x1], float), np.array([y0, y1], float), 1)
    lit = dots(drawn(raster))
    assert lit[y0, x0] and lit[y1, x1]
    rows, columns = np.nonzero(lit)
    assert set(range(min(x0, x1), max(x0, x1) + 1)) <= set(columns.tolist())
    assert set(range(min(y0, y1), max(y0, y1) + 1)) <= set(rows.tolist())


def test_a_line_stops_at_nan() -> None:
    raster = Dots(8, 1)
    raster.polyline(np.array([0.0, 4.0, np.nan, 10.0, 14.0]), np.array([1.0, 1, 1, 1, 1]), 1)
    assert np.flatnonzero(dots(drawn(raster))[1]).tolist() == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]


@given(st.lists(st.tuples(st.integers(-2, 41), st.floats(-5, 90), st.floats(-5, 90)), min_size=1, max_size=4))
def test_few_strokes_and_many_light_the_same_dots(strokes: list[tuple[int, float, float]]) -> None:
    few, many = Dots(20, 20), Dots(20, 20)
    columns, starts, stops = np.array(strokes, float).T
    few.spans(columns, starts, stops, 1)
    many.spans(np.tile(columns, 500), np.tile(starts, 500), np.tile(stops, 500), 1)
    assert np.array_equal(few.bits, many.bits)
