"""All entries of all parameters, one below the other."""

from collections.abc import Sequence

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.parameters import parameters
from tui_lab.ui.parameter_entries import ParameterEntry
from tui_lab.ui.widgets.choice import Choice


class EntryList(Choice):
    """Name, value, gradient, update and update ratio of each entry; for a large parameter its norms."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[ParameterEntry] = []

    def show(self, entries: Sequence[ParameterEntry]) -> None:
        """Show these, with the cursor where it is."""
        self._entries = entries
        self.resize(len(entries))

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The rows around the cursor."""
        rows = [entry.figures for entry in self._entries]
        return parameters(rows, width, height, palette, first=self.keep_in_sight(height), cursor=self.cursor)
