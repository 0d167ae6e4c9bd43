"""The line in which a prompt is typed."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from tui_lab.ui.plain import plain


class PromptLine(Input):
    """Enter takes the text, escape leaves it as it was; either way the keys are the screen's again. Whoever begins to
    type begins a new one; an arrow key first, and the old one is edited."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class Typed(Message):
        """Another prompt."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=True)
        self.cursor_blink = False
        self._given = ""

    def give(self, text: str) -> None:
        """The prompt as it is; it takes the place of what is being typed only if that is not another."""
        if not self.has_focus or self.value == plain(self._given):
            self.value = plain(text)
        self._given = text

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.value != plain(self._given):
            self._given = self.value
            self.post_message(self.Typed(self.value))
        self.screen.set_focus(None)

    def action_leave(self) -> None:
        self.value = plain(self._given)
        self.screen.set_focus(None)
