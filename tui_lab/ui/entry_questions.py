"""What the close-ups ask: for a row by its name, for an entry's value, for the index of an entry."""

import math
import re
from collections.abc import Sequence

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.ui.parameter_entries import Index
from tui_lab.ui.question import Question

_INDEX = re.compile(r"\[?(?P<index>[0-9,\s]*)\]?(?:\s*=\s*(?P<value>.*))?")


class FindName(Question[int | None]):
    """Answers with the number of the first row that is called so, or begins so, or has it in its name."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("Jump to a parameter", "a name or its beginning: W, or W[0,3]")
        self._names = names

    def read(self, text: str) -> int:
        """The row. Raises BadInput with the nearest name."""
        for fits in (text.__eq__, lambda name: name.startswith(text), lambda name: text in name):
            for row, name in enumerate(self._names):
                if text and fits(name):
                    return row
        raise BadInput(f"No parameter is called '{text}': {nearest(text, self._names[:_MOST_NAMES])}")


class SetNumber(Question[str | None]):
    """Answers with a finite number, as it was typed."""

    def __init__(self, name: str, value: float, hint: str) -> None:
        super().__init__(f"{name} =", hint, text=repr(value))

    def read(self, text: str) -> str:
        """The text, if it spells a number. Raises BadInput."""
        return finite(text)


class ChooseEntry(Question[tuple[Index, str | None] | None]):
    """Answers with the index of an entry, and with the number to set it to if one was typed."""

    def __init__(self, name: str, shape: Index, may_set: bool) -> None:
        self._shape = shape
        example = ",".join(str(size - 1) for size in shape)
        hint = f"an index: {example}" + (f", or {example} = 0.5 to set it" if may_set else "")
        super().__init__(f"Which entry of {name} ({'×'.join(map(str, shape))})?", hint)
        self._may_set = may_set

    def read(self, text: str) -> tuple[Index, str | None]:
        """The index, within the shape, and the number. Raises BadInput."""
        match = _INDEX.fullmatch(text)
        last = ",".join(str(size - 1) for size in self._shape)
        wrong = BadInput(f"'{text}' is no entry: they go from {','.join('0' * len(self._shape))} to {last}.")
        if match is None:
            raise wrong
        index = tuple(int(place) for place in match["index"].replace(",", " ").split())
        if len(index) != len(self._shape) or any(i >= size for i, size in zip(index, self._shape, strict=True)):
            raise wrong
        if match["value"] is None:
            return index, None
        if not self._may_set:
            raise BadInput("Only parameters can be set: type an index.")
        return index, finite(match["value"].strip())


_MOST_NAMES = 2000


def finite(text: str) -> str:
    """The text, if it spells a finite number. Raises BadInput."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(f"'{text}' is no finite number.")
    return text
