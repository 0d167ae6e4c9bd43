"""A form of hyperparameters; what starts a run and what changes one are made from it."""

from collections.abc import Callable, Iterator
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import RunDirectory
from tui_lab.run.launch import STARTING, TrainerFailed
from tui_lab.ui.field import Field
from tui_lab.ui.plain import content

_BELOW = 7
_NAME = 16
"""The room of a name, at least."""
_WIDEST, _SIDES = 96, 6
"""The width of the dialog, and how much of it is border and padding."""


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

    def fields(self) -> Iterator[Widget]:
        """The fields from top to bottom, with headings where there are groups of them."""
        raise NotImplementedError

    def submit(self, fields: dict[str, Field]) -> None:
        """Do what the form is for; all fields are valid."""
        raise NotImplementedError

    def notice(self) -> str:
        """What a person must know before pressing the button, one sentence or nothing."""
        return ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide-dialog form") as dialog:
            dialog.border_title = content(self.title_text)
            with VerticalScroll(can_focus=False):
                yield from self.fields()
            yield Static("", id="explanation")
            yield Static("", id="notice")
            yield Static("", id="outcome", classes="error")
            with Horizontal(classes="buttons"):
                yield Button(self.verb, id="submit", variant="primary", compact=True)
                yield Button("Close", id="close", compact=True)

    def say(self, sentence: str) -> None:
        """Show what went wrong, above the buttons."""
        self._tell("#outcome", sentence)

    def launch(self, start: Callable[[], RunDirectory]) -> None:
        """Close with the run that `start` launches. That may take its time, which is said; if it cannot start, the form
        says why and stays."""
        submit = self.query_one("#submit", Button)
        if not submit.disabled:
            submit.disabled = True
            self._tell("#notice", STARTING)
            self._wait_for(start)

    @work(thread=True)
    def _wait_for(self, start: Callable[[], RunDirectory]) -> None:
        try:
            run = start()
        except (BadInput, TrainerFailed, OSError) as error:
            self.app.call_from_thread(self._stay, str(error))
        else:
            self.app.call_from_thread(self.dismiss, run)

    def _stay(self, sentence: str) -> None:
        self.query_one("#submit", Button).disabled = False
        self._tell("#notice", self.notice())
        self.say(sentence)

    def on_mount(self) -> None:
        """Give every name the room that the longest needs."""
        longest = max((cell_len(field.hyperparameter.name) for field in self.query(Field)), default=0)
        for name in self.query("Field .name"):
            name.styles.width = max(longest + 1, _NAME)

    def on_resize(self) -> None:
        """Leave room below the fields for the explanation, what is said, and the buttons."""
        said = [line for line in self.query("#notice, #outcome").results(Static) if line.display]
        room = max(min(self.size.width, _WIDEST) - _SIDES, 1)
        rows = sum(-(-cell_len(str(line.content)) // room) + 1 for line in said)
        self.query_one(VerticalScroll).styles.max_height = max(self.size.height - _BELOW - rows, 1)

    def _tell(self, selector: str, sentence: str) -> None:
        line = self.query_one(selector, Static)
        line.update(content(sentence))
        line.display = bool(sentence)
        self.on_resize()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Explain the field in full that somebody is about to edit; its own row may be too short for that."""
        for field in event.widget.ancestors:
            if isinstance(field, Field):
                self._explain(field)

    def _explain(self, field: Field) -> None:
        self.query_one("#explanation", Static).update(content(field.explanation))

    @on(Field.Edited)
    def _edited(self, event: Field.Edited) -> None:
        self.say("")
        self._tell("#notice", self.notice())
        if event.field.has_focus_within:
            self._explain(event.field)

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
