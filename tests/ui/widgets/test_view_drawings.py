"""Every kind of view, off the wire and onto the pane."""

import math

import numpy as np
import pytest

from tests.ui.widgets.frames import SIZES, OnePane, frame, shown
from tui_lab.canvas.palette import Palette
from tui_lab.lab.views import Chain, Curve, Layer, Link, Matrix, Network, Pictures, Region, View
from tui_lab.ui.widgets.view_drawings import Still, drawing
from tui_lab.ui.widgets.view_pane import ViewPane

X = np.linspace(-2.0, 2.0, 9)
LINKS = [
    Link("x", "x = 2", 2.0, math.nan, math.nan),
    Link("f", "f = 3·x", 6.0, 3.0, math.nan),
    Link("L", "L = f²", 36.0, 12.0, 1.0),
]
VIEWS: list[tuple[Still, list[str]]] = [
    (
        Network(
            "Net",
            "example 3",
            [Layer("inputs", ["x₁"], np.array([0.5])), Layer("output", ["ŷ"], np.array([0.25]))],
            [np.array([[1.5]])],
            [np.array([[-0.125]])],
            [np.array([0.75])],
        ),
        ["inputs", "x₁", "1.50", "b 0.750", "ŷ", "example 3"],
    ),
    (
        Curve("Activation", "z", "a", X, np.tanh(X), np.array([0.5, 0.46]), 0.786),
        ["z 0.500", "a 0.460", "slope 0.786", "●"],
    ),
    (
        Region(
            "Boundary", "u", "v", X, X, np.subtract.outer(X, X), -1.0, 1.0, X, X, np.sign(X), X > 0,
        ),
        ["● -1", "● 1", "○ held out", "u", "v"],
    ),
    (
        Region(
            "Species", "u", "v", X, X, np.zeros((9, 9)), 0.0, 1.0, X, X, np.zeros(9), X > 9, ["dog", "cat"],
            np.ones((9, 9)),
        ),
        ["● dog", "● cat"],
    ),
    (Chain("The chain", LINKS), ["f = 3·x", "slope 12", "36"]),
    (
        Matrix("Confusion", "label", "answer", ["dog", "cat"], ["dog", "cat"], np.array([[5.0, 1], [0, 7]])),
        ["answer →", "label ↓", "dog", "7"],
    ),
    (Pictures("Digit", ["label 1"], np.full((1, 2, 2), 3.0), 0.0, 16.0, True), ["label 1", "2 × 2 = 4 numbers", "3"]),
]  # fmt: skip


@pytest.mark.parametrize(("view", "words"), VIEWS, ids=[view.title for view, _ in VIEWS])
async def test_a_view_off_the_wire_is_drawn(view: View, words: list[str]) -> None:
    pane = ViewPane()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame(views=[view]))
        await pilot.pause()
        picture = shown(pane)
        assert [word for word in words if word not in picture] == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", [view for view, _ in VIEWS], ids=[view.title for view, _ in VIEWS])
def test_a_drawing_has_the_size_asked_for(view: Still, size: tuple[int, int]) -> None:
    cells = drawing(view, *size, Palette(), view.title)
    assert (cells.width, cells.height) == size
