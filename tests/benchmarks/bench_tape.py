"""How fast linear regression steps on the tape, beside the same arithmetic in a bare numpy loop."""

import importlib
from statistics import median
from typing import Any

import numpy as np

from tests.benchmarks.figure import Figure, alternate, ratio, seconds
from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

STEPS, ROUNDS, RATE, MOMENTUM = 20_000, 9, 0.05, 0.9


def built() -> Any:
    """The scenario on the 50 points of the stopping distance, full batch."""
    card = scenario("linear-regression")
    words = [f"learning_rate={RATE}", f"momentum={MOMENTUM}", "initial_a=0", "initial_b=0"]
    model = importlib.import_module(card.module).LinearRegression()
    model.build({**settings_of(card, words), "data": None}, 0, "cpu")
    return model


def on_the_tape(steps: int) -> dict[str, float]:
    """Steps of the scenario, to the end of each; the last one's metrics."""
    model = built()
    for _ in range(steps):
        for _ in model.step():
            pass
    metrics: dict[str, float] = model.metrics
    return metrics


def in_a_bare_loop(steps: int) -> dict[str, float]:
    """The same arithmetic and the same metrics, as one writes it when nobody is looking."""
    model = built()
    x, y = model.x, model.y
    a = b = velocity_a = velocity_b = 0.0
    metrics: dict[str, float] = {}
    for _ in range(steps):
        residual = a * x + b - y
        loss = np.mean(residual * residual)
        slope_a = 2 * np.mean(residual * x)
        slope_b = 2 * np.mean(residual)
        velocity_a = MOMENTUM * velocity_a + slope_a
        velocity_b = MOMENTUM * velocity_b + slope_b
        a = a - RATE * velocity_a
        b = b - RATE * velocity_b
        metrics = {"loss": loss, "grad_norm": np.hypot(slope_a, slope_b), "a": a, "b": b}
    return metrics


def figures() -> list[Figure]:
    """Steps a second of both, in turns, after making sure that they compute the same."""
    with np.errstate(all="ignore"):
        tape, bare = on_the_tape(100), in_a_bare_loop(100)
        if not np.allclose(list(tape.values()), list(bare.values()), rtol=1e-12):
            raise ArithmeticError(f"the tape computes {tape}, the bare loop {bare}")
        ours, theirs = alternate(
            ROUNDS,
            lambda: STEPS / seconds(lambda: on_the_tape(STEPS)),
            lambda: STEPS / seconds(lambda: in_a_bare_loop(STEPS)),
        )
    times = ratio(ours, theirs)
    return [
        Figure(
            what="linear regression on the tape, 50 points, full batch",
            measured=f"{median(ours):,.0f} steps/s, {times:.2f} ×",
            against=f"bare numpy loop, {median(theirs):,.0f} steps/s",
            bar="≥ 1.1 ×",
            reached=times >= 1.1,
        )
    ]
