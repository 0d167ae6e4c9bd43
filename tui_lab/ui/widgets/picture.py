"""The base of every live pane: shows cells and sends only those that changed."""

from collections import defaultdict

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.map_geometry import MapGeometry
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from tui_lab.canvas.cells import BOLD, CONTINUED, DEFAULT, DIM, REVERSE, UNDERLINE, Cells, Run
from tui_lab.canvas.palette import Palette
from tui_lab.ui.widgets.patch import Patch, Span, merge
from tui_lab.ui.widgets.theme_palette import theme_palette


class Picture(Widget):
    """Shows what `draw` returns. A subclass keeps its data, draws it, and calls `redraw` when it changed."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._cells: Cells | None = None
        self._spans: defaultdict[int, list[Span]] = defaultdict(list)
        self._geometry: MapGeometry | None = None
        self._looks: dict[tuple[int, int, int], Style] = {}
        self._palette: Palette | None = None

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The picture, of exactly this size: a pure function of the data."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw, if anybody can see it, and send what differs from the last time."""
        if self.is_mounted and self.is_on_screen and self.content_size:
            self.paint(self.draw(*self.content_size, self._colours()))

    def paint(self, cells: Cells) -> None:
        """Show `cells`, of the content's size, in place of those that are there."""
        before, self._cells = self._cells, cells
        if before is None or (before.width, before.height) != (cells.width, cells.height):
            self.refresh()
        elif changed := [_whole(cells, before, *stretch) for stretch in cells.changed(before)]:
            self._remember(changed)
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """One row of the picture, from the cells that are there."""
        width, height = self.content_size
        if self._cells is None or (self._cells.width, self._cells.height) != (width, height):
            self._cells = self.draw(width, height, self._colours())
        if y >= height:
            return Strip.blank(width, self.rich_style)
        return Strip([Segment(run.text, self._look(run)) for run in self._cells.runs(y)], width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows for the screen. Where the layout stayed since the last time, whatever is asked for in part is what
        changed here; after a change of layout it may also be what something else left behind, and is sent in full."""
        strips = super().render_lines(crop)
        geometry, before = self.screen.find_widget(self), self._geometry
        spans, self._spans, self._geometry = self._spans, defaultdict(list), geometry
        if geometry is not before or crop != geometry.region.reset_offset:
            return strips
        return [Patch(strip, merge(spans[y])) if y in spans else strip for y, strip in enumerate(strips)]

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self._forget_looks)

    def on_show(self) -> None:
        """Catch up with what came while the pane was hidden."""
        self.redraw()

    def _remember(self, changed: list[Region]) -> None:
        for region in changed:
            x, y = region.offset + self.content_offset
            self._spans[y].append((x, x + region.width))

    def _colours(self) -> Palette:
        if self._palette is None:
            self._palette = theme_palette(self)
        return self._palette

    def _forget_looks(self, _theme: Theme) -> None:
        self._looks.clear()
        self._cells = self._palette = None
        self.refresh()

    def _look(self, run: Run) -> Style:
        key = (run.colour, run.background, run.style)
        if key not in self._looks:
            self._looks[key] = self.rich_style + Style(
                color=_colour(run.colour),
                bgcolor=_colour(run.background),
                bold=bool(run.style & BOLD) or None,
                dim=bool(run.style & DIM) or None,
                reverse=bool(run.style & REVERSE) or None,
                underline=bool(run.style & UNDERLINE) or None,
            )
        return self._looks[key]


def _whole(cells: Cells, before: Cells, row: int, column: int, width: int) -> Region:
    """The stretch, made longer where it would cut a wide character in two."""
    continued = (cells.glyphs[row] == CONTINUED) | (before.glyphs[row] == CONTINUED)
    left = column - int(continued[column])
    right = column + width
    return Region(left, row, right + int(continued[right : right + 1].any()) - left, 1)


def _colour(colour: int) -> Color | None:
    return None if colour == DEFAULT else Color.from_rgb(colour >> 16, colour >> 8 & 255, colour & 255)
