"""The names of the panes in one row, for terminals in which only one fits."""

from collections.abc import Iterator

from textual.content import Content
from textual.reactive import reactive

from tui_lab.ui.click_row import ClickRow, Word

PANES = ("View", "Loss", "Step", "Parameters", "Lesson", "Code")


class PaneTabs(ClickRow):
    """`1 View  2 Loss …` with the chosen one marked; a click chooses."""

    gap = 1
    chosen: reactive[int] = reactive(1)
    """The number of the pane that is shown, from 1."""

    def words(self) -> Iterator[Word]:
        for number, name in enumerate(PANES, start=1):
            look = "bold $background on $primary" if number == self.chosen else "$secondary"
            yield Content.styled(f" {number} {name} ", look), f"screen.pane({number})"
