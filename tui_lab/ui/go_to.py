"""Asking for the step to go to."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui_lab.ui.plain import content


class GoToStep(ModalScreen[int | None]):
    """Answers with a step from 0 to the run's last, or None. Forward means to train until there."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "close")]

    def __init__(self, step: int, last_step: int) -> None:
        super().__init__()
        self._step, self._last_step = step, last_step

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"Go to step (now {self._step:,}, the run ends at {self._last_step:,})")
            number = Input(type="integer", compact=True, select_on_focus=False)
            number.cursor_blink = False
            yield number
            yield Static("", classes="error")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip().replace("_", "")
        if text.isdecimal() and int(text) <= self._last_step:
            self.dismiss(int(text))
            return
        wrong = f"'{event.value}' is no step of this run: type a whole number from 0 to {self._last_step}."
        self.query_one(".error", Static).update(content(wrong))
