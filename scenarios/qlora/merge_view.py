"""What a merge would leave of the adapters, shown before anything is exported."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Table

from .originals import chosen
from .saving import surviving
from .survival import Survival, survival_table

if TYPE_CHECKING:
    from .scenario import QLoRA

_MEASURED = 64_000_000
"""Weights that are measured at most before only the first and the last block are."""


class MergeView:
    """Measures anew when the adapters have moved; while training goes on, only as often as held-out examples are asked:
    every weight is dequantised and rounded again for it."""

    def __init__(self, scenario: "QLoRA", ratios: Callable[[], Array]) -> None:
        self._scenario, self._ratios = scenario, ratios
        self._layers = chosen(scenario.layers, _MEASURED)
        self._moved, self._asked = b"", -1
        self._found: list[Survival] = []

    def table(self) -> Table:
        """A row for each layer that is measured."""
        asked = self._scenario.evaluation.step
        if asked != self._asked or not self._scenario.hurried:
            moved, self._asked = self._ratios().tobytes(), asked
            if moved != self._moved:
                self._moved, self._found = moved, surviving(self._layers)
        return survival_table(self._found)
