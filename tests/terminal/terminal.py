"""A pseudo-terminal with a program in it, as a person has it: a screen to read and keys to press."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

KEYS = {
    "right": "\x1b[C",
    "left": "\x1b[D",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "ctrl+p": "\x10",
    "ctrl+s": "\x13",
    "ctrl+u": "\x15",
    "ctrl+c": "\x03",
}
LAB = [sys.executable, "-m", "tui_lab"]
_BEGIN, _END = b"\x1b[?2026h", b"\x1b[?2026l"
"""Around what appears on the screen at once: synchronized output, a private mode of terminals (DECSET 2026)."""
_ASKED, _ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""The question whether the terminal knows them, and that it does."""


class Terminal:
    """Runs `command` in a terminal of its own, leading its own session, and shows its screen as text.

    `sent` counts the bytes that the program wrote, `clock` is when it last wrote any (time.perf_counter).
    """

    def __init__(
        self, command: Sequence[str], columns: int = 80, rows: int = 24, environment: Mapping[str, str] | None = None
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.sent = 0
        self.clock = 0.0
        self._updating = False
        self._tail = b""
        """The end of what was read: a sequence may come in two parts."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**_inherited(), **terminal, **(environment or {})},
        )
        os.close(slave)

    def text(self) -> str:
        """The screen as it is now, a line a row."""
        self.read(0.0)
        return "\n".join(line.rstrip() for line in self._screen.display)

    def read(self, seconds: float) -> bool:
        """Take in what the program writes, waiting up to `seconds` for it; whether it wrote anything.

        An update of the screen that has begun is waited for: no half of one is ever seen.
        """
        wrote = False
        while select.select([self._master], [], [], 1.0 if self._updating else 0.0 if wrote else seconds)[0]:
            try:
                content = os.read(self._master, 65536)
            except OSError:  # the program is gone and its terminal with it
                break
            if not content:
                break
            self.clock = time.perf_counter()
            self.sent += len(content)
            # pyte does not know a few private sequences and would print their parameters
            self._stream.feed(content.replace(b"\x1b[>", b"\x1b[").replace(b"\x1b[<", b"\x1b["))
            self._synchronize(content)
            wrote = True
        return wrote

    def _synchronize(self, content: bytes) -> None:
        """Follow the marks around updates, and say that they are known here when the program asks."""
        recent = self._tail + content
        begun, ended = recent.rfind(_BEGIN), recent.rfind(_END)
        if begun != ended:
            self._updating = begun > ended
        if _ASKED in recent:
            os.write(self._master, _ANSWER)
        last = recent[recent.rfind(b"\x1b") :]
        self._tail = last if len(last) < len(_ASKED) else b""

    def press(self, *keys: str) -> None:
        """Type keys, by their names in KEYS or as they are."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def wait(self, true: Callable[[str], object], seconds: float = 30.0) -> str:
        """The screen once `true` of its text; fails with the screen when that does not come."""
        end = time.monotonic() + seconds
        while not true(text := self.text()):
            left = end - time.monotonic()
            assert left > 0, f"this did not come in {seconds:g} s; the screen:\n{text}"
            self.read(min(left, 0.5))
        return text

    def wait_for(self, *words: str, seconds: float = 30.0) -> str:
        """The screen once all the words are on it."""
        return self.wait(lambda text: all(word in text for word in words), seconds)

    def at_rest(self, seconds: float = 30.0) -> str:
        """The screen once the program has written nothing for a second: then it is complete."""
        end = time.monotonic() + seconds
        while self.read(1.0):
            assert time.monotonic() < end, f"the screen never came to rest:\n{self.text()}"
        return self.text()

    def leave(self, seconds: float = 30.0) -> int:
        """The exit code of the program, once it has ended by itself."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, f"the program did not end; the screen:\n{self.text()}"
            self.read(0.05)
        return self.process.wait()

    def close(self) -> None:
        """End the program if it still runs."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _inherited() -> dict[str, str]:
    """The environment without a size of somebody else's terminal."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
