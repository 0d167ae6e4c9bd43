"""The notation of equations: how a number, an entry of a tensor, a product and a sum are written.

The text is arithmetic: with · as times, − as minus and ² as squared, both sides of an equals sign have one value, up to
the five digits shown. A number's own sign is a hyphen, so that it can be copied.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tui_lab.lab.scenario import Array

SHOWN_TERMS = 2
"""A sum of more than three terms shows this many of them and an ellipsis."""
LONG_SUM = 64
"""So many terms are shown where sums are written at length."""

_shown_terms = ContextVar("shown_terms", default=SHOWN_TERMS)

_SIGNED_OR_EXPONENT = re.compile(r"-.*|[\d.]+e[+-]?\d+")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def number(value: float) -> str:
    """Five significant digits: `-12.5`, `1.2346e+06`, `nan`."""
    return f"{value:.5g}"


def factor(text: str) -> str:
    """A number with a sign or an exponent in parentheses; anything else as it is."""
    return f"({text})" if _SIGNED_OR_EXPONENT.fullmatch(text) else text


def product(left: str, right: str) -> str:
    """`left·right`."""
    return f"{factor(left)}·{factor(right)}"


def total(count: int, term: Callable[[int], str]) -> str:
    """`term(0) + term(1) + …`, all of them if they are three or fewer; `at_length` shows more."""
    shown = _shown_terms.get()
    if count <= shown + 1:
        return " + ".join(term(row) for row in range(count))
    more = "…" if shown == SHOWN_TERMS else f"… ({count - shown} more)"
    return " + ".join([*(term(row) for row in range(shown)), more])


@contextmanager
def at_length() -> Iterator[None]:
    """Inside, sums are written out up to LONG_SUM terms, and say how many more there are."""
    before = _shown_terms.set(LONG_SUM)
    try:
        yield
    finally:
        _shown_terms.reset(before)


def entry_name(name: str, index: tuple[int, ...]) -> str:
    """A tensor's name with the index of one of its entries: `ŷ₀`, `W₀,₁`; a scalar's has none."""
    return name + ",".join(str(i).translate(_SUBSCRIPTS) for i in index)


def entry(array: Array, index: tuple[int, ...]) -> str:
    """The number at `index`, or where a smaller array that is repeated along the leading axes has it."""
    return number(array[index[len(index) - array.ndim :]])


def derivative(of: str, by: str) -> str:
    """`∂L/∂w`."""
    return f"∂{of}/∂{by}"
