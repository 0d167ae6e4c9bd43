"""What a run's history costs to write, and to attach to when it is long."""

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.benchmarks.figure import Figure, alternate, ratio, seconds
from tui_lab.run.history import History
from tui_lab.run.recorder import Recorder

_METRICS = 4
_FLUSH = 15_000
_RECORDED = 200_000


def figures() -> list[Figure]:
    """Attaching to 1 M and 10 M steps against 1 k, and the cost of a step and of a flush."""
    with tempfile.TemporaryDirectory() as folder:
        short, long, longer = Path(folder) / "short", Path(folder) / "long", Path(folder) / "longer"
        for path, steps in ((short, 1000), (long, 1_000_000), (longer, 10_000_000)):
            _build(path, steps)
        times = alternate(60, *(lambda path=path: _attach(path) for path in (short, long, longer)))
        return [
            _attached("1 M", times[1], times[0], 2.0),
            _attached("10 M", times[2], times[0], None),
            _record(Path(folder) / "hot"),
            *(_flush(long, steps) for steps in (_FLUSH, 1)),
        ]


def _row(step: int) -> dict[str, float]:
    return {"loss": 1 / step, "grad_norm": 2.0, "a": float(step), "b": -float(step)}


def _build(path: Path, steps: int) -> None:
    """A history of that many steps."""
    recorder = Recorder(path)
    rows = [_row(step) for step in range(1, min(steps, _FLUSH) + 1)]
    while recorder.head < steps:
        first = recorder.head + 1
        for step, row in zip(range(first, steps + 1), rows, strict=False):
            recorder.record(step, row)
        recorder.flush()
    recorder.close()


def _attach(path: Path) -> float:
    """Seconds until a viewer has all charts' numbers, and the way of two parameters."""
    start = perf_counter()
    history = History(path)
    head = history.head()
    for metric in history.metrics():
        history.columns(metric, 0, head, 160)
    history.samples(["a", "b"], head, 500)
    taken = perf_counter() - start
    history.close()
    return taken


def _attached(steps: str, long: list[float], short: list[float], bar: float | None) -> Figure:
    times = ratio(long, short)
    return Figure(
        f"history of {steps} steps × {_METRICS} metrics opened and read for its charts",
        f"{times:.2f} × ({median(long) * 1e3:.2f} ms)",
        f"of 1 k steps ({median(short) * 1e3:.2f} ms)",
        f"≤ {bar:g} ×" if bar else "report",
        times <= bar if bar else None,
    )


def _record(path: Path) -> Figure:
    """What `record` takes beyond making the metrics."""
    recorder = Recorder(path)

    def bare() -> None:
        for step in range(1, _RECORDED + 1):
            _row(step)

    def recording() -> None:
        for step in range(recorder.head + 1, recorder.head + _RECORDED + 1):
            recorder.record(step, _row(step))

    def recorded() -> float:
        taken = seconds(recording)
        recorder.flush()
        return taken

    with_, without = alternate(5, recorded, lambda: seconds(bare))
    recorder.close()
    cost = median(w - b for w, b in zip(with_, without, strict=True)) / _RECORDED
    return Figure(f"record of a step × {_METRICS} metrics, beyond making them", f"{cost * 1e6:.2f} µs", "–")


def _flush(path: Path, steps: int) -> Figure:
    """A flush of so many steps into a long history."""
    recorder = Recorder(path)
    taken = []
    for _ in range(40):
        for step in range(recorder.head + 1, recorder.head + steps + 1):
            recorder.record(step, _row(step))
        taken.append(seconds(recorder.flush))
    recorder.close()
    what = f"flush of {steps} step{'s' * (steps > 1)} × {_METRICS} metrics after 1 M"
    return Figure(what, f"{median(taken) * 1e3:.1f} ms (at most {max(taken) * 1e3:.1f})", "–")
