"""The least that a Textual app can be: what the lab's start and memory are measured against."""

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Static


class Minimal(App[None]):
    """A header, a line and a footer."""

    TITLE = "minimal"

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static("Scenarios")
        yield Footer()


if __name__ == "__main__":
    Minimal().run()
