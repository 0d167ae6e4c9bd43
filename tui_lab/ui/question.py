"""A question that is answered with one line of text."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Input, Static

from tui_lab.lab.errors import BadInput
from tui_lab.ui.plain import content


class Question(ModalScreen[ScreenResultType]):
    """Answers with what `read` makes of the line, or None. What cannot be read is said below the line, which stays."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "close")]

    def __init__(self, title: str, *hints: str, text: str = "") -> None:
        """`hints` say line by line what may be typed, `text` stands in the line to begin with."""
        super().__init__()
        self._title, self._hints, self._text = title, hints, text

    def read(self, text: str) -> ScreenResultType:
        """The answer that `text` spells. Raises BadInput."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(content(self._title))
            line = Input(self._text, compact=True, select_on_focus=bool(self._text))
            line.cursor_blink = False
            yield line
            for hint in self._hints:
                yield Static(content(hint, "$secondary"))
            yield Static("", classes="error")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(self.read(event.value.strip()))
        except BadInput as wrong:
            self.query_one(".error", Static).update(content(str(wrong)))

    def on_input_changed(self) -> None:
        """A new text is not yet wrong."""
        self.query_one(".error", Static).update("")
