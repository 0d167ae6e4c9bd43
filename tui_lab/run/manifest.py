"""The manifest: what makes a run this run. Written once, never changed."""

import platform
import stat
import time
from importlib import metadata
from pathlib import Path

import msgspec

from tui_lab import __version__
from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import Value
from tui_lab.run.files import sha256


class FileReference(msgspec.Struct, frozen=True):
    """A file outside the run directory, and what was in it when the run began."""

    path: str
    sha256: str

    @classmethod
    def of(cls, path: Path, role: str) -> "FileReference":
        """Raises BadInput if the file cannot be read. `role` says what it is, for that sentence."""
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise BadInput(f"The {role} file {path} is no ordinary file: its content must stay to be read again.")
            return cls(str(path.resolve()), sha256(path))
        except FileNotFoundError:
            raise BadInput(f"There is no {role} file {path}.") from None
        except OSError as error:
            raise BadInput(f"The {role} file {path} cannot be read: {error.strerror}.") from None

    def unchanged(self, role: str) -> Path:
        """The path. Raises BadInput if what is there now is something else."""
        path = Path(self.path)
        if FileReference.of(path, role).sha256 != self.sha256:
            raise BadInput(
                f"The {role} file {path} has changed since this run began: put the old one back, or start a new run."
            )
        return path


class Manifest(msgspec.Struct, frozen=True):
    """A run described: with the files it names, enough to repeat it."""

    run: str
    scenario: str
    settings: dict[str, Value]
    seed: int
    created: float
    """Seconds since 1970."""
    device: str = "cpu"
    data: FileReference | None = None
    init: FileReference | None = None
    versions: dict[str, str] = {}


def versions(packages: list[str]) -> dict[str, str]:
    """The versions of Python, the lab, numpy and `packages`, as far as installed, and the machine's kind."""
    found = {"python": platform.python_version(), "tui-lab": __version__, "machine": platform.platform()}
    for package in ["numpy", *packages]:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def now() -> float:
    """The time that a manifest's `created` takes."""
    return time.time()
