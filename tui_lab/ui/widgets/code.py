"""The scenario's own code beside the run, with the line of the operation just done marked."""

from textual import events

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.code import Row, code, laid_out, names
from tui_lab.canvas.palette import Palette
from tui_lab.run.messages import Frame
from tui_lab.ui.code_files import CodeFile, code_files
from tui_lab.ui.widgets.picture import Picture

_NONE = "The scenario of this run is not installed here: there is no code to show."


class Code(Picture):
    """One file at a time, below the names of all. Inside a step the line that computes is kept in sight; keys and the
    mouse wheel look elsewhere until it moves on."""

    DEFAULT_CSS = "Code { height: 1fr; }"
    BORDER_TITLE = "Code"

    def __init__(self, folder: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """`folder` is the scenario's, empty if it is not installed."""
        super().__init__(id=id, classes=classes)
        self._folder = folder
        self._files: list[CodeFile] | None = None
        self._chosen = 0
        self._first = 0
        self._source = ""
        self._rows: list[Row] = []
        self._laid_out_for: tuple[int, int] = (-1, -1)

    @property
    def marked(self) -> tuple[str, int]:
        """The file and the line that is marked, from 1; 0 is none."""
        name, _, line = self._source.rpartition(":")
        return name, int(line) if line.isdecimal() else 0

    def show(self, frame: Frame) -> None:
        """Mark the line of the operation just done, if the run stands inside a step."""
        there = frame.inside and 0 <= frame.operation < len(frame.operations)
        source = frame.operations[frame.operation].source if there else ""
        if source != self._source:
            self._source = source
            self._follow()
            self.redraw()

    def next_file(self, by: int) -> None:
        """Another file of the folder."""
        if self._read():
            self._chosen = (self._chosen + by) % len(self._read())
            self._first = 0
            self.redraw()

    def scroll_rows(self, rows: int) -> None:
        """Look further down, or up."""
        self._first += rows
        self.redraw()

    def scroll_pages(self, pages: int) -> None:
        """The same by the height of the pane."""
        self.scroll_rows(pages * max(self.content_size.height - 3, 1))

    def on_show(self) -> None:
        """Read the files when they are first looked at."""
        self._follow()
        super().on_show()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The names and the rows in sight."""
        cells = Cells.blank(width, height)
        files = self._read()
        if not files:
            cells.write(0, 0, _NONE, palette.muted)
            return cells
        cells.paste(names([file.name for file in files], self._chosen, width, palette), 0, 0)
        rows, room = self._lay_out(width), max(height - 1, 0)
        self._first = max(0, min(self._first, len(rows) - room))
        name, line = self.marked
        marked = line if name == files[self._chosen].name else 0
        cells.paste(code(rows, self._first, marked, width, room, palette), 1, 0)
        return cells

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look further down."""
        event.stop()
        self.scroll_rows(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look further up."""
        event.stop()
        self.scroll_rows(-3)

    def _read(self) -> list[CodeFile]:
        if self._files is None:
            self._files = code_files(self._folder) if self._folder else []
        return self._files

    def _lay_out(self, width: int) -> list[Row]:
        if self._laid_out_for != (self._chosen, width):
            self._rows = laid_out(self._read()[self._chosen].lines, width)
            self._laid_out_for = (self._chosen, width)
        return self._rows

    def _follow(self) -> None:
        """Bring the marked line in sight, a third below the top if it is not there."""
        name, line = self.marked
        width, height = self.content_size
        if not line or not width:
            return
        self._chosen = next((i for i, file in enumerate(self._read()) if file.name == name), self._chosen)
        row = next((i for i, row in enumerate(self._lay_out(width)) if row.line == line), None)
        if row is not None and not self._first <= row < self._first + height - 1:
            self._first = max(0, row - height // 3)
