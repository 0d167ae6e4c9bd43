"""The reader of entries: asks the trainer for equations written out, and for nothing else."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from textual.message_pump import MessagePump

from tui_lab.lab.errors import BadInput
from tui_lab.run.client import AsyncClient, TrainerGone
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Entry, GetEntry
from tui_lab.ui.messages import EntriesRead

NO_TRAINER = "This run has no trainer: space or n wakes one."


class EntryReader:
    """A connection of its own, so that no step ever waits for it. What is wanted while an answer is on its way replaces
    what was wanted before."""

    def __init__(self, run: RunDirectory, receiver: MessagePump) -> None:
        self._run, self._receiver = run, receiver
        self._client: AsyncClient | None = None
        self._wanted: Sequence[GetEntry] | None = None
        self._reading: asyncio.Task[None] | None = None

    def want(self, asked: Sequence[GetEntry]) -> None:
        """Post EntriesRead with the answers."""
        self._wanted = asked
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_wanted())

    async def close(self) -> None:
        """End the conversation."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        await self._hang_up()

    async def _read_wanted(self) -> None:
        while self._wanted is not None:
            asked, self._wanted = self._wanted, None
            self._receiver.post_message(await self._read(asked))

    async def _read(self, asked: Sequence[GetEntry]) -> EntriesRead:
        try:
            self._client = self._client or await AsyncClient.connect(self._run)
            replies = [await self._client.ask(request) for request in asked]
        except BadInput as refusal:
            return EntriesRead([], str(refusal))
        except TrainerGone:
            await self._hang_up()
            return EntriesRead([], NO_TRAINER)
        return EntriesRead([reply.line for reply in replies if isinstance(reply, Entry)])

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()
