"""The feed against a trainer that answers exactly as the test says, over a real socket in a real run directory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from textual.message import Message
from textual.message_pump import MessagePump

from tests.ui.conftest import resting, wait_until
from tui_lab.lab.errors import BadInput
from tui_lab.run.address import make_address
from tui_lab.run.client import TrainerGone
from tui_lab.run.directory import RunDirectory, Trainer
from tui_lab.run.messages import (
    AnyReply,
    AnyRequest,
    Done,
    Frame,
    GetFrame,
    GoTo,
    Pause,
    Refused,
    Status,
    Step,
    decode_request,
    encode,
)
from tui_lab.ui.feed import RunFeed, frame_of, without_trainer
from tui_lab.ui.messages import FrameArrived, TrainerLost


class Receiver(MessagePump):
    """Keeps what is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def post_message(self, message: Message) -> bool:
        self.messages.append(message)
        return True

    @property
    def frames(self) -> list[Frame]:
        return [message.frame for message in self.messages if isinstance(message, FrameArrived)]

    @property
    def versions(self) -> list[int]:
        return [frame.version for frame in self.frames]

    @property
    def losses(self) -> list[TrainerLost]:
        return [message for message in self.messages if isinstance(message, TrainerLost)]


class Script:
    """The trainer's side: `show` makes a frame newer, `hold` keeps steps waiting, every request is written down."""

    def __init__(self, run: RunDirectory) -> None:
        self.run, self.asked = run, list[AnyRequest]()
        self.version, self.status = 1, "paused"
        self.scenery, self.notes = 0, list[str]()
        self.hold = asyncio.Event()
        self.hold.set()
        self._news = asyncio.Condition()
        self._writers: list[asyncio.StreamWriter] = []

    async def listen(self) -> asyncio.Server:
        self.run.write("trainer.json", Trainer.here())
        return await asyncio.start_unix_server(self._converse, str(make_address(self.run.socket)))

    async def show(self, status: Status) -> None:
        async with self._news:
            self.version, self.status = self.version + 1, status
            self._news.notify_all()

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(4), "big")
                request = decode_request(await reader.readexactly(size))
                self.asked.append(request)
                writer.write(encode(await self._answer(request)))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, request: AnyRequest) -> AnyReply:
        if isinstance(request, GetFrame):
            async with self._news:
                await self._news.wait_for(lambda: request.seen != self.version)
            frame = replace(frame_of(self.run.report()), version=self.version, status=self.status)
            frame = replace(frame, scenery=self.scenery, notes=self.notes)
            return frame.without_scenery() if request.scenery == self.scenery else frame
        if isinstance(request, Step):
            await self.hold.wait()
        return Refused("No [b]such\x1b step.") if isinstance(request, GoTo) else Done(1)


@asynccontextmanager
async def conversation() -> AsyncIterator[tuple[Script, RunFeed, Receiver]]:
    run = resting("running")
    script, receiver = Script(run), Receiver()
    server = await script.listen()
    feed = RunFeed(run, receiver)
    try:
        await wait_until(lambda: receiver.versions == [1], "the first frame")
        yield script, feed, receiver
    finally:
        await feed.close()
        script.hang_up()
        server.close()


async def test_a_paused_run_is_asked_once_and_answers_when_there_is_news() -> None:
    async with conversation() as (script, _, receiver):
        await wait_until(lambda: len(script.asked) == 2, "the second question")
        await script.show("paused")
        await wait_until(lambda: receiver.versions == [1, 2], "the second frame")
        await wait_until(lambda: len(script.asked) == 3, "the third question")
        assert script.asked == [GetFrame(0), GetFrame(1), GetFrame(2)]


async def test_the_scenery_that_is_there_already_is_kept() -> None:
    async with conversation() as (script, _, receiver):
        script.scenery, script.notes = 7, ["a hill"]
        await script.show("paused")
        await wait_until(lambda: receiver.versions == [1, 2], "the first with scenery")
        await wait_until(lambda: script.asked[-1] == GetFrame(2, 7), "the question")
        await script.show("paused")
        await wait_until(lambda: receiver.versions == [1, 2, 3], "the second")
        script.scenery, script.notes = 8, ["a lake"]
        await script.show("paused")
        await wait_until(lambda: receiver.versions == [1, 2, 3, 4], "the third")
    assert [frame.notes for frame in receiver.frames] == [[], ["a hill"], ["a hill"], ["a lake"]]
    assert receiver.frames[2].notes is receiver.frames[1].notes, "so that panes can tell that it is the same"


