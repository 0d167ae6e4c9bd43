"""The notes: why the run stands, and what a person should know right now, with the evidence."""

from textual.geometry import Size

from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, wrapped
from tui_lab.run.messages import Frame
from tui_lab.ui.widgets.picture import Picture


class Notes(Picture):
    """The frame's reason, then its notes, each wrapped. As high as the text needs, gone when there is none; the style
    sheet's `max-height` limits it."""

    DEFAULT_CSS = "Notes { height: auto; max-height: 5; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._reason = ""
        self._bad = False
        self._notes: tuple[str, ...] = ()
        self._rows: dict[int, int] = {}
        """The most rows that the text has needed, by width."""
        self.display = False

    def show(self, frame: Frame) -> None:
        """Show the reason and the notes of this moment."""
        new = (frame.reason, tuple(frame.notes), frame.status in ("failed", "lost"))
        if new == (self._reason, self._notes, self._bad):
            return
        # Notes with numbers in them wrap now so, now so: the room they once needed is kept, or the screen would jump.
        if (bool(frame.reason), len(frame.notes)) != (bool(self._reason), len(self._notes)):
            self._rows.clear()
        self._reason, self._notes, self._bad = new
        self.display = bool(frame.reason or frame.notes)
        width = self.content_size.width
        if self._rows.get(width) != self._needed(width):
            self.refresh(layout=True)
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The rows that the text needs at this width."""
        return self._needed(width)

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The sentences; what does not fit below is cut, and says so."""
        cells = Cells.blank(width, height)
        lines = self._lines(width)
        for row, (line, first) in enumerate(lines[:height]):
            if row == height - 1 and len(lines) > height:
                line = clipped(line.ljust(width) + " ", width)
            colour = palette.bad if self._bad else palette.accent
            cells.write(row, 0, line, colour if first else palette.muted, BOLD if first else 0)
        return cells

    def _lines(self, width: int) -> list[tuple[str, bool]]:
        sentences = [(self._reason, True)] if self._reason else []
        sentences += [(note, False) for note in self._notes]
        return [(line, first) for sentence, first in sentences for line in wrapped(sentence, max(width, 1))]

    def _needed(self, width: int) -> int:
        self._rows[width] = max(self._rows.get(width, 0), len(self._lines(width)))
        return self._rows[width]
