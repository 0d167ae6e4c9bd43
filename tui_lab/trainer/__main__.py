"""The trainer's process: `python -m tui_lab.trainer RUN_DIRECTORY`."""

import errno
import fcntl
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Scenario
from tui_lab.run.catalogue import ScenarioCard
from tui_lab.run.catalogue import scenario as card_of
from tui_lab.run.directory import RunDirectory, Trainer
from tui_lab.run.launch import BAD_INPUT, DISK_FULL, REFUSED
from tui_lab.run.manifest import Manifest
from tui_lab.run.messages import Report, Status, Stop
from tui_lab.run.recorder import Recorder
from tui_lab.run.settings import is_look
from tui_lab.trainer.changes import Changer
from tui_lab.trainer.driver import Driver
from tui_lab.trainer.frames import Facts
from tui_lab.trainer.loading import load
from tui_lab.trainer.mailbox import Letter, Mailbox
from tui_lab.trainer.position import Position
from tui_lab.trainer.processes import RanksBroken, rank, several
from tui_lab.trainer.server import Server
from tui_lab.trainer.timeline import Timeline


def main(run: RunDirectory) -> int:
    """Trains the run until it is told to stop. The exit code says whether it could begin."""
    if rank():
        return _follow(run)
    with _only_trainer(run) as alone:
        if not alone:
            return 0
        try:
            train(run)
        except BadInput as error:
            _leave_reason(run, str(error))
            if several():
                (run.path / REFUSED).touch()
            return BAD_INPUT
        except RanksBroken as error:
            traceback.print_exc()
            _leave_reason(run, f"A step failed with {error}. See {run.log}.", crashed=True)
            return 1
        except Exception as error:  # noqa: BLE001 - a crash goes to the log and becomes the run's state
            traceback.print_exc()
            if _is_full_disk(error):
                return DISK_FULL
            _leave_reason(
                run, f"The trainer crashed with {type(error).__name__}: {error}. See {run.log}.", crashed=True
            )
            return 1
    return 0


def train(run: RunDirectory) -> None:
    """Build the scenario, go where the run last stood, listen, and drive. Raises BadInput."""
    report, manifest = run.report(), run.manifest()
    card = card_of(manifest.scenario)
    scenario = _lead(card, manifest) if several() else load(card, manifest)
    recorder, timeline = Recorder(run.history), Timeline(run.snapshots)
    position = Position(scenario, timeline, recorder, manifest.settings, Changer(card))
    mailbox = Mailbox()
    server = Server(run.socket, mailbox)
    last_step = int({**manifest.settings, **report.settings}["steps"])
    facts = Facts(run.run, card, os.getpid(), dict(manifest.settings), last_step, scenario.steps_per_epoch)
    for name, value in report.settings.items():
        if is_look(card, name) and value != facts.settings[name]:
            scenario.change(name, value)
            facts.settings[name] = value
    if report.status == "failed":
        facts.status, facts.reason = report.status, report.reason
    driver = Driver(run, facts, position, timeline, recorder, mailbox, server)
    signal.signal(signal.SIGTERM, lambda *_: mailbox.put(Letter(Stop(), lambda _: None)))
    with np.errstate(all="ignore"):
        position.go_to(report.step)
        run.write("trainer.json", Trainer.here())
        server.start()
        try:
            driver.drive()
        finally:
            server.close()
            recorder.close()
            (run.path / "trainer.json").unlink()
    if several():
        _dismiss(scenario)


def _lead(card: ScenarioCard, manifest: Manifest) -> Scenario:
    from tui_lab.trainer.ranks import LeadingScenario, join

    join()
    return LeadingScenario(load(card, manifest))


def _dismiss(scenario: Scenario) -> None:
    from tui_lab.trainer.ranks import LeadingScenario

    assert isinstance(scenario, LeadingScenario)
    scenario.dismiss()


def _follow(run: RunDirectory) -> int:
    """Train as rank 0 does. What is wrong with the input, rank 0 says."""
    from tui_lab.trainer.ranks import follow, join

    join()
    manifest = run.manifest()
    try:
        scenario = load(card_of(manifest.scenario), manifest)
    except BadInput:
        return BAD_INPUT
    with np.errstate(all="ignore"):
        follow(scenario)
    return 0


@contextmanager
def _only_trainer(run: RunDirectory) -> Iterator[bool]:
    """Holds the run's lock, if it can be had: a run has one trainer."""
    with (run.path / "trainer.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _is_full_disk(error: Exception) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return error.sqlite_errorcode == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _leave_reason(run: RunDirectory, reason: str, crashed: bool = False) -> None:
    """A run that crashed or never began has failed; one that only cannot be continued now stays what it was."""
    report: Report = run.report()
    never_began = report.step == 0 and report.status in ("starting", "lost")
    status: Status = "failed" if crashed or never_began else report.status
    run.write("report.json", msgspec.structs.replace(report, status=status, reason=reason))


if __name__ == "__main__":
    sys.exit(main(RunDirectory(Path(sys.argv[1]))))
