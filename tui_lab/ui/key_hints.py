"""The keys that matter most, in one row at the bottom of a screen."""

from collections.abc import Iterator
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget


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
    mine = hasattr(screen, f"action_{binding.action.partition('(')[0]}")
    return f"{'screen' if mine else 'app'}.{binding.action}"


class KeyHints(Widget):
    """Drawn from the screen's BINDINGS with `show`, as many as fit; a click does what the key does."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyHints { dock: bottom; height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: clip; }
    """

    def render(self) -> Content:
        parts: list[Content] = []
        room = self.size.width
        for binding in bindings_of(self.screen, self.app):
            if not binding.show:
                continue
            key = self.app.get_key_display(binding)
            room -= len(key) + len(binding.description) + 3
            if room < -2:
                break
            click = Style.from_meta({"@click": namespaced(binding, self.screen)})
            look = Content.assemble((key, "bold $primary"), (f" {binding.description}", "$text-muted"))
            parts.append(look.stylize(click))
        return Content("  ").join(parts)
