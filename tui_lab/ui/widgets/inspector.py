"""The step inspector: the four phases, and the operations of the step with the one just done marked."""

from typing import Any

from textual import events

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.inspector import Equation, equation_rows, phase_row, phases_of
from tui_lab.canvas.palette import Palette
from tui_lab.run.messages import Frame
from tui_lab.ui.widgets.picture import Picture


class Inspector(Picture):
    """Where in forward → loss → backward → update the run stands, the equations, and the numbers in them. The current
    operation is always in sight; the mouse wheel looks at others until it moves on."""

    DEFAULT_CSS = "Inspector { height: 1fr; }"
    BORDER_TITLE = "Step"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._frame: Frame | None = None
        self._scroll = 0
        self._drawn: tuple[Any, ...] = ()
        """What the equations that are there were drawn from."""
        self._equations: Cells

    def show(self, frame: Frame) -> None:
        """Show this moment's place in the step."""
        before = self._frame
        if before is None or (before.inside, before.operation) != (frame.inside, frame.operation):
            self._scroll = 0
        self._frame = frame
        self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The phases and the equations."""
        frame, cells = self._frame, Cells.blank(width, height)
        if frame is None:
            return cells
        cells.paste(_phases(frame, width, palette), 0, 0)
        top = 2 if height > 7 else 1
        wanted = (frame.operations, _current(frame), frame.inside, frame.step > 0, self._scroll, width, height, palette)
        if wanted != self._drawn:
            self._drawn, self._equations = wanted, self._draw_equations(frame, width, max(height - top, 0), palette)
        cells.paste(self._equations, top, 0)
        return cells

    def _draw_equations(self, frame: Frame, width: int, height: int, palette: Palette) -> Cells:
        return equation_rows(
            [Equation(line.phase, line.symbols, line.numbers) for line in frame.operations],
            _current(frame),
            width,
            height,
            palette,
            inside=frame.inside,
            started=frame.step > 0,
            scroll=self._scroll,
        )

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look further down."""
        self._scroll_by(event, 2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look further up."""
        self._scroll_by(event, -2)

    def _scroll_by(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        most = 0 if self._frame is None else 2 * len(self._frame.operations)
        self._scroll = max(-most, min(self._scroll + rows, most))
        self.redraw()


def _phases(frame: Frame, width: int, palette: Palette) -> Cells:
    phases = phases_of([line.phase for line in frame.operations])
    inside, started = frame.inside, frame.step > 0
    return phase_row(phases, frame.phase, width, palette, _place(frame), inside=inside, started=started)


def _current(frame: Frame) -> int:
    """The operation just done. A trainer that stops at phases only may leave it out: then the phase's last."""
    phases = phases_of([line.phase for line in frame.operations])
    if frame.operation >= 0 or frame.phase not in phases:
        return min(frame.operation, len(frame.operations) - 1)
    reached = phases.index(frame.phase)
    return max((i for i, line in enumerate(frame.operations) if phases.index(line.phase) <= reached), default=-1)


def _place(frame: Frame) -> str:
    if not frame.inside:
        return f"step {frame.step} done" if frame.step else "before the first step"
    count = len(frame.operations)
    return f"in step {frame.step + 1}" + (f" · {_current(frame) + 1} of {count}" if count else "")
