"""The charts' reader: takes what a frame's charts need from the run's history, off the event loop."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from textual.message_pump import MessagePump

from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import RunDirectory
from tui_lab.run.history import History
from tui_lab.run.messages import Frame
from tui_lab.ui.messages import HistoryRead, Refusal

_PATH_POINTS = 400


class ChartReader:
    """One thread, one open history, one read at a time; of the frames that come meanwhile only the newest counts."""

    def __init__(self, run: RunDirectory, receiver: MessagePump) -> None:
        self._run, self._receiver = run, receiver
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="history")
        self._history: History | None = None
        self._wanted: tuple[Frame, int] | None = None
        self._read_last: tuple[Any, ...] = ()
        self._reading: asyncio.Task[None] | None = None
        self._complained = False

    def want(self, frame: Frame, count: int) -> None:
        """Post HistoryRead for this frame with about `count` bins to a metric, unless that is what was read last. Where
        the run stands matters to the path of a descent only."""
        names = _path_names(frame)
        key = (frame.recorded, count, names, frame.step if names else None)
        if key == self._read_last:
            return
        self._read_last, self._wanted = key, (frame, count)
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_wanted())

    async def close(self) -> None:
        """Close the history, in its own thread, once a read in flight is done."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        self._thread.submit(self._close)
        self._thread.shutdown(wait=False)

    async def _read_wanted(self) -> None:
        while self._wanted is not None:
            (frame, count), self._wanted = self._wanted, None
            reading = asyncio.get_running_loop().run_in_executor(self._thread, self._read, frame, count)
            self._receiver.post_message(await reading)

    def _read(self, frame: Frame, count: int) -> HistoryRead | Refusal:
        try:
            history = self._history = self._history or History(self._run.history)
            head = max(frame.head, history.head())
            columns = {metric: history.columns(metric, 0, head, count) for metric in history.metrics()}
            names = _path_names(frame)
            paths = history.samples(names, frame.step, _PATH_POINTS) if names else {}
            return HistoryRead(columns, paths, head)
        except (BadInput, sqlite3.Error) as error:
            if self._complained or not self._run.history.exists():
                return HistoryRead({}, {}, frame.head)
            self._complained = True
            return Refusal(f"The history {self._run.history} cannot be read: {error}")

    def _close(self) -> None:
        if self._history is not None:
            self._history.close()


def _path_names(frame: Frame) -> tuple[str, ...]:
    """The two metrics of the first surface's descent."""
    return next((tuple(view["path"]) for view in frame.views if view["kind"] == "surface"), ())
