"""How soon a key's effect is on the screen, while another run trains flat out on the same machine."""

import re
from functools import partial
from statistics import median, quantiles
from time import perf_counter

from tests.benchmarks.figure import Figure
from tests.benchmarks.home import own_home, start
from tests.terminal.terminal import LAB, Terminal
from tui_lab.run.client import Client
from tui_lab.run.messages import Play

PRESSES, BAR = 200, 60.0
SIZES = ((80, 24), (200, 50))


def figures() -> list[Figure]:
    with own_home():
        busy, watched = start("steps=1000000000"), start("steps=100000")
        with Client(busy) as client:
            client.ask(Play())
        return [_latency(watched.run, columns, rows) for columns, rows in SIZES]


def _latency(run: str, columns: int, rows: int) -> Figure:
    with Terminal([*LAB, "attach", run], columns, rows) as terminal:
        step = _shown(terminal.wait_for("paused", "forward →" if columns > 100 else "1 View"))
        terminal.wait(lambda text: "over speed" in text)
        times = []
        for _ in range(PRESSES):
            step += 1
            pressed = perf_counter()
            terminal.press("right")
            terminal.wait(partial(_shows, step))
            times.append(1000 * (terminal.clock - pressed))
    p99 = quantiles(times, n=100)[-1]
    return Figure(
        what=f"key → to the changed number on the pty, {columns}×{rows}, another run flat out",
        measured=f"p99 {p99:.0f} ms, median {median(times):.0f} ms",
        against="–",
        bar=f"p99 ≤ {BAR:.0f} ms",
        reached=p99 <= BAR,
    )


def _shows(step: int, text: str) -> bool:
    return _shown(text) == step


def _shown(text: str) -> int:
    """The step in the status line."""
    match = re.search(r"step\s+(\d+)/", text)
    assert match is not None, text
    return int(match[1])
