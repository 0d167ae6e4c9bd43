"""One hyperparameter in a form: its name, a control, what is valid, and what is wrong with what was typed."""

from collections.abc import Iterator

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Select, Static, Switch

from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import Hyperparameter, Value
from tui_lab.run.settings import describe, parse
from tui_lab.ui.plain import content, plain


class Field(Vertical):
    """Says at every change whether its text is valid; `text` is what a person would type on the command line."""

    class Edited(Message):
        """The text changed."""

        def __init__(self, field: "Field") -> None:
            super().__init__()
            self.field = field

    def __init__(self, hyperparameter: Hyperparameter, text: str, note: str = "") -> None:
        """`note` is said before the explanation."""
        super().__init__(id=f"field-{hyperparameter.name}")
        self.hyperparameter = hyperparameter
        self.text = self._given = text
        self._note = note

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(content(self.hyperparameter.name), classes="name")
            yield self._control()
            yield Static(content(self.explanation), classes="help")
        yield Static("", classes="error")

    def fill(self, text: str) -> None:
        """Put this into the control, as if a person had. It is valid."""
        control = self.query_one("Input, Select, Switch")
        self._given = text
        if isinstance(control, Switch):
            control.value = parse(self.hyperparameter, text) is True
        elif isinstance(control, Input | Select):
            control.value = plain(text)

    @property
    def error(self) -> str:
        """What is wrong with the text, one sentence, or nothing."""
        try:
            parse(self.hyperparameter, self.text)
        except BadInput as wrong:
            return str(wrong)
        return ""

    @property
    def value(self) -> Value:
        """What the text spells. Raises BadInput."""
        return parse(self.hyperparameter, self.text)

    def _control(self) -> Widget:
        match self.hyperparameter.type:
            case "bool":
                return Switch(self.error == "" and self.value is True, animate=False)
            case "choice":
                choices = [(content(choice), choice) for choice in self.hyperparameter.choices]
                known = self.text in self.hyperparameter.choices
                return Select(choices, value=self.text if known else Select.NULL, compact=True, allow_blank=not known)
        line = Input(plain(self.text), compact=True, select_on_focus=False)
        line.cursor_blink = False
        return line

    @property
    def explanation(self) -> str:
        """What the field means and which values are valid."""
        return " · ".join(self._explanations())

    def _explanations(self) -> Iterator[str]:
        if self._note:
            yield self._note
        if self.hyperparameter.help:
            yield self.hyperparameter.help
        if self.hyperparameter.type in ("int", "float"):
            yield " ".join([describe(self.hyperparameter), self.hyperparameter.unit]).strip()

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Switch.Changed)
    def _take(self, event: Input.Changed | Select.Changed | Switch.Changed) -> None:
        event.stop()
        value = event.value
        text = ("on" if value else "off") if isinstance(value, bool) else str(value)
        # What was given may have characters that are only shown as others: untouched, it stays what it is.
        self.text = self._given if text == plain(self._given) else text
        self._show_error()
        self.post_message(self.Edited(self))

    def _show_error(self) -> None:
        line = self.query_one(".error", Static)
        line.update(content(self.error))
        line.display = bool(self.error)


def data_field(help_text: str) -> Field:
    """The field of the data file."""
    return Field(Hyperparameter(name="data", type="text", default="", help=help_text), "")


def seed_field(seed: int) -> Field:
    """The field of the seed, from which all of a run's random numbers are drawn."""
    card = Hyperparameter(name="seed", type="int", default=0, minimum=0, maximum=2**31 - 1, help="draws the start")
    return Field(card, str(seed))
