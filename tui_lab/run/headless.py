"""Following a run without an app: until it ends, telling a listener about its steps on the way."""

import math
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory
from tui_lab.run.documents import as_json, step_document
from tui_lab.run.messages import GetReport, Play, Report
from tui_lab.run.plain import plain

Listener = Callable[[Report], None]

_ONE_INTERRUPT = 1.0
_FIRST, _LONGEST = 0.01, 0.1
"""Seconds between two questions: short ones first, for a run may take only milliseconds."""


def play(run: RunDirectory, listener: Listener) -> Report:
    """Play the run flat out until it has ended, or cannot go on by itself; the listener hears about ten steps a
    second, the last one among them. A trainer that dies leaves a report of status `lost`."""
    try:
        with Client(run) as client:
            client.ask(Play())
            return _follow(client, listener)
    except TrainerGone:
        return run.report()


@contextmanager
def interrupts_apart() -> Iterator[None]:
    """Two interrupts within a second count as one: a terminal's and the one that make or timeout passes on."""
    latest = -math.inf

    def interrupt(*_: object) -> None:
        nonlocal latest
        now, before = time.monotonic(), latest
        if now - before > _ONE_INTERRUPT:
            latest = now
            raise KeyboardInterrupt

    default = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, default)


def exit_code(report: Report) -> int:
    """What the command line says to the shell of a run that it no longer follows."""
    return {"finished": 0, "stopped": 130}.get(report.status, 1)


def summary(report: Report) -> str:
    """One sentence about how the run stands, with what to do if it did not finish."""
    loss = report.metrics.get("loss")
    figures = "" if loss is None else f", loss {loss:.6g}"
    sentence = f"{report.run}: {report.status} at step {report.step} of {report.last_step}{figures}."
    return plain(f"{sentence} {report.reason}".strip())


@contextmanager
def listening(as_lines: bool) -> Iterator[Listener]:
    """Who hears the steps: with `as_lines` stdout, a JSON document a line; otherwise a progress bar if stderr is a
    terminal, or nobody."""
    if as_lines:
        yield _print_line
    elif sys.stderr.isatty():
        with _progress_bar() as listener:
            yield listener
    else:
        yield _ignore


def _follow(client: Client, listener: Listener) -> Report:
    heard, pause = -1, _FIRST
    while True:
        report = client.ask(GetReport(brief=True))
        assert isinstance(report, Report)
        if report.step != heard:
            listener(report)
            heard = report.step
        if report.status in ("finished", "failed", "stopped") or (report.status == "paused" and report.reason):
            whole = client.ask(GetReport())
            assert isinstance(whole, Report)
            return whole
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)


def _print_line(report: Report) -> None:
    sys.stdout.write(as_json(step_document(report)) + "\n")
    sys.stdout.flush()


def _ignore(_: Report) -> None:
    pass


@contextmanager
def _progress_bar() -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}", markup=False),
        TextColumn("{task.fields[figures]}", markup=False),
        TimeRemainingColumn(),
    )
    # It repaints when there is news, not on a clock: a line over SSH stays quiet.
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as progress:
        task = progress.add_task("", total=1, figures="")
        speed = _Speed()

        def listener(report: Report) -> None:
            progress.update(
                task,
                description=plain(report.run),
                total=report.last_step,
                completed=report.step,
                figures=f"loss {report.metrics.get('loss', float('nan')):.6g}  {speed.of(report):,.0f} steps/s",
                refresh=True,
            )

        yield listener


class _Speed:
    """Steps a second, over the time since the first report that was heard."""

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None

    def of(self, report: Report) -> float:
        now = time.perf_counter()
        if self._first is None:
            self._first = report.step, now
        steps, seconds = report.step - self._first[0], now - self._first[1]
        return steps / seconds if seconds > 0 else 0.0