async def test_a_playing_run_is_asked_no_more_often_than_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_LAB_FPS", "5")
    async with conversation() as (script, _, receiver):
        begin = asyncio.get_running_loop().time()
        for version in range(2, 5):
            await wait_until(lambda: script.asked[-1] == GetFrame(receiver.versions[-1]), "the question")
            await script.show("running")
            await wait_until(lambda: receiver.versions[-1] == version, "the frame")  # noqa: B023
        assert asyncio.get_running_loop().time() - begin >= 2 * 0.2


async def test_a_request_hurries_the_next_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_LAB_FPS", "0.1")
    async with conversation() as (script, feed, receiver):
        await script.show("running")
        await wait_until(lambda: receiver.versions == [1, 2], "the frame")
        await feed.reach()
        assert await feed.ask(Step()) == Done(1)
        await script.show("paused")
        await wait_until(lambda: receiver.versions == [1, 2, 3], "the next frame, long before 10 s")


async def test_a_pause_overtakes_a_step_and_forgets_those_that_wait() -> None:
    async with conversation() as (script, feed, _):
        script.hold.clear()
        await feed.reach()
        steps = [asyncio.create_task(feed.ask(Step())) for _ in range(3)]
        await wait_until(lambda: Step() in script.asked, "the first step")
        assert feed.busy
        assert await feed.interrupt(Pause()) == Done(1)
        script.hold.set()
        assert await asyncio.gather(*steps) == [Done(1), None, None]
        assert script.asked.count(Step()) == 1
        assert not feed.busy


async def test_a_refusal_is_raised_and_the_conversation_goes_on() -> None:
    async with conversation() as (_, feed, _receiver):
        await feed.reach()
        with pytest.raises(BadInput, match="such"):
            await feed.ask(GoTo(9))
        assert await feed.ask(Step()) == Done(1)


async def test_a_trainer_that_dies_is_told_once_and_waiting_requests_end() -> None:
    async with conversation() as (script, feed, receiver):
        script.hold.clear()
        await feed.reach()
        steps = [asyncio.create_task(feed.ask(Step())) for _ in range(3)]
        await wait_until(lambda: Step() in script.asked, "the first step")
        (script.run.path / "trainer.json").unlink()
        script.run.socket.unlink()
        script.hang_up()
        results = await asyncio.gather(*steps, return_exceptions=True)
        assert isinstance(results[0], TrainerGone)
        assert results[1:] == [None, None]
        await wait_until(lambda: receiver.losses, "the loss")
        feed.hurry()
        await asyncio.sleep(0)
        assert [loss.report.status for loss in receiver.losses if loss.report] == ["lost"]
        assert "The trainer died" in receiver.losses[0].sentence
        with pytest.raises(TrainerGone):
            await feed.reach()


async def test_a_trainer_that_lives_but_does_not_listen_is_said() -> None:
    async with conversation() as (script, _, receiver):
        script.run.socket.unlink()
        script.hang_up()
        await wait_until(lambda: receiver.losses, "the loss")
        assert "does not listen" in receiver.losses[0].sentence


async def test_a_damaged_run_is_told_with_its_sentence() -> None:
    run, receiver = resting(), Receiver()
    (run.path / "report.json").write_text("[]")
    feed = RunFeed(run, receiver)
    await wait_until(lambda: receiver.losses, "the loss")
    await feed.close()
    assert receiver.losses[0].report is None
    assert "is damaged" in receiver.losses[0].sentence


def test_without_a_trainer_the_last_frame_stays_and_says_so() -> None:
    report = resting("running", 9).report()
    first = frame_of(report)
    assert (first.step, first.version, first.views) == (9, 0, [])
    assert without_trainer(None, None, "gone") is None
    assert without_trainer(None, report, "gone") == first
    seen = replace(first, version=4, step=11)
    left = without_trainer(seen, report, "gone")
    assert left is not None
    assert (left.step, left.status, left.reason) == (11, "lost", "gone")
