"""The audience: viewers that wait for a frame that is newer than what they have seen."""

from tui_lab.run.messages import Frame
from tui_lab.trainer.mailbox import Letter


class Audience:
    """Whoever waits, with the version of what they saw last."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, Letter]] = []

    def admit(self, seen: int, letter: Letter) -> None:
        """Let somebody wait."""
        self._waiting.append((seen, letter))

    def waits(self, version: int) -> bool:
        """Whether there is somebody to whom `version` is news."""
        return any(seen != version for seen, _ in self._waiting)

    def show(self, version: int, frame: Frame) -> None:
        """Answer all to whom `version` is news with its frame."""
        news = [letter for seen, letter in self._waiting if seen != version]
        self._waiting = [(seen, letter) for seen, letter in self._waiting if seen == version]
        for letter in news:
            letter.answer(frame)
