"""Chains: values forward, gradients back, and how far the computation is."""

from dataclasses import dataclass
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.canvas.pictures import PALETTE, check
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.chain import chain, frontier


@dataclass
class Link:
    name: str
    equation: str
    value: float
    slope: float
    gradient: float


WHOLE = [
    Link("x", "x = 2", 2, nan, 96),
    Link("f", "f = 2·x", 4, 2, 48),
    Link("g", "g = f²", 16, 8, 6),
    Link("h", "h = g/2 + 1", 9, 0.5, 12),
    Link("L", "L = (h − 3)²", 36, 12, 1),
]


def links(forward: int = 5, back: int = 0) -> list[Link]:
    """The first `forward` links are computed, and the gradients from number `back` on."""
    return [
        Link(
            link.name,
            link.equation,
            link.value if place < forward else nan,
            link.slope if place < forward else nan,
            link.gradient if place >= back else nan,
        )
        for place, link in enumerate(WHOLE)
    ]


def text(cells: Cells) -> str:
    return "\n".join(cells.lines())


def coloured(cells: Cells, colour: int) -> str:
    """What is written in a colour, without what boxes are made of."""
    written = (chr(glyph) for glyph in cells.glyphs[cells.colours == colour])
    return "".join(character for character in written if character not in "╭╮╰╯─│ ")


def test_boxes_show_values_slopes_gradients_and_products() -> None:
    picture = chain(links(), 100, 10, PALETTE, title="The chain")
    shown = text(picture)
    for words in ("f = 2·x", "slope 8", "∂L/∂x 96", "= 2 × 48", "∂L/∂f 48", "= 8 × 6", "= 0.500 × 12", "∂L/∂L 1"):
        assert words in shown
    assert shown.count("──▶") == shown.count("◀──") == 4
    above = next(line for line in picture.lines() if "16" in line)
    assert above.split() == ["2", "4", "16", "9", "36"]


@pytest.mark.parametrize("width", [100, 40])
def test_what_is_not_computed_is_a_dot(width: int) -> None:
    shown = text(chain(links(3, 5), width, 10, PALETTE))
    assert "16" in shown and "36" not in shown and "12" not in shown
    dots = 2 + 5 if width == 100 else 2 + 2 + 5
    assert shown.count(" ·") >= dots - 1


@pytest.mark.parametrize("width", [100, 40])
@pytest.mark.parametrize(
    ("forward", "back", "newest"), [(3, 5, "16"), (1, 5, "2"), (5, 4, "1"), (5, 2, "6"), (5, 0, "96")]
)
def test_what_was_computed_last_stands_out(width: int, forward: int, back: int, newest: str) -> None:
    assert coloured(chain(links(forward, back), width, 10, PALETTE), PALETTE.accent) == newest


def test_the_frontier_goes_forward_and_then_back() -> None:
    places = [frontier(links(forward, 5)) for forward in range(6)] + [frontier(links(5, back)) for back in (4, 2, 0)]
    assert places == [None, 0, 1, 2, 3, 4, 4, 2, 0]


def test_forty_columns_show_a_link_a_line() -> None:
    lines = chain(links(5, 2), 40, 12, PALETTE, title="The chain").lines()
    assert lines[1].split() == ["value", "↓", "slope", "∂L/∂", "↑"]
    assert [line.split()[0] for line in lines[2:7]] == ["x", "f", "g", "h", "L"]
    assert lines[4].split()[-3:] == ["16", "8", "6"]
    assert lines[2].split() == ["x", "=", "2", "2", "·"], "an input has no slope"
    assert lines[7].rstrip() == "∂L/∂g = 0.500 × 12 = 6"


def test_a_wide_list_has_the_products_beside() -> None:
    shown = text(chain(links() * 3, 80, 20, PALETTE))
    assert "= 8 × 6" in shown and "= 0.500 × 12" in shown


def test_an_equation_without_its_name_gets_it() -> None:
    shown = text(chain([Link("f", "2·x", 4, 2, 1), Link("g", "", 4, 2, 1)], 40, 5, PALETTE))
    assert "f = 2·x" in shown and "g " in shown


def test_links_without_room_are_counted() -> None:
    lines = chain(links() * 4, 40, 8, PALETTE, title="t").lines()
    assert lines[-1].rstrip() == "… 15 more"


def test_a_number_that_ran_away_is_bad() -> None:
    picture = chain([Link("x", "x", 1, nan, nan), Link("f", "f = eˣ", float("inf"), 1, nan)], 60, 9, PALETTE)
    assert coloured(picture, PALETTE.bad) == "∞"


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 120),
    st.integers(0, 14),
    st.lists(
        st.builds(Link, st.text(max_size=5), st.text(max_size=9), st.floats(), st.floats(), st.floats()), max_size=6
    ),
)
def test_any_chain_at_any_size(width: int, height: int, parts: list[Link]) -> None:
    check(chain(parts, width, height, PALETTE, title="学\x1b[2J"), width, height)
