"""What is said of a run that somebody leaves."""

from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import RunDirectory, runs


def farewell(run: RunDirectory) -> str:
    """How to come back to a run that goes on, in one sentence; nothing for one that has no trainer or is gone."""
    try:
        report = run.report()
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
