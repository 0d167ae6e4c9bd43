"""Token texts, with signs for what cannot be seen in them."""

from tui_lab.canvas.text import printable

SPACE, NOTHING = "␣", "∅"
SIGNS = str.maketrans({"\n": "⏎", "\t": "⇥"})


def visible(text: str) -> str:
    """The text on one line: line ends are ⏎, tabs ⇥, other control characters `·`, and the spaces at its ends ␣. A text
    of which nothing can be seen is ∅."""
    text = printable(text.translate(SIGNS)) or NOTHING
    middle = text.strip(" ")
    if not middle:
        return SPACE * len(text)
    before = len(text) - len(text.lstrip(" "))
    return SPACE * before + middle + SPACE * (len(text) - before - len(middle))
