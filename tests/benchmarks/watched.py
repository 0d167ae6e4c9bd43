"""A run with a viewer on it, which paints all that it gets, in a terminal that reads all that it writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter

from tests.terminal.terminal import LAB, Terminal
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Frame, GetFrame, GetReport, Step

_PATIENCE = 1200.0


class Watched:
    """A run that somebody looks at while it trains."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def step(self, count: int) -> float:
        """Seconds for so many steps. The pictures of a run that has come to rest are no part of them, and made when
        this returns: whoever is timed next is not disturbed."""
        began = perf_counter()
        self._client.ask(Step(count), timeout=_PATIENCE)
        seconds = perf_counter() - began
        self._client.ask(GetReport(brief=True), timeout=_PATIENCE)
        return seconds

    def frame(self) -> Frame:
        """What is to be seen now."""
        frame = self._client.ask(GetFrame(), timeout=_PATIENCE)
        assert isinstance(frame, Frame)
        return frame


@contextmanager
def watched(run: RunDirectory) -> Iterator[Watched]:
    """The viewer leaves with the block; the run stays."""
    with Client(run) as client, Terminal([*LAB, "attach", run.run], 120, 40) as terminal:
        terminal.wait_for(run.run, seconds=60)
        over = Event()
        reader = Thread(target=_read, args=(terminal, over))
        reader.start()
        try:
            yield Watched(client)
        finally:
            over.set()
            reader.join()


def _read(terminal: Terminal, over: Event) -> None:
    while not over.is_set():
        terminal.read(0.2)
