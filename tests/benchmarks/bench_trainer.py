"""The trainer: its speed with everything recorded, and the cost of going back."""

import json
import random
import subprocess
import sys
from statistics import median, quantiles
from time import perf_counter

from tests.benchmarks import bench_mlp
from tests.benchmarks.bench_tape import in_a_bare_loop
from tests.benchmarks.figure import Figure, alternate, ratio, seconds
from tests.benchmarks.home import own_home, start
from tui_lab.run.client import Client
from tui_lab.run.messages import GetReport, GoTo, Report, Step

STEPS, ROUNDS = 300_000, 5
LONG, BACKS = 100_000, 60
EPOCHS = 3_000
SETTINGS = ["learning_rate=0.05", "momentum=0.9", "initial_a=0", "initial_b=0"]


def figures() -> list[Figure]:
    with own_home():
        return [_headless(), _network(), _back()]


def _headless() -> Figure:
    ours, theirs = alternate(ROUNDS, _whole_command, lambda: STEPS / seconds(lambda: in_a_bare_loop(STEPS)))
    times = ratio(ours, theirs)
    return Figure(
        what=f"run --headless, {STEPS:,} steps recorded, the process's start included",
        measured=f"{median(ours):,.0f} steps/s, {times:.2f} ×",
        against=f"bare numpy loop, {median(theirs):,.0f} steps/s",
        bar="≥ 0.8 ×",
        reached=times >= 0.8,
    )


def _whole_command() -> float:
    command = [
        sys.executable,
        "-m",
        "tui_lab",
        "run",
        "linear-regression",
        "--headless",
        "--json",
        "--steps",
        str(STEPS),
    ]
    for setting in SETTINGS:
        command += ["--set", setting]
    began = perf_counter()
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    taken = perf_counter() - began
    assert json.loads(lines[-1])["step"] == STEPS
    return STEPS / taken


def _network() -> Figure:
    """The driver with everything recorded, on a network whose step is larger than a line's."""
    model = bench_mlp.built()
    loop = bench_mlp.NumpyLoop(model)
    words = [*bench_mlp.WORDS, f"steps={10**9}"]
    run = start(*words, name="mlp")
    with Client(run) as client:
        client.ask(Step(model.steps_per_epoch))
        ours, theirs = alternate(
            ROUNDS,
            lambda: EPOCHS / seconds(lambda: client.ask(Step(EPOCHS, "epoch"))),
            bench_mlp.repeated(loop.epoch, EPOCHS),
        )
    times = ratio(ours, theirs)
    return Figure(
        what="training a 2-4-2-1 network through the driver, recorded",
        measured=f"{median(ours):,.0f} epochs/s, {times:.2f} ×",
        against=f"tuned numpy loop, {median(theirs):,.0f} epochs/s",
        bar="≥ 0.8 ×",
        reached=times >= 0.8,
    )


def _back() -> Figure:
    """Each way back is checked against the hash that the state had on the way forward."""
    run = start(f"steps={LONG}", "batch_size=16")
    draw = random.Random(0)
    targets = sorted(draw.sample(range(1, LONG), BACKS))
    times, exact = [], True
    with Client(run) as client:
        hashes = {}
        for target in targets:
            client.ask(GoTo(target))
            hashes[target] = _hash(client)
        client.ask(GoTo(LONG))
        draw.shuffle(targets)
        for target in targets:
            client.ask(GoTo(target + 1))
            began = perf_counter()
            client.ask(Step(back=True))
            times.append(1000 * (perf_counter() - began))
            exact &= _hash(client) == hashes[target]
    worst = max(times)
    return Figure(
        what=f"a step back anywhere in {LONG:,} steps of mini-batches",
        measured=f"worst {worst:.0f} ms, p90 {quantiles(times, n=10)[-1]:.0f} ms, "
        + ("bit-identical" if exact else "NOT identical"),
        against="–",
        bar="≤ 50 ms, bit-identical",
        reached=exact and worst <= 50,
    )


def _hash(client: Client) -> str | None:
    report = client.ask(GetReport())
    assert isinstance(report, Report)
    return report.state_hash
