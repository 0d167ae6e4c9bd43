"""The operations of a step, one below the other."""

from collections.abc import Sequence

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.table import table
from tui_lab.lab.scenario import OperationLine
from tui_lab.ui.widgets.choice import Choice


class OperationList(Choice):
    """Phase, equation and shape of each; the one just done is marked."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[OperationLine] = []
        self._current = -1

    def show(self, lines: Sequence[OperationLine], current: int) -> None:
        """Show these, with the cursor where it is."""
        self._lines, self._current = lines, current
        self.resize(len(lines))

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The rows around the cursor."""
        rows = [
            [
                "▸" if place == self._current else " ",
                line.phase,
                line.symbols,
                "×".join(map(str, line.shape)) or "scalar",
            ]
            for place, line in enumerate(self._lines)
        ]
        self.top = 2 if self.count > height - 1 else 1
        first = self.keep_in_sight(height)
        columns = (" ", "phase", "operation", "shape")
        return table(columns, rows, width, height, palette, first=first, cursor=self.cursor)
