"""Token texts: nothing in them is invisible, and nothing of them is obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.canvas.text import text_width
from tui_lab.canvas.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cat", "cat"),
        (" cat", "␣cat"),
        ("a cat ", "a cat␣"),
        ("  ", "␣␣"),
        ("\n", "⏎"),
        ("\n\tx", "⏎⇥x"),
        ("", "∅"),
        ("\u0301", "∅"),
        ("\u200b", "·"),
        ("\x1b[31m", "·[31m"),
    ],
)
def test_signs_stand_for_what_is_not_seen(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_any_text_is_seen_on_one_line(text: str) -> None:
    shown = visible(text)
    assert text_width(shown) > 0 and shown.isprintable() and shown == shown.strip(" ")
