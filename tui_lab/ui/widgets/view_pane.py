"""The pane of the scenario's own views: one of them at a time, drawn by the canvas."""

from typing import Any

import numpy as np

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.contour import contour
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.relief import relief
from tui_lab.canvas.text import paragraph
from tui_lab.lab.views import Array, Surface, View
from tui_lab.run.messages import Frame, picture_of
from tui_lab.ui.plain import content
from tui_lab.ui.widgets.picture import Picture
from tui_lab.ui.widgets.view_drawings import drawing

_AZIMUTH, _ELEVATION = 30.0, 35.0


class ViewPane(Picture):
    """View number `index` of the run, counted around. A surface is shown as contours or as a relief that turns."""

    DEFAULT_CSS = "ViewPane { height: 1fr; }"

    def __init__(self, index: int = 0, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._index = index
        self._frame: Frame | None = None
        # No view has this form: the first frame always differs.
        self._raw: Any = ()
        self._view: View | None = None
        self._samples: dict[str, Array] = {}
        self._as_relief = False
        self._azimuth = _AZIMUTH

    def show(self, frame: Frame) -> None:
        """Show the view of this moment; nothing is drawn if it is what was there."""
        self._frame = frame
        self._choose()

    def next_view(self, by: int = 1) -> None:
        """Show the next view, or with -1 the one before."""
        self._index += by
        self._choose()

    def toggle_relief(self) -> None:
        """Change a surface between contours and relief."""
        self._as_relief = not self._as_relief
        self._redraw_surface()

    def turn(self, degrees: float) -> None:
        """Turn the relief."""
        self._azimuth = (self._azimuth + degrees) % 360
        if self._as_relief:
            self._redraw_surface()

    def show_path(self, samples: dict[str, Array]) -> None:
        """Take the history of metrics, and the steps under `step`, for the way of a descent."""
        same = samples.keys() == self._samples.keys()
        if same and all(np.array_equal(samples[name], self._samples[name], equal_nan=True) for name in samples):
            return
        self._samples = samples
        self._redraw_surface()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The view."""
        title = "" if self.styles.border_top[0] else self._title()
        match self._view:
            case None:
                return paragraph("no views yet" if self._frame else "", width, height, palette, palette.muted)
            case Surface() as view:
                return self._surface(view, width, height, palette, title)
            case view:
                return drawing(view, width, height, palette, title)

    def _choose(self) -> None:
        """Take the chosen view from the frame, if it differs from the one that is shown."""
        if self._frame is None:
            return
        count = len(self._frame.views)
        raw = self._frame.views[self._index % count] if count else None
        if raw is self._raw or raw == self._raw:
            return
        self._raw = raw
        self._view = None if raw is None else picture_of(raw)
        title = content(self._title())
        if self.border_title != title.markup:
            self.border_title = title
        self.redraw()

    def _redraw_surface(self) -> None:
        if isinstance(self._view, Surface):
            self.redraw()

    def _title(self) -> str:
        count = len(self._frame.views) if self._frame else 0
        if self._view is None:
            return "View"
        return f"{self._view.title} {self._index % count + 1}/{count}" if count > 1 else self._view.title

    def _surface(self, view: Surface, width: int, height: int, palette: Palette, title: str) -> Cells:
        if self._as_relief:
            return relief(
                view.x,
                view.y,
                view.z,
                width,
                height,
                palette,
                azimuth=self._azimuth,
                elevation=_ELEVATION,
                path=self._path(view),
                point=view.point,
                optimum=view.optimum,
                x_label=view.x_label,
                y_label=view.y_label,
                z_label=view.z_label,
                title=title,
            )
        return contour(
            view.x,
            view.y,
            view.z,
            width,
            height,
            palette,
            path=self._path(view),
            point=view.point,
            gradient=view.gradient,
            optimum=view.optimum,
            x_label=view.x_label,
            y_label=view.y_label,
            title=title,
        )

    def _path(self, view: Surface) -> tuple[Array, Array]:
        """The way so far, to where the model stands: the history on disk may lag behind the frame, or run ahead of it
        right after going back."""
        names = ("step", *view.path)
        if self._frame is None or any(name not in self._samples for name in names):
            return np.empty(0), np.empty(0)
        step, x, y = (self._samples[name] for name in names)
        past = step <= self._frame.step
        return np.append(x[past], view.point[:1]), np.append(y[past], view.point[1:])
