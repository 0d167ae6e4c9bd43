"""The manifest: what makes a run this run. Written once, never changed."""

import platform
import re
import stat
import time
from importlib import metadata
from pathlib import Path

import msgspec

from tui_lab import __version__
from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import DataFile, ScenarioCard, Value
from tui_lab.run.files import sha256

_HUB_ID = re.compile(r"[A-Za-z0-9][\w-]*|[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
"""One word without a suffix, or an owner and a name, which may have dots in it."""


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


Data = FileReference | str
"""What a run trains on: a file, or the id of a data set on a hub, of which nothing is known before it is loaded."""


def data_of(card: ScenarioCard, given: Path | str | None) -> Data | None:
    """What `--data` gave, as the manifest keeps it; text that names no file may be a data set's id. Raises BadInput for
    what the scenario does not take."""
    if given is None:
        return None
    if card.data is None:
        raise BadInput(f"{card.name} makes its own data and takes no --data.")
    if isinstance(given, str) and _is_hub_id(card.data, given):
        return given
    return FileReference.of(Path(given), "--data")


def source_of(data: Data | None) -> Path | str | None:
    """What a scenario is built with: the file's path, or the data set's id. Raises BadInput if the file has changed."""
    return data.unchanged("--data") if isinstance(data, FileReference) else data


def _is_hub_id(data: DataFile, text: str) -> bool:
    path = Path(text)
    named = _HUB_ID.fullmatch(text) is not None and path.suffix.lower() not in data.suffixes
    return data.hub and named and not path.exists()


class Manifest(msgspec.Struct, frozen=True):
    """A run described: with the files it names, enough to repeat it."""

    run: str
    scenario: str
    settings: dict[str, Value]
    seed: int
    created: float
    """Seconds since 1970."""
    device: str = "cpu"
    data: Data | None = None
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
