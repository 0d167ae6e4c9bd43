"""The runs on disk as rows of a list; used by one worker at a time, off the event loop."""

import time
from dataclasses import dataclass
from pathlib import Path

from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import UNSETTLED, RunDirectory, home, runs
from tui_lab.run.messages import Report

_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as Home lists it. `status` is `damaged` for a run that cannot be read: `sentence` then says why."""

    run: RunDirectory
    status: str
    step: int = 0
    last_step: int = 0
    loss: float | None = None
    age: str = ""
    sentence: str = ""
    alive: bool = False
    """Whether a trainer is there."""


class RunRows:
    """Reads only what has changed since the last time: a list of a thousand finished runs costs a thousand stats."""

    def __init__(self) -> None:
        self._folder: _Stamp | None = None
        self._runs: list[RunDirectory] = []
        self._created: dict[RunDirectory, float] = {}
        self._known: dict[RunDirectory, tuple[_Stamp, Report]] = {}

    def read(self) -> list[RunRow]:
        """Every run, the newest first."""
        folder = _stamp(home() / "runs")
        if folder != self._folder:
            self._folder, self._runs = folder, list(runs())
        return [self._row(run) for run in self._runs]

    def _row(self, run: RunDirectory) -> RunRow:
        try:
            created = self._created.get(run) or self._created.setdefault(run, run.manifest().created)
            report = self._report(run)
        except BadInput as damage:
            return RunRow(run, "damaged", sentence=str(damage))
        return RunRow(
            run,
            report.status,
            report.step,
            report.last_step,
            report.metrics.get("loss"),
            age(time.time() - created),
            report.reason,
            report.pid is not None,
        )

    def _report(self, run: RunDirectory) -> Report:
        stamp = _stamp(run.path / "report.json")
        if run in self._known and stamp is not None and self._known[run][0] == stamp:
            known = self._known[run][1]
            if known.pid is None and known.status not in UNSETTLED:
                return known
        report = run.report()
        if stamp is not None:
            self._known[run] = stamp, report
        return report


def age(seconds: float) -> str:
    """How long ago, in one unit; nothing finer than a minute, so that a list at rest stays as it is."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
