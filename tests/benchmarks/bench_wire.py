"""Bytes on the wire: what an SSH connection has to carry."""

from time import monotonic

from tests.benchmarks.figure import Figure
from tests.benchmarks.home import own_home, start
from tests.terminal.terminal import LAB, Terminal
from tui_lab.run.client import Client
from tui_lab.run.messages import Play, Step

WATCHED, SETTLED = 10.0, 3.0
SIZES = ((80, 24), (200, 50))


def figures() -> list[Figure]:
    """Playing at ten steps a second and flat out, and paused in the middle of a run."""
    with own_home():
        return [figure for columns, rows in SIZES for figure in _measure(columns, rows)]


def _measure(columns: int, rows: int) -> list[Figure]:
    run = start("steps=1000000000", "batch_size=16")
    with Client(run) as client, Terminal([*LAB, "attach", run.run], columns, rows) as terminal:
        client.ask(Step(200))
        terminal.wait_for("200/")
        paused = _rate(terminal)
        client.ask(Play(speed=10.0))
        playing = _rate(terminal)
        client.ask(Play())
        flat_out = _rate(terminal)
    size = f"{columns}×{rows}"
    return [
        Figure(f"bytes on the pty, {size}, paused", f"{paused:.0f} B/s", "–", "0 B/s", paused == 0),
        Figure(f"bytes on the pty, {size}, ten steps a second", f"{playing / 1000:.2f} kB/s", "–"),
        Figure(f"bytes on the pty, {size}, flat out", f"{flat_out / 1000:.2f} kB/s", "–"),
    ]


def _rate(terminal: Terminal) -> float:
    """Bytes a second, once what was going on has settled."""
    _watch(terminal, SETTLED)
    before = terminal.sent
    _watch(terminal, WATCHED)
    return (terminal.sent - before) / WATCHED


def _watch(terminal: Terminal, seconds: float) -> None:
    end = monotonic() + seconds
    while (left := end - monotonic()) > 0:
        terminal.read(left)
