"""The viewer's end of a run's control socket: once for plain code, once for asyncio."""

import asyncio
import socket
from types import TracebackType
from typing import Self

import msgspec

from tui_lab.lab.errors import BadInput
from tui_lab.run.address import find_address
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import AnyReply, AnyRequest, Refused, decode_reply, encode

_STRANGER = "The trainer speaks another version of tui-lab: stop it with the version that started it, or kill it."


class TrainerGone(ConnectionError):
    """The trainer is not there, or died in mid-conversation."""


class Client:
    """A conversation with a trainer. Raises TrainerGone when there is none."""

    def __init__(self, run: RunDirectory) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(str(find_address(run.socket)))
        except OSError as error:
            self._socket.close()
            raise TrainerGone(f"Run {run.run} has no trainer.") from error

    def ask(self, request: AnyRequest, timeout: float | None = None) -> AnyReply:
        """The trainer's answer. Raises BadInput with its sentence if it refuses, TimeoutError after `timeout` s: that
        ends the conversation, for the answer to come belongs to no later question."""
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(encode(request))
            reply = decode_reply(self._receive(int.from_bytes(self._receive(4), "big")))
        except TimeoutError:
            self.close()
            raise
        except OSError as error:
            raise TrainerGone("The trainer is gone.") from error
        except msgspec.MsgspecError as error:
            raise TrainerGone(_STRANGER) from error
        return accepted(reply)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _receive(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            part = self._socket.recv(size - len(parts))
            if not part:
                raise TrainerGone("The trainer is gone.")
            parts += part
        return bytes(parts)


class AsyncClient:
    """The same conversation inside an event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._turn = asyncio.Lock()

    @classmethod
    async def connect(cls, run: RunDirectory) -> "AsyncClient":
        """Raises TrainerGone if nobody listens."""
        try:
            return cls(*await asyncio.open_unix_connection(str(find_address(run.socket))))
        except OSError as error:
            raise TrainerGone(f"Run {run.run} has no trainer.") from error

    async def ask(self, request: AnyRequest) -> AnyReply:
        """The trainer's answer; one question at a time. Raises BadInput if it refuses, TrainerGone if it dies. Who
        cancels a question ends the conversation, for the answer to come belongs to no later one."""
        async with self._turn:
            try:
                self._writer.write(encode(request))
                await self._writer.drain()
                size = int.from_bytes(await self._reader.readexactly(4), "big")
                return accepted(decode_reply(await self._reader.readexactly(size)))
            except asyncio.CancelledError:
                self._writer.close()
                raise
            except (OSError, asyncio.IncompleteReadError) as error:
                raise TrainerGone("The trainer is gone.") from error
            except msgspec.MsgspecError as error:
                raise TrainerGone(_STRANGER) from error

    async def close(self) -> None:
        self._writer.close()


def accepted(reply: AnyReply) -> AnyReply:
    """The reply, unless it is a refusal, which is raised as BadInput."""
    if isinstance(reply, Refused):
        raise BadInput(reply.sentence)
    return reply
