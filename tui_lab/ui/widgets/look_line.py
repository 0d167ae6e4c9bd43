"""How a model is made to write, in one row: each look with its value, and the keys that turn it."""

from collections.abc import Sequence
from typing import NamedTuple

from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.ui.widgets.picture import Picture

_GAP = 2


class Shown(NamedTuple):
    """One of them."""

    name: str
    value: str
    keys: str


class LookLine(Picture):
    """Shows as many as fit."""

    DEFAULT_CSS = "LookLine { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._told: Sequence[Shown] = []

    def show(self, looks: Sequence[Shown]) -> None:
        """Show these."""
        self._told = looks
        self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """Name, value, keys of each."""
        cells, column = Cells.blank(width, height), 0
        for look in self._told:
            column = cells.write(0, column, f"{look.name} ", palette.muted)
            column = cells.write(0, column, look.value, palette.text)
            if look.keys:
                column = cells.write(0, column + 1, look.keys, palette.positive, BOLD)
            column += _GAP
        return cells
