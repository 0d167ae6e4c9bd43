"""A pane for one kind of view, wherever it stands among a scenario's views."""

from typing import Any, Literal

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import paragraph
from tui_lab.lab.views import Bars, Tokens
from tui_lab.run.messages import Frame, picture_of
from tui_lab.ui.plain import content
from tui_lab.ui.widgets.picture import Picture
from tui_lab.ui.widgets.view_drawings import drawing


class KindPane(Picture):
    """The first view of that kind."""

    DEFAULT_CSS = "KindPane { height: 1fr; }"

    def __init__(self, kind: Literal["tokens", "bars"]) -> None:
        super().__init__()
        self._kind = kind
        # No view has this form: the first frame always differs.
        self._raw: Any = ()
        self._view: Tokens | Bars | None = None
        self._sentence = ""

    def show(self, frame: Frame) -> None:
        """Show the view of this moment; nothing is drawn if it is what was there."""
        raw = next((view for view in frame.views if view["kind"] == self._kind), None)
        if raw is self._raw or raw == self._raw:
            return
        view = None if raw is None else picture_of(raw)
        self._raw, self._view = raw, view if isinstance(view, Tokens | Bars) else None
        self._sentence = "" if self._view else _absence(frame)
        title = content(f" {self._view.title} " if self._view else "")
        if self.border_title != title.markup:
            self.border_title = title
        self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The view, or why there is none."""
        if self._view is None:
            return paragraph(self._sentence, width, height, palette, palette.muted)
        return drawing(self._view, width, height, palette, "")


def _absence(frame: Frame) -> str:
    return "not shown at this moment" if frame.views else "This run has no trainer: any change wakes one."
