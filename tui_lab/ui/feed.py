"""The feed: a lab's conversation with the trainer of its run. It changes nothing itself, it only posts messages."""

import asyncio
import os
import signal
from contextlib import suppress

import msgspec
from textual.message_pump import MessagePump

from tui_lab.lab.errors import BadInput
from tui_lab.run.client import AsyncClient, TrainerGone
from tui_lab.run.directory import UNSETTLED, RunDirectory
from tui_lab.run.messages import AnyReply, AnyRequest, Frame, GetFrame, Report
from tui_lab.ui.frame_rate import FrameRate
from tui_lab.ui.messages import FrameArrived, TrainerLost

_LOOK_AGAIN = 1.0
"""Seconds between looks for a trainer that somebody else may have woken."""
_GRACE = 1.5
"""Seconds in which a trainer that has hung up may still be saving."""


class RunFeed:
    """Pulls frames on one connection and sends requests on another, so that neither waits for the other.

    Posts FrameArrived for every frame and TrainerLost when there is no trainer, or no longer; finds one that comes
    back."""

    def __init__(self, run: RunDirectory, receiver: MessagePump) -> None:
        self._run, self._receiver = run, receiver
        self._rate = FrameRate()
        self._hurry = asyncio.Event()
        self._turn = asyncio.Lock()
        self._moves: AsyncClient | None = None
        self._era = 0
        self._posted: TrainerLost | None = None
        self._pulling = asyncio.create_task(self._pull())

    @property
    def busy(self) -> bool:
        """Whether something that was asked is not yet answered."""
        return self._turn.locked()

    async def reach(self) -> None:
        """Make sure that there is somebody to ask. Raises TrainerGone."""
        async with self._turn:
            if self._moves is None:
                self._moves = await AsyncClient.connect(self._run)

    async def ask(self, request: AnyRequest) -> AnyReply | None:
        """The answer, in order of asking; None if an `interrupt` or the trainer's end came between. Raises BadInput and
        TrainerGone."""
        era = self._era
        async with self._turn:
            if era != self._era or self._moves is None:
                return None
            try:
                return await self._moves.ask(request)
            except TrainerGone:
                self._era += 1
                await self._hang_up()
                raise
            finally:
                self.hurry()

    async def interrupt(self, request: AnyRequest) -> AnyReply:
        """The answer to something that must not wait for what was asked before; that is forgotten."""
        self._era += 1
        client = await AsyncClient.connect(self._run)
        try:
            return await client.ask(request)
        finally:
            await client.close()
            self.hurry()

    def kill(self) -> None:
        """End the trainer as it stands, without saving; what it has written so far stays."""
        trainer = self._run.trainer()
        if trainer is not None:
            with suppress(ProcessLookupError):
                os.kill(trainer.pid, signal.SIGKILL)

    def hurry(self) -> None:
        """Take the next frame, or look for a trainer, now."""
        self._hurry.set()

    async def close(self) -> None:
        """End both conversations; the run is not touched."""
        self._pulling.cancel()
        with suppress(asyncio.CancelledError):
            await self._pulling
        await self._hang_up()

    async def _hang_up(self) -> None:
        moves, self._moves = self._moves, None
        if moves is not None:
            await moves.close()

    async def _pull(self) -> None:
        while True:
            try:
                client = await AsyncClient.connect(self._run)
            except TrainerGone:
                await self._do_without()
                continue
            with suppress(TrainerGone, BadInput):
                await self._take_frames(client)
            await client.close()
            await self._hang_up()

    async def _take_frames(self, client: AsyncClient) -> None:
        before: Frame | None = None
        while True:
            asked = GetFrame(before.version, before.scenery) if before else GetFrame()
            frame = await client.ask(asked)
            assert isinstance(frame, Frame)
            if before and 0 != frame.scenery == before.scenery:
                frame = frame.in_scenery_of(before)
            before, self._posted = frame, None
            self._receiver.post_message(FrameArrived(frame))
            if frame.status == "running":
                await self._wait(self._rate.rest(frame))

    async def _do_without(self) -> None:
        lost = await self._look()
        if self._posted is None or self._posted.report != lost.report or self._posted.sentence != lost.sentence:
            self._posted = lost
            self._receiver.post_message(lost)
        await self._wait(_LOOK_AGAIN)

    async def _look(self) -> TrainerLost:
        """What the run directory says, once a trainer that is still saving has had the time for it."""
        patience = asyncio.get_running_loop().time() + (_GRACE if self._posted is None else 0)
        while True:
            try:
                report = await asyncio.to_thread(self._run.report)
            except BadInput as damage:
                return TrainerLost(None, str(damage))
            if report.pid is None:
                return TrainerLost(report, _explain(report))
            if asyncio.get_running_loop().time() >= patience:
                return TrainerLost(report, f"The trainer, process {report.pid}, does not listen.")
            await asyncio.sleep(0.05)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 may lose a cancellation
                await self._hurry.wait()
        self._hurry.clear()


def frame_of(report: Report) -> Frame:
    """A frame of what a report knows, for a run without a trainer: no views, no operations."""
    return Frame(
        version=0,
        status=report.status,
        reason=report.reason,
        step=report.step,
        head=max(report.head, report.step),
        last_step=report.last_step,
        epoch=report.epoch,
        phase=report.phase,
        operation=-1,
        inside=False,
        speed=None,
        steps_per_second=0.0,
        recorded=max(report.head, report.step),
        metrics=report.metrics,
        settings=report.settings,
        operations=[],
        parameters=report.parameters,
        views=[],
        notes=[],
    )


def without_trainer(frame: Frame | None, report: Report | None, sentence: str) -> Frame | None:
    """What is left to show when the trainer is gone: the last frame that it sent, or what the report says."""
    if frame is None or frame.version == 0:
        return frame_of(report) if report is not None else frame
    status = report.status if report is not None else "lost"
    return msgspec.structs.replace(frame, status=status, reason=sentence, steps_per_second=0.0, version=0)


def _explain(report: Report) -> str:
    if report.status in UNSETTLED or report.status == "lost":
        return "The trainer died; space or a step continues from the last snapshot."
    return report.reason
