"""Cutting and wrapping."""

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.canvas.pictures import PALETTE, check
from tui_lab.canvas.text import clipped, paragraph, printable, text_width, wrapped

texts = st.text(max_size=60)


@given(texts, st.integers(0, 30))
def test_clipped_text_fits_and_starts_alike(text: str, width: int) -> None:
    short = clipped(text, width)
    assert cell_len(short) <= width
    if text_width(text) > width > 0:
        assert short.endswith("…") and printable(text).startswith(short[:-1])
    elif width >= text_width(text):
        assert short == printable(text)


@given(texts, st.integers(2, 30))
@example("\t", 2)
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    words = "".join("".join(lines).split())
    assert words == "".join("".join(printable(line) for line in text.expandtabs(4).splitlines()).split())


def test_words_stay_whole_and_indents_stay() -> None:
    assert wrapped("the quick brown fox\n\n  an indent 学習率\nsupercalifragilistic", 11) == [
        "the quick",
        "brown fox",
        "",
        "  an indent",
        "学習率",
        "supercalifr",
        "agilistic",
    ]


def test_a_paragraph_that_is_too_long_says_so() -> None:
    picture = paragraph("one two three four five", 7, 2, PALETTE)
    assert picture.lines() == ["one two", "three …"]
    assert paragraph("one two", 7, 2, PALETTE, colour=5).colours[0, 0] == 5


@given(texts, st.integers(0, 30), st.integers(0, 5))
def test_any_text_at_any_size(text: str, width: int, height: int) -> None:
    check(paragraph(text, width, height, PALETTE), width, height)
