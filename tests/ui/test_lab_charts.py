"""The charts' reader: off the event loop, one read at a time, the newest wins."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from textual.message import Message
from textual.message_pump import MessagePump

from tests.ui.conftest import resting, wait_until
from tui_lab.run.directory import RunDirectory
from tui_lab.run.history import Columns, History
from tui_lab.run.recorder import Recorder
from tui_lab.ui.charts import ChartReader
from tui_lab.ui.feed import frame_of
from tui_lab.ui.messages import HistoryRead, Refusal

SURFACE = {"kind": "surface", "path": ["a", "b"]}


class Receiver(MessagePump):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def post_message(self, message: Message) -> bool:
        self.messages.append(message)
        return True

    def reads(self) -> list[HistoryRead]:
        return [message for message in self.messages if isinstance(message, HistoryRead)]


def recorded(steps: int) -> RunDirectory:
    run = resting("finished", steps)
    recorder = Recorder(run.history)
    for step in range(1, steps + 1):
        recorder.record(step, {"loss": 1 / step, "a": float(step), "b": -float(step)})
    recorder.close()
    return run


def _last_of_path(read: HistoryRead) -> float | None:
    """The last step of the descent, None without one."""
    return read.paths["step"][-1] if read.paths else None


async def test_columns_of_every_metric_and_the_path_up_to_the_step_shown() -> None:
    run, receiver = recorded(50), Receiver()
    reader = ChartReader(run, receiver)
    frame = replace(frame_of(run.report()), step=20, views=[SURFACE])
    reader.want(frame, 200)
    await wait_until(receiver.reads, "the read")
    read = receiver.reads()[0]
    await reader.close()
    assert set(read.columns) == {"loss", "a", "b"}
    assert read.head == 50
    assert read.columns["loss"].x[-1] == 50
    assert read.paths["a"].tolist() == list(range(1, 21))


async def test_the_same_moment_is_read_once() -> None:
    run, receiver = recorded(5), Receiver()
    reader = ChartReader(run, receiver)
    frame = frame_of(run.report())
    for _ in range(3):
        reader.want(frame, 200)
    await wait_until(receiver.reads, "the read")
    reader.want(replace(frame, version=7, step=4), 200)
    for _ in range(2):
        reader.want(replace(frame, step=3, views=[SURFACE]), 200)
    await wait_until(lambda: len(receiver.reads()) == 2, "the second read")
    reader.want(replace(frame, recorded=6), 200)
    await wait_until(lambda: len(receiver.reads()) == 3, "the third read")
    await reader.close()
    assert [_last_of_path(read) for read in receiver.reads()] == [None, 3, None]


async def test_frames_that_come_during_a_read_are_one_and_the_loop_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    run, receiver = recorded(30), Receiver()
    go_on, began = threading.Event(), threading.Event()
    columns: Callable[..., Columns] = History.columns

    def slowly(*arguments: object) -> Columns:
        began.set()
        go_on.wait(20)
        return columns(*arguments)

    monkeypatch.setattr(History, "columns", slowly)
    reader = ChartReader(run, receiver)
    frame = replace(frame_of(run.report()), views=[SURFACE])
    reader.want(replace(frame, step=1), 200)
    await asyncio.to_thread(began.wait)
    for step in range(2, 30):
        reader.want(replace(frame, step=step), 200)
    assert not receiver.messages
    go_on.set()
    await wait_until(lambda: receiver.reads() and _last_of_path(receiver.reads()[-1]) == 29, "the newest")
    await reader.close()
    assert [_last_of_path(read) for read in receiver.reads()] == [1, 29]


async def test_a_run_without_a_history_has_empty_charts() -> None:
    run, receiver = resting(), Receiver()
    reader = ChartReader(run, receiver)
    reader.want(frame_of(run.report()), 200)
    await wait_until(receiver.reads, "the read")
    await reader.close()
    assert receiver.reads()[0].columns == {}


async def test_a_history_that_is_not_one_is_said_once() -> None:
    run, receiver = resting(), Receiver()
    run.history.write_bytes(b"not a database, but long enough to look at" * 100)
    reader = ChartReader(run, receiver)
    frame = frame_of(run.report())
    for recorded in (1, 2, 3):
        reader.want(replace(frame, recorded=recorded), 200)
        await wait_until(lambda: len(receiver.messages) == recorded, "the answer")  # noqa: B023
    await reader.close()
    assert [type(message) for message in receiver.messages] == [Refusal, HistoryRead, HistoryRead]
    complaint = receiver.messages[0]
    assert isinstance(complaint, Refusal)
    assert str(run.history) in complaint.sentence
