"""What a frame of the lab costs the viewer: CPU and bytes, on a big screen with a network that learns."""

import re
from functools import partial

import psutil

from tests.benchmarks.figure import Figure
from tests.benchmarks.home import own_home, start
from tests.terminal.terminal import LAB, Terminal
from tui_lab.run.client import Client
from tui_lab.run.messages import Step

COLUMNS, ROWS, FRAMES, STRIDE, BAR = 200, 50, 150, 7, 25.0


def figures() -> list[Figure]:
    """Each frame is asked for by a step from outside and awaited on the screen, so that none is skipped."""
    with own_home():
        run = start("dataset=spiral", "layers=4,2", "steps=1000000", name="mlp")
        with Client(run) as client, Terminal([*LAB, "attach", run.run], COLUMNS, ROWS) as terminal:
            client.ask(Step(STRIDE))
            terminal.wait(partial(_shows, STRIDE))
            viewer = psutil.Process(terminal.process.pid)
            while terminal.read(1.0):
                pass
            cpu, sent = _cpu(viewer), terminal.sent
            for frame in range(2, FRAMES + 2):
                client.ask(Step(STRIDE))
                terminal.wait(partial(_shows, frame * STRIDE))
            while terminal.read(1.0):
                pass
            milliseconds = 1000 * (_cpu(viewer) - cpu) / FRAMES
            size = (terminal.sent - sent) / FRAMES
    return [
        Figure(
            what=f"a frame of the lab at {COLUMNS}×{ROWS}: boundary, network, step, chart, parameters",
            measured=f"{milliseconds:.1f} ms of the viewer's CPU, {size / 1000:.1f} kB",
            against="–",
            bar=f"≤ {BAR:.0f} ms",
            reached=milliseconds <= BAR,
        )
    ]


def _cpu(process: psutil.Process) -> float:
    """Seconds of CPU that the process has used, in the kernel too."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _shows(step: int, text: str) -> bool:
    match = re.search(r"step\s+(\d+)/", text)
    return match is not None and int(match[1]) == step
