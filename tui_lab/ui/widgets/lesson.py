"""The lesson of a scenario, beside the run."""

from textual.containers import VerticalScroll


class Lesson(VerticalScroll):
    """Markdown that scrolls with the keyboard. Its links are not followed: they name sources, and a remote terminal has
    no browser."""

    DEFAULT_CSS = "Lesson { height: 1fr; }"
    BORDER_TITLE = "Lesson"

    def __init__(self, markdown: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._markdown = markdown
        self._filled = False

    def on_show(self) -> None:
        """Lay the text out when it is first looked at: Textual's Markdown takes longer to import than a lab."""
        if not self._filled:
            self._filled = True
            from textual.widgets import Markdown

            self.mount(Markdown(self._markdown, open_links=False))
