"""Where a run's control socket is: its path may have about 100 bytes, a run directory's may have more."""

import os
import tempfile
from pathlib import Path

_LONGEST = 100
_PREFIX = "tui-lab-"
_SOCKET = "control.sock"


def make_address(socket: Path) -> Path:
    """A path to bind to, open to the owner only: `socket` itself, or, if that is too long, one in a private temporary
    folder that `socket` links to."""
    forget_address(socket)
    if len(os.fsencode(socket)) <= _LONGEST:
        return socket
    address = Path(tempfile.mkdtemp(prefix=_PREFIX)) / _SOCKET
    socket.symlink_to(address)
    return address


def find_address(socket: Path) -> Path:
    """The path to connect to."""
    return socket.readlink() if socket.is_symlink() else socket


def forget_address(socket: Path) -> None:
    """Remove the socket and what `make_address` made for it."""
    if socket.is_symlink() and _is_ours(socket.readlink()):
        address = socket.readlink()
        address.unlink(missing_ok=True)
        if address.parent.is_dir() and not any(address.parent.iterdir()):
            address.parent.rmdir()
    socket.unlink(missing_ok=True)


def _is_ours(address: Path) -> bool:
    """A run directory may come from anywhere: its link must not make us remove a file that is not a socket of ours."""
    return address.name == _SOCKET and address.parent.name.startswith(_PREFIX)
