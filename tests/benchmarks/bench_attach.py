"""How long it takes to come back to a run, by how long the run is."""

from statistics import median
from time import perf_counter

from tests.benchmarks.figure import Figure, alternate, ratio
from tests.benchmarks.home import own_home, start
from tests.terminal.terminal import LAB, Terminal
from tui_lab.run.client import Client
from tui_lab.run.messages import Step, Stop

SHORT, LONG, ROUNDS = 1_000, 1_000_000, 8


def figures() -> list[Figure]:
    """A million steps with four metrics each against a thousand, on a 120×40 screen with the chart."""
    with own_home():
        runs = {steps: _trained(steps) for steps in (SHORT, LONG)}
        long, short = alternate(ROUNDS, lambda: _attach(runs[LONG]), lambda: _attach(runs[SHORT]))
    times = ratio(long, short)
    return [
        Figure(
            what="attach to a run of 1 M steps × 4 metrics, to the first full chart",
            measured=f"{1000 * median(long):.0f} ms, {times:.2f} ×",
            against=f"a run of 1 k steps, {1000 * median(short):.0f} ms",
            bar="≤ 2 ×",
            reached=times <= 2,
        )
    ]


def _trained(steps: int) -> str:
    run = start(f"steps={steps}", "batch_size=25")
    with Client(run) as client:
        client.ask(Step(steps))
        client.ask(Stop())
    return run.run


def _attach(run: str) -> float:
    """Seconds until the chart has a curve: braille dots in the pane of the loss, below the row of its title."""
    began = perf_counter()
    with Terminal([*LAB, "attach", run], 120, 40) as terminal:
        terminal.wait(_has_curve)
        return terminal.clock - began


def _has_curve(text: str) -> bool:
    below = text[text.find("─ loss ") :] if "─ loss " in text else ""
    return any("⠀" < character <= "⣿" for character in below)
