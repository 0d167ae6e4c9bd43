"""The writing screen: a prompt, what the model writes after it, and what may come next."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from tui_lab.run.catalogue import Hyperparameter, ScenarioCard, Value
from tui_lab.run.messages import SetValue
from tui_lab.run.settings import spell
from tui_lab.ui.close_up import CloseUp, close_up_keys, key
from tui_lab.ui.looks import GROWN, PROMPT, SEED, TEMPERATURE, TOP_K, TOP_P, looks_of, turned
from tui_lab.ui.messages import Refusal
from tui_lab.ui.widgets.kind_pane import KindPane
from tui_lab.ui.widgets.look_line import LookLine, Shown
from tui_lab.ui.widgets.prompt_line import PromptLine

if TYPE_CHECKING:
    from tui_lab.ui.lab_actions import LabActions

_KEYS = {TEMPERATURE: "t T", TOP_K: "k K", TOP_P: "o O", SEED: "s"}
_TYPING = "enter writes on from this prompt   esc leaves it as it was"


class WritingScreen(CloseUp):
    """The prompt in a line, below it how the next token is chosen, the scenario's first view of text and its first one
    of bars. Every key changes a look of the run, which stays when the screen is closed."""

    BINDINGS: ClassVar[list[BindingType]] = close_up_keys(
        [
            key("right", f"turn('{GROWN}', 1)", "grow", "write one token more", "→"),
            key("left", f"turn('{GROWN}', -1)", "take back", "take the last token back", "←"),
            key("home", f"turn('{GROWN}', -1000000000)", "prompt only", "take all tokens back", show=False),
            key("enter", "type", "prompt", "type another prompt", "enter"),
            key("s", f"turn('{SEED}', 1)", "another", "write with other chances: the next sample seed"),
            key(
                "t", f"turn('{TEMPERATURE}', -1)", "cooler", "a lower temperature: the likely gets likelier", show=False
            ),
            key("T", f"turn('{TEMPERATURE}', 1)", "warmer", "a higher temperature: the unlikely too", show=False),
            key("k", f"turn('{TOP_K}', -1)", "fewer", "top k: of fewer likely tokens", show=False),
            key("K", f"turn('{TOP_K}', 1)", "more", "top k: of more tokens, in the end of all", show=False),
            key("o", f"turn('{TOP_P}', -1)", "smaller", "top p: of those that make up less probability", show=False),
            key("O", f"turn('{TOP_P}', 1)", "larger", "top p: of those that make up more, in the end all", show=False),
        ],
        "w",
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual's own is a class variable

    def __init__(self, lab: "LabActions", card: ScenarioCard) -> None:
        super().__init__(lab)
        self._looks = looks_of(card)
        self._wanted: dict[str, Value] = {}
        """What has been asked for and is in no frame yet, by the look's name: the next key goes on from there."""
        self._waiting: dict[str, Value] = {}
        """What of it is not sent yet."""
        self._sending = False

    def head(self) -> Iterator[Widget]:
        self._line, self._settings = PromptLine(), LookLine()
        with Horizontal(id="prompt"):
            yield Static("prompt ")
            yield self._line
        yield self._settings
        yield Static(_TYPING, id="typing")

    def panes(self) -> Iterator[Widget]:
        self._text, self._next = KindPane("tokens"), KindPane("bars")
        yield self._text
        yield self._next

    def on_mount(self) -> None:
        """Begin in the line; coming back from the help screen, one is where one was."""
        self.set_focus(self._line)

    def look(self) -> None:
        there = self.frame.settings
        self._wanted = {name: value for name, value in self._wanted.items() if there.get(name) != value}
        self._line.give(str(there.get(PROMPT, self._looks[PROMPT].default)))
        self._text.show(self.frame)
        self._next.show(self.frame)
        self._show_settings()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        self.add_class("typing")

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        self.remove_class("typing")

    def action_type(self) -> None:
        self.set_focus(self._line)

    def action_turn(self, what: str, by: int) -> None:
        look = self._looks.get(what)
        if look is None:
            self.post_message(Refusal(f"This scenario has no {what.replace('_', ' ')} to change."))
            return
        before = self._value(look)
        after = turned(look, before, by)
        if after != before:
            self._change({look.name: after})

    def on_prompt_line_typed(self, message: PromptLine.Typed) -> None:
        """Nothing is written after a new prompt yet: it is to be grown token by token."""
        grown = self._looks[GROWN]
        nothing = turned(grown, self._value(grown), -1_000_000_000)
        self._change({PROMPT: message.text, **({} if nothing == self._value(grown) else {GROWN: nothing})})

    def _value(self, look: Hyperparameter) -> Value:
        value: Value = self.frame.settings.get(look.name, look.default)
        return self._wanted.get(look.name, value)

    def _change(self, changes: dict[str, Value]) -> None:
        self._wanted |= changes
        self._waiting |= changes
        self._show_settings()
        if not self._sending:
            self._sending = True
            self._send()

    @work
    async def _send(self) -> None:
        """One look after the other, of each only the newest value; what waits behind one that is refused is dropped."""
        try:
            while self._waiting:
                name = next(iter(self._waiting))
                text = spell({name: self._waiting.pop(name)})[name]
                if not await self.lab.send(SetValue(name, text)).wait():
                    self._waiting.clear()
                    self._wanted.clear()
                    self.look()
        finally:
            self._sending = False

    def _show_settings(self) -> None:
        rest = {what: look for what, look in self._looks.items() if what != PROMPT}
        values = spell({what: self._value(look) for what, look in rest.items()})
        self._settings.show([Shown(look.name, values[what], _KEYS.get(what, "")) for what, look in rest.items()])
