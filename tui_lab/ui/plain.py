"""Text from outside, made harmless: names of columns, paths, sentences of errors, anything that a file can hold."""

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from tui_lab.run.plain import plain

__all__ = ["content", "fit", "plain"]


def content(text: str, style: str = "") -> Content:
    """The text as Textual content in which nothing is markup."""
    return Content.styled(plain(text), style)


def fit(text: str, cells: int) -> str:
    """The text in exactly so many cells: padded with spaces, or cut with an ellipsis."""
    text = plain(text)
    return set_cell_size(text, cells) if cell_len(text) <= cells else set_cell_size(text, cells - 1) + "…"
