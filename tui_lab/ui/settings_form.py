"""A form of hyperparameters; what starts a run and what changes one are made from it."""

from collections.abc import Iterator
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Button, Input, Static

from tui_lab.ui.field import Field
from tui_lab.ui.plain import content

_BELOW = 7


class SettingsForm(ModalScreen[ScreenResultType]):
    """Fields, a button with `verb` that is open while every field is valid, and a line for what went wrong."""

    CSS_PATH = "settings_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "close"),
        Binding("ctrl+s", "submit", "done"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    title_text = ""
    verb = ""

    def fields(self) -> Iterator[Field]:
        """The fields from top to bottom."""
        raise NotImplementedError

    def submit(self, fields: dict[str, Field]) -> None:
        """Do what the form is for; all fields are valid."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide-dialog form") as dialog:
            dialog.border_title = content(self.title_text)
            with VerticalScroll(can_focus=False):
                yield from self.fields()
            yield Static("", id="explanation")
            yield Static("", id="outcome", classes="error")
            with Horizontal(classes="buttons"):
                yield Button(self.verb, id="submit", variant="primary", compact=True)
                yield Button("Close", id="close", compact=True)

    def say(self, sentence: str) -> None:
        """Show what went wrong, above the buttons."""
        outcome = self.query_one("#outcome", Static)
        outcome.update(content(sentence))
        outcome.display = bool(sentence)

    def on_resize(self, event: events.Resize) -> None:
        """Leave room below the fields for the explanation and the buttons."""
        self.query_one(VerticalScroll).styles.max_height = max(event.size.height - _BELOW, 1)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Explain the field in full that somebody is about to edit; its own row may be too short for that."""
        for field in event.widget.ancestors:
            if isinstance(field, Field):
                self.query_one("#explanation", Static).update(content(field.explanation))

    @on(Field.Edited)
    def _edited(self) -> None:
        self.say("")

    @on(Input.Submitted)
    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        fields = {field.hyperparameter.name: field for field in self.query(Field)}
        for field in fields.values():
            if field.error:
                self.say(field.error)
                field.query_one("Input, Select, Switch").focus()
                return
        self.submit(fields)

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)
