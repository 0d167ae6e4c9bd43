"""The keeper: puts a run on disk, its history, its report and its snapshots."""

import msgspec

from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Report
from tui_lab.run.recorder import Recorder
from tui_lab.trainer.frames import Facts, report_of
from tui_lab.trainer.position import Position
from tui_lab.trainer.timeline import Timeline


class Keeper:
    """Every method raises OSError or sqlite3.OperationalError where the disk takes no more; nothing is lost then."""

    def __init__(
        self,
        run: RunDirectory,
        facts: Facts,
        position: Position,
        timeline: Timeline,
        recorder: Recorder,
    ) -> None:
        self._run, self._facts, self._position = run, facts, position
        self._timeline, self._recorder = timeline, recorder
        self._kept: Report
        """The latest report on disk."""

    @property
    def recorded(self) -> int:
        """The history on disk holds every step up to this one."""
        return self._recorder.recorded

    def keep(self) -> None:
        """Bring history and report up to date."""
        self._kept = report_of(self._facts, self._position)
        self._recorder.flush()
        self._run.write("report.json", self._kept)

    def keep_settings(self) -> None:
        """The report that is there already, with the settings of now: nothing else has changed."""
        settings = report_of(self._facts, self._position, brief=True).settings
        self._kept = msgspec.structs.replace(self._kept, settings=settings)
        self._run.write("report.json", self._kept)

    def save(self) -> None:
        """Put the present boundary between steps there, so that the run can be continued from it."""
        if self._position.moment is None:
            self._timeline.save(self._position.snapshot())
