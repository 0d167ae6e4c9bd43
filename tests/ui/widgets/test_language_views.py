"""The views of words, tokens, distributions and images, off the wire and onto the pane."""

import numpy as np
import pytest

from tests.ui.widgets.frames import OnePane, frame, shown
from tui_lab.canvas.palette import Palette
from tui_lab.lab.views import Bars, Curves, Heat, Image, Line, Passage, Tokens, View, Words
from tui_lab.ui.widgets.view_drawings import Still, drawing
from tui_lab.ui.widgets.view_pane import ViewPane

SIZES = [(0, 0), (1, 1), (38, 10), (78, 18), (120, 40), (200, 50)]
X = np.arange(1.0, 9.0)
HOSTILE = "\x1b[2J\x07"

VIEWS: list[tuple[Still, list[str]]] = [
    (
        Bars(
            "Next token",
            "probability",
            [" cat", "\n", HOSTILE],
            np.array([0.5, 0.25, 0.01]),
            np.array([True, True, False]),
            1,
            np.array([0.25, 0.5, 0.02]),
            "before",
        ),
        ["␣cat", "▸ ⏎", "·[2J·", "0.500", "█ probability", "▀ before", "━ left out"],
    ),
    (
        Curves("Singular values", "i", "σ", [Line("q_proj", X, 10.0**-X), Line("v_proj", X, X)], log_y=True),
        ["● q_proj 1e-08", "◆ v_proj 8", "σ", "1e-8"],
    ),
    (
        Heat(
            "Attention", "query", "key", [" I", " have"], [" I", " have"],
            np.array([[1.0, np.nan], [0.25, 0.75]]), 0.0, 1.0,
        ),
        ["␣have", "query ↓ key →", "0 ████████ 1", "largest 1 at ␣I, ␣I", "least 0.250 at ␣have, ␣I"],
    ),
    (
        Tokens(
            "Batch",
            [
                Passage("first", ["I", " have", HOSTILE, "<pad>"], np.array([0, 1, 0, 2]), np.full(4, np.nan)),
                Passage("second", ["a", " cat"], np.array([1, 1]), np.array([0.5, 1.0])),
            ],
            ["prompt", "trained", "padding"],
            "surprise",
            0.0,
            6.5,
        ),
        ["first", "I have·[2J·<pad>", "second", "a cat", "prompt", "trained", "padding", "surprise 0 ████████ 6.5"],
    ),
    (
        Words(
            "Words", "PC 1", "PC 2", ["king", "queen", HOSTILE], X[:3], X[:3],
            np.zeros((3, 2)), np.zeros((3, 2)), np.array([1]),
        ),
        ["•king", "●queen", "·[2J·", "● chosen", "PC 1", "PC 2"],
    ),
    (
        Image("Picture", "a leaf", np.arange(27, dtype=np.uint8).reshape(3, 3, 3), 1, 2),
        ["a leaf", "row 1, column 2", "R  15", "G  16", "B  17", "3 × 3 × 3 = 27 numbers", "┼"],
    ),
]  # fmt: skip
IDS = [view.kind for view, _ in VIEWS]


@pytest.mark.parametrize(("view", "words"), VIEWS, ids=IDS)
async def test_a_view_off_the_wire_is_drawn(view: View, words: list[str]) -> None:
    pane = ViewPane()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame(views=[view]))
        await pilot.pause()
        picture = shown(pane)
        assert [word for word in words if word not in picture] == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", [view for view, _ in VIEWS], ids=IDS)
def test_a_drawing_has_the_size_asked_for(view: Still, size: tuple[int, int]) -> None:
    for palette in (Palette(), Palette(text=-1, background=-1)):
        cells = drawing(view, *size, palette, view.title)
        assert (cells.width, cells.height) == size


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark"])
@pytest.mark.parametrize(("view", "words"), VIEWS, ids=IDS)
async def test_a_view_is_drawn_in_every_theme(view: View, words: list[str], theme: str) -> None:
    pane = ViewPane()
    app = OnePane(pane)
    async with app.run_test(size=(80, 22)) as pilot:
        app.theme = theme
        pane.show(frame(views=[view]))
        await pilot.pause()
        assert [word for word in words if word not in shown(pane)] == []


async def test_what_was_chosen_elsewhere_is_seen_at_once() -> None:
    pane = ViewPane()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        bars = [Bars("Next", "p", ["a", "b"], np.array([0.5, 0.5]), chosen=place) for place in (0, 1)]
        pane.show(frame(views=bars[:1]))
        await pilot.pause()
        assert "▸ a" in shown(pane)
        pane.show(frame(step=13, views=bars[1:]))
        assert "▸ b" in shown(pane) and "▸ a" not in shown(pane)
