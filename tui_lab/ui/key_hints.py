"""The keys that matter most, in one row at the bottom of a screen."""

from collections.abc import Iterator
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen

from tui_lab.ui.click_row import ClickRow, Word


def bindings_of(screen: Screen[Any], app: App[Any]) -> Iterator[Binding]:
    """The bindings that say what they do, the screen's before the app's, one for each action."""
    seen: set[str] = set()
    for node in (screen, app):
        for binding in Binding.make_bindings(type(node).BINDINGS):
            if binding.description and not binding.system and binding.action not in seen:
                seen.add(binding.action)
                yield binding


def namespaced(binding: Binding, screen: Screen[Any]) -> str:
    """The binding's action, so that it can be run from anywhere."""
    name = binding.action.partition("(")[0]
    if "." in name:
        return binding.action
    return f"{'screen' if hasattr(screen, f'action_{name}') else 'app'}.{binding.action}"


class KeyHints(ClickRow):
    """Drawn from the screen's BINDINGS with `show`; a click does what the key does."""

    DEFAULT_CSS = "KeyHints { dock: bottom; }"
    kept = 2

    def words(self) -> Iterator[Word]:
        for binding in bindings_of(self.screen, self.app):
            if binding.show:
                key = (self.app.get_key_display(binding), "bold $primary")
                look = Content.assemble(key, (f" {binding.description}", "$secondary"))
                yield look, namespaced(binding, self.screen)
