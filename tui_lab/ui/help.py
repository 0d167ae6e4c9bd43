"""Every key of a screen with what it does, read from the bindings themselves."""

from itertools import groupby
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui_lab.ui.key_hints import bindings_of

_KEYS_WIDTH = 12


class Help(ModalScreen[None]):
    """The keys of the screen beneath, in their groups."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark", "dismiss", "close")]

    def __init__(self, explained: Screen[Any]) -> None:
        super().__init__()
        self._explained = explained

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog wide-dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "esc closes"
            bindings = bindings_of(self._explained, self.app)
            for title, members in groupby(bindings, lambda binding: binding.group.description if binding.group else ""):
                yield Static(Content(title or "Everywhere"), classes="group")
                for binding in members:
                    yield Static(self._line(binding), classes="key-line")

    def _line(self, binding: Binding) -> Content:
        return Content.assemble(
            (self._keys(binding.action).ljust(_KEYS_WIDTH), "bold $primary"),
            (binding.tooltip or binding.description, ""),
        )

    def _keys(self, action: str) -> str:
        nodes = (self._explained, self.app)
        same = [b for node in nodes for b in Binding.make_bindings(type(node).BINDINGS) if b.action == action]
        return " ".join(dict.fromkeys(self.app.get_key_display(binding) for binding in same))
