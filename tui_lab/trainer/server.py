"""The control socket's server: a thread that turns what viewers send into letters for the trainer."""

import asyncio
import threading
from pathlib import Path

import msgspec

from tui_lab.run.address import forget_address, make_address
from tui_lab.run.messages import AnyReply, Refused, decode_request, encode
from tui_lab.trainer.mailbox import Letter, Mailbox


class Server:
    """Listens on a run's control socket, owner only, until closed. No viewer, slow or dead, ever holds up training."""

    def __init__(self, socket: Path, mailbox: Mailbox) -> None:
        self._writers: set[asyncio.StreamWriter] = set()
        self._socket = socket
        self._mailbox = mailbox
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="control socket", daemon=True)

    @property
    def viewers(self) -> int:
        """How many connections there are."""
        return len(self._writers)

    def start(self) -> None:
        """Begin to listen. Raises OSError if the socket cannot be made."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def stop_listening(self) -> None:
        """Take no new viewers; those that are there are still answered."""
        self._loop.call_soon_threadsafe(self._server.close)
        forget_address(self._socket)

    def close(self) -> None:
        """Let what has been answered leave, then hang up."""
        self.stop_listening()
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _listen(self) -> None:
        address = make_address(self._socket)
        self._server = await asyncio.start_unix_server(self._converse, str(address))
        address.chmod(0o600)

    async def _hang_up(self) -> None:
        for writer in tuple(self._writers):
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in tuple(self._writers)), return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(4), "big")
                self._receive(await reader.readexactly(size), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    def _receive(self, body: bytes, writer: asyncio.StreamWriter) -> None:
        def answer(message: AnyReply) -> None:
            # Encoded in the caller's thread, the trainer's, so that nothing it does later changes what is sent.
            self._loop.call_soon_threadsafe(_send, writer, encode(message))

        try:
            self._mailbox.put(Letter(decode_request(body), answer))
        except msgspec.MsgspecError as error:
            _send(writer, encode(Refused(f"This is no request: {error}.")))


def _send(writer: asyncio.StreamWriter, content: bytes) -> None:
    if not writer.is_closing():
        writer.write(content)
