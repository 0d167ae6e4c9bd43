"""A list with a cursor: the base of what a close-up chooses from."""

from textual import events
from textual.geometry import Size
from textual.message import Message

from tui_lab.ui.widgets.picture import Picture

_AROUND = 2
"""Rows that a list may need for its heads, and for saying how much is left."""


class Choice(Picture):
    """`count` rows, the one at `cursor` always in sight. A subclass draws from `first` on, below `top` rows of heads.
    The mouse points; whoever composes the list decides where the cursor goes."""

    class Pointed(Message):
        """Somebody pointed at a row."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.count = 0
        self.cursor = 0
        self.first = 0
        self.top = 1

    @property
    def page(self) -> int:
        """How many rows are surely in sight."""
        return max(self.content_size.height - _AROUND, 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Enough for all rows and their heads."""
        return self.count + _AROUND

    def resize(self, count: int) -> None:
        """Have so many rows from now on, with the cursor where it is if it can be there."""
        layout, self.count = count != self.count, count
        if layout:
            self.refresh(layout=True)
        self.go(self.cursor)

    def go(self, row: int) -> None:
        """Put the cursor on a row, or on the last one there is in that direction."""
        self.cursor = max(0, min(row, self.count - 1))
        self.redraw()

    def keep_in_sight(self, height: int) -> int:
        """The first row to draw."""
        room = max(height - _AROUND, 1)
        first = max(self.cursor - room + 1, min(self.first, self.cursor))
        self.first = max(0, min(first, self.count - room))
        return self.first

    def on_click(self, event: events.Click) -> None:
        """Choose the row."""
        offset = event.get_content_offset(self)
        row = -1 if offset is None else offset.y - self.top + self.first
        if self.first <= row < self.count:
            self.post_message(self.Pointed(row))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look further down."""
        event.stop()
        self.post_message(self.Pointed(min(self.cursor + 1, self.count - 1)))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look further up."""
        event.stop()
        self.post_message(self.Pointed(max(self.cursor - 1, 0)))
