"""The run directory: the truth about a run, readable after any crash."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import platformdirs
import psutil

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.run.address import forget_address
from tui_lab.run.files import write_whole
from tui_lab.run.manifest import Manifest
from tui_lab.run.messages import Report, Status

T = TypeVar("T")

UNSETTLED: tuple[Status, ...] = ("starting", "running", "paused")
"""A run in one of these has a trainer, or has lost it."""


class Trainer(msgspec.Struct, frozen=True):
    """Which process trains a run. `started` tells it from a later process of the same number."""

    pid: int
    started: float
    host: str

    @classmethod
    def here(cls) -> "Trainer":
        """This process."""
        return cls(os.getpid(), psutil.Process().create_time(), socket.gethostname())

    def alive(self) -> bool:
        """Whether it still runs; on another host that cannot be seen, and it is believed."""
        if self.host != socket.gethostname():
            return True
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """One run on disk."""

    path: Path

    @property
    def run(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def history(self) -> Path:
        return self.path / "history.sqlite"

    @property
    def snapshots(self) -> Path:
        return self.path / "snapshots"

    @property
    def log(self) -> Path:
        return self.path / "trainer.log"

    @property
    def socket(self) -> Path:
        return self.path / "control.sock"

    def manifest(self) -> Manifest:
        """Raises BadInput if the run is damaged."""
        return self._read("run.json", Manifest)

    def report(self) -> Report:
        """The latest report, with the status as it is now. Raises BadInput if the run is damaged."""
        report = self._read("report.json", Report)
        trainer = self.trainer()
        if trainer is None and report.status in UNSETTLED:
            lost = "The trainer died without saying so; the history up to its last second is here."
            return msgspec.structs.replace(report, status="lost", reason=lost, pid=None)
        return msgspec.structs.replace(report, pid=trainer.pid if trainer else None)

    def trainer(self) -> Trainer | None:
        """The process that trains this run, if one does."""
        try:
            trainer = msgspec.json.decode((self.path / "trainer.json").read_bytes(), type=Trainer)
        except (OSError, msgspec.MsgspecError):
            return None
        return trainer if trainer.alive() else None

    def write(self, name: str, content: msgspec.Struct) -> None:
        """Put a small JSON file into the directory, whole."""
        # Not msgspec.json, which turns NaN and inf into null: a run that diverged must be readable.
        write_whole(self.path / name, json.dumps(msgspec.to_builtins(content), indent=1).encode() + b"\n")

    def delete(self) -> None:
        """Remove the run from disk; nobody ever sees half of it."""
        hidden = self.path.with_name(f".{self.run}")
        forget_address(self.socket)
        self.path.rename(hidden)
        shutil.rmtree(hidden)

    def _read(self, name: str, kind: type[T]) -> T:
        try:
            return msgspec.convert(json.loads((self.path / name).read_bytes()), kind)
        except FileNotFoundError:
            raise BadInput(
                f"Run {self.run} is damaged, its {name} is missing: delete the folder {self.path}."
            ) from None
        except (OSError, ValueError, RecursionError, msgspec.MsgspecError) as error:
            raise BadInput(
                f"Run {self.run} is damaged, its {name} cannot be read ({error}): delete the folder {self.path}."
            ) from None


def home() -> Path:
    """Where the lab keeps its things: `TUI_LAB_HOME`, or the user's data directory."""
    folder = os.environ.get("TUI_LAB_HOME") or platformdirs.user_data_dir("tui-lab")
    return Path(folder).expanduser().absolute()


def runs() -> Iterator[RunDirectory]:
    """Every run on disk, damaged ones too, the newest first."""
    folder = home() / "runs"
    found = _visible(folder) if folder.is_dir() else []
    yield from sorted(found, key=_age, reverse=True)


def find(name: str) -> RunDirectory:
    """The run that an id, a unique prefix or `latest` means. Raises BadInput if there is none, or more than one."""
    known = list(runs())
    if name == "latest" and known:
        return known[0]
    matching = [run for run in known if name and run.run.startswith(name)]
    exact = [run for run in matching if run.run == name]
    if len(exact or matching) == 1:
        return (exact or matching)[0]
    if not known:
        raise BadInput("There are no runs yet: start one with `tui-lab run SCENARIO`.")
    if matching:
        raise BadInput(f"'{name}' could be any of {', '.join(run.run for run in matching[:6])}: type more of it.")
    raise BadInput(f"There is no run '{name}': {nearest(name, [run.run for run in known[:20]])}")


def _visible(folder: Path) -> list[RunDirectory]:
    return [RunDirectory(path) for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _age(run: RunDirectory) -> float:
    try:
        return run.manifest().created
    except BadInput:
        return 0.0
