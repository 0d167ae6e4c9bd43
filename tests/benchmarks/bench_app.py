"""What the app costs beside the least that a Textual app can be: first paint, and memory on a running lab."""

import sys
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter

import psutil

from tests.benchmarks.figure import Figure, alternate, ratio
from tests.benchmarks.home import own_home, start
from tests.terminal.terminal import LAB, Terminal
from tui_lab.run.client import Client
from tui_lab.run.messages import Play

MINIMAL = [sys.executable, "-m", "tests.benchmarks.minimal"]
ROUNDS, MEMORY_ROUNDS, WATCHED = 12, 3, 5.0


def figures() -> list[Figure]:
    with own_home():
        return [_first_paint(), _memory()]


def _first_paint() -> Figure:
    alternate(2, lambda: _paint(LAB), lambda: _paint(MINIMAL))
    ours, theirs = alternate(ROUNDS, lambda: _paint(LAB), lambda: _paint(MINIMAL))
    times = ratio(ours, theirs)
    return Figure(
        what="first paint of tui-lab in a pty",
        measured=f"{1000 * median(ours):.0f} ms, {times:.2f} ×",
        against=f"a minimal Textual app, {1000 * median(theirs):.0f} ms",
        bar="≤ 1.5 ×",
        reached=times <= 1.5,
    )


def _paint(command: list[str]) -> float:
    """Seconds from the start of the process until its screen is there."""
    began = perf_counter()
    with Terminal(command) as terminal:
        terminal.wait_for("Scenarios")
        return terminal.clock - began


def _memory() -> Figure:
    run = start("steps=1000000000")
    with Client(run) as client:
        client.ask(Play())
    watching = [*LAB, "attach", run.run]
    ours, theirs = alternate(MEMORY_ROUNDS, lambda: _resident(watching, "playing"), lambda: _resident(MINIMAL, "Scen"))
    times = ratio(ours, theirs)
    return Figure(
        what="viewer memory on a running lab, 120×40",
        measured=f"{median(ours):.0f} MiB, {times:.2f} ×, no torch",
        against=f"a minimal Textual app, {median(theirs):.0f} MiB",
        bar="≤ 2 ×",
        reached=times <= 2,
    )


def _resident(command: list[str], word: str) -> float:
    """MiB of the process after a few seconds of work; fails if it has torch loaded."""
    with Terminal(command, 120, 40) as terminal:
        terminal.wait_for(word)
        end = monotonic() + WATCHED
        while monotonic() < end:
            terminal.read(0.1)
        pid = terminal.process.pid
        if "libtorch" in Path(f"/proc/{pid}/maps").read_text():
            raise AssertionError("the viewer has imported torch")
        return psutil.Process(pid).memory_info().rss / 2**20
