"""The list of all runs on disk, damaged ones with the sentence that says so."""

from typing import Any

import msgspec

from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import RunDirectory, runs
from tui_lab.run.messages import Status


class Entry(msgspec.Struct, frozen=True):
    """One run in the list. A damaged one has only its id and `damaged`, why."""

    run: str
    scenario: str | None = None
    status: Status | None = None
    step: int | None = None
    last_step: int | None = None
    epoch: int | None = None
    metrics: dict[str, float] = {}
    state_hash: str | None = None
    created: float | None = None
    """Seconds since 1970."""
    pid: int | None = None
    reason: str = ""
    settings: dict[str, Any] = {}
    damaged: str | None = None


def entries() -> list[Entry]:
    """Every run, the newest first, as its directory tells."""
    return [_entry(run) for run in runs()]


def _entry(run: RunDirectory) -> Entry:
    try:
        manifest, report = run.manifest(), run.report()
    except BadInput as error:
        return Entry(run.run, damaged=str(error))
    return Entry(
        run=run.run,
        scenario=report.scenario,
        status=report.status,
        step=report.step,
        last_step=report.last_step,
        epoch=report.epoch,
        metrics=report.metrics,
        state_hash=report.state_hash,
        created=manifest.created,
        pid=report.pid,
        reason=report.reason,
        settings=report.settings or manifest.settings,
    )
