"""A vector as an arrow, as bars, as numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.arrow import arrow
from tui_lab.canvas.bar import bar

NAMES = ["∂L/∂a", "∂L/∂b"]


@pytest.mark.parametrize(
    ("values", "head"),
    [((1, 0), "→"), ((3, 3), "↗"), ((0, 2), "↑"), ((-1, 1), "↖"), ((-5, 0), "←"), ((-1, -1), "↙"), ((0, -1), "↓")],
)
def test_the_head_points_where_the_vector_does(values: tuple[float, float], head: str) -> None:
    picture = arrow(NAMES, np.array(values, float), 50, 13, PALETTE, title="gradient")
    ((row, column),) = where(picture, head)
    centre = 1 + 6, 12
    assert np.sign(column - centre[1]) == np.sign(values[0])
    assert np.sign(centre[0] - row) == np.sign(values[1])


def test_an_arrow_that_shrinks_is_seen_to_shrink() -> None:
    long, short = (arrow(NAMES, np.array([size, 0.0]), 50, 13, PALETTE) for size in (7.9, 4.5))
    assert dots(long).sum() > 1.4 * dots(short).sum() > 0


def test_numbers_and_norm_are_written() -> None:
    lines = "\n".join(arrow(NAMES, np.array([3.0, -4.0]), 50, 11, PALETTE).lines())
    for words in (("∂L/∂a", "3"), ("∂L/∂b", "-4"), ("norm", "5")):
        assert any(line.split()[-2:] == list(words) for line in lines.splitlines())


def test_the_norm_neither_overflows_nor_vanishes() -> None:
    assert "1.414e+200" in "\n".join(arrow(NAMES, np.array([1e200, 1e200]), 50, 11, PALETTE).lines())
    assert "1.414e-200" in "\n".join(arrow(NAMES, np.array([1e-200, 1e-200]), 50, 11, PALETTE).lines())


def test_what_is_not_finite_is_said() -> None:
    picture = arrow(NAMES, np.array([np.nan, -np.inf]), 50, 11, PALETTE)
    text = "\n".join(picture.lines())
    assert "not finite" in text and "nan" in text and "-inf" in text
    assert not dots(picture).any()


def test_other_dimensions_are_bars_with_signs() -> None:
    picture = arrow(["a", "b", "c"], np.array([1.0, -2.0, np.inf]), 40, 5, PALETTE, title="three")
    first, second, third = picture.lines()[1:4]
    assert first.index("│") < first.index("█") and second.index("█") < second.index("│")
    assert second.count("█") == pytest.approx(2 * first.count("█"), abs=2)
    assert "inf" in third and "█" not in third
    assert "norm" in picture.lines()[4]


def test_too_many_components_leave_room_for_the_norm() -> None:
    picture = arrow([f"w{place}" for place in range(50)], np.ones(50), 40, 6, PALETTE)
    assert [line.split()[0] for line in picture.lines()] == ["w0", "w1", "w2", "w3", "w4", "norm"]


@given(st.integers(0, 50), st.integers(0, 14), st.lists(st.floats(), max_size=5))
def test_any_numbers_at_any_size(width: int, height: int, values: list[float]) -> None:
    names = ["学\x1b"] * len(values)
    check(arrow(names, np.array(values, float), width, height, PALETTE, title="t"), width, height)


def test_bars_have_eighths() -> None:
    assert bar(0.5, 4) == "██  " and bar(1 / 32, 4) == "▏   " and bar(7, 2) == "██" and bar(float("nan"), 2) == "  "
