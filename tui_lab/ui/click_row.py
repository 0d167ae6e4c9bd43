"""A row of words, each of which does something when it is clicked."""

from collections.abc import Iterator

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

Word = tuple[Content, str]
"""What is written, and the action that a click on it runs."""


class ClickRow(Widget):
    """Writes as many of `words` as fit."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ClickRow { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: clip; }
    """
    gap = 2
    kept = 0

    def words(self) -> Iterator[Word]:
        """From left to right."""
        raise NotImplementedError

    def render(self) -> Content:
        return Content(" " * self.gap).join([content for content, _, _, _ in self._placed()])

    async def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        for _, action, start, end in self._placed():
            if place is not None and start <= place.x < end:
                await self.run_action(action)

    def _placed(self) -> Iterator[tuple[Content, str, int, int]]:
        start = 0
        for content, action in self._fitting():
            end = start + cell_len(content.plain)
            yield content, action, start, end
            start = end + self.gap

    def _fitting(self) -> list[Word]:
        """As many of the words as there is room for; the `kept` last ones go last."""
        words = list(self.words())
        while words and sum(cell_len(word.plain) + self.gap for word, _ in words) - self.gap > self.content_size.width:
            del words[max(len(words) - self.kept - 1, 0)]
        return words
