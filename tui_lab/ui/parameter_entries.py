"""The entries of a frame's parameters, as the parameters screen lists them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from tui_lab.canvas.parameters import Figures
from tui_lab.run.messages import Frame, ParameterRow

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """One number of a parameter; or a whole parameter that is too large to travel in a frame: then `index` is None."""

    parameter: str
    shape: Index
    index: Index | None
    figures: Figures

    @property
    def name(self) -> str:
        """What a person would type to set it: `b`, `W[0,3]`."""
        return self.parameter if self.index is None else entry_name(self.parameter, self.index)


def entry_name(parameter: str, index: Index) -> str:
    """`b`, `W[0,3]`."""
    return f"{parameter}[{','.join(map(str, index))}]" if index else parameter


def entries_of(frame: Frame) -> list[ParameterEntry]:
    """Every entry in the model's order, row by row."""
    return [entry for row in frame.parameters for entry in _entries(row)]


def _entries(row: ParameterRow) -> Iterator[ParameterEntry]:
    shape = tuple(row.shape)
    if row.values is None:
        norms = (row.norm, row.grad_norm, row.update_ratio * row.norm, row.update_ratio)
        yield ParameterEntry(
            row.name, shape, None, Figures(row.name, "×".join(map(str, shape)) or "scalar", norms, norms=True)
        )
        return
    for index in product(*map(range, shape)):
        value, gradient, update = (_at(array, index) for array in (row.values, row.gradient, row.update))
        numbers = (value, gradient, update, abs(update) / abs(value) if value else math.nan)
        yield ParameterEntry(row.name, shape, index, Figures(entry_name(row.name, index), "", numbers))


def _at(array: Any, index: Sequence[int]) -> float:
    for place in index:
        array = array[place] if isinstance(array, list) else math.nan
    return float(array) if isinstance(array, int | float) else math.nan
