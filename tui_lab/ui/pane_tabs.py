"""The names of the panes in one row, for terminals in which only one fits."""

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

PANES = ("View", "Loss", "Step", "Parameters", "Lesson")


class PaneTabs(Widget):
    """`1 View  2 Loss …` with the chosen one marked; a click chooses."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PaneTabs { height: 1; padding: 0 1; text-wrap: nowrap; }
    """
    chosen: reactive[int] = reactive(1)
    """The number of the pane that is shown, from 1."""

    def render(self) -> Content:
        return Content("  ").join([self._tab(number, name) for number, name in enumerate(PANES, start=1)])

    def _tab(self, number: int, name: str) -> Content:
        look = "bold reverse $primary" if number == self.chosen else "$text-muted"
        click = Style.from_meta({"@click": f"screen.pane({number})"})
        return Content.styled(f" {number} {name} ", look).stylize(click)
