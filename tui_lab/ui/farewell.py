"""What is said of a run that somebody leaves."""

from tui_lab.lab.errors import BadInput
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory, runs
from tui_lab.run.messages import GetReport, Report

_PATIENCE = 0.5
"""Seconds for a trainer in the middle of a long step; then the report on disk, a little older, has to do."""


def farewell(run: RunDirectory) -> str:
    """How to come back to a run that goes on, in one sentence; nothing for one that has no trainer or is gone."""
    try:
        report = _report(run)
    except BadInput:
        return ""
    if report.pid is None or report.status not in ("running", "paused"):
        return ""
    state = "goes on" if report.status == "running" else f"waits at step {report.step}"
    name = shortest_name(run)
    return f"{run.run} {state}: tui-lab attach {name} comes back to it, tui-lab stop {name} ends it."


def shortest_name(run: RunDirectory) -> str:
    """The run's first syllables if no other run begins with them, otherwise its id."""
    word = run.run.partition("-")[0]
    return word if sum(other.run.startswith(word) for other in runs()) == 1 else run.run


def _report(run: RunDirectory) -> Report:
    """The trainer's word, or the disk's. Raises BadInput if the run is damaged."""
    try:
        with Client(run) as client:
            report = client.ask(GetReport(brief=True), timeout=_PATIENCE)
    except (TrainerGone, TimeoutError):
        return run.report()
    assert isinstance(report, Report)
    return report
