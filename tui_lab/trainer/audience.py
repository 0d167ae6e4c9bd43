"""The audience: viewers that wait for a frame that is newer than what they have seen."""

from collections.abc import Callable

from tui_lab.run.messages import Frame
from tui_lab.trainer.mailbox import Letter


class Audience:
    """Whoever waits, with the version of what they saw last."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, Letter]] = []

    def admit(self, seen: int, letter: Letter) -> None:
        """Let somebody wait."""
        self._waiting.append((seen, letter))

    def show(self, version: int, make: Callable[[], Frame]) -> bool:
        """Answer all to whom `version` is news with the frame that `make` makes. False if there is nobody."""
        news = [letter for seen, letter in self._waiting if seen != version]
        if news:
            frame = make()
            for letter in news:
                letter.answer(frame)
            self._waiting = [(seen, letter) for seen, letter in self._waiting if seen == version]
        return bool(news)
