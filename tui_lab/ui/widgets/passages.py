"""Equations with all their terms, wrapped, and scrolled by keys and wheel."""

from collections.abc import Sequence

from textual import events

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.passages import Passage, passages, row_count
from tui_lab.ui.widgets.picture import Picture


class Passages(Picture):
    """What is said of the thing chosen above."""

    DEFAULT_CSS = "Passages { height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._texts: Sequence[Passage] = []
        self._first = 0

    @property
    def text(self) -> str:
        """All that is said, unwrapped."""
        return "\n".join(passage.text for passage in self._texts)

    def show(self, texts: Sequence[Passage]) -> None:
        """Say this instead; the place to which somebody has scrolled stays, if there is one."""
        self._texts = texts
        self.scroll_by(0)

    def top(self) -> None:
        """Back to the first row: the next texts are about something else."""
        self._first = 0

    def scroll_by(self, rows: int) -> None:
        """Look further down, or up."""
        width, height = self.content_size
        last = max(row_count(self._texts, width) - height, 0)
        self._first = max(0, min(self._first + rows, last))
        self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The rows that fit."""
        return passages(self._texts, width, height, palette, first=self._first)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look further down."""
        event.stop()
        self.scroll_by(2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look further up."""
        event.stop()
        self.scroll_by(-2)
