"""The mailbox between the thread that talks to viewers and the thread that trains."""

from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from tui_lab.run.messages import AnyReply, AnyRequest


@dataclass(frozen=True, slots=True)
class Letter:
    """A request and where its answer goes. Answering never blocks and may be done from any thread, once."""

    request: AnyRequest
    answer: Callable[[AnyReply], None]


class Mailbox:
    """Letters in order of arrival. `put` may be called from any thread, and from a signal handler."""

    def __init__(self) -> None:
        self._letters: SimpleQueue[Letter] = SimpleQueue()
        self.empty = self._letters.empty
        self.put = self._letters.put

    def take(self, timeout: float | None = 0.0) -> Letter | None:
        """The next letter, waiting up to `timeout` seconds for it, or, if None, for ever."""
        try:
            return self._letters.get(block=timeout != 0, timeout=timeout)
        except Empty:
            return None
