"""One measured figure beside what it must reach."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of `make bench`. `reached` is None where there is only something to report."""

    what: str
    measured: str
    against: str
    bar: str = "report"
    reached: bool | None = None


def alternate(rounds: int, *contestants: Callable[[], float]) -> list[list[float]]:
    """Every contestant's figure in every round, taking turns, so that a machine that slows down slows all of them."""
    return [
        list(column)
        for column in zip(*([contestant() for contestant in contestants] for _ in range(rounds)), strict=True)
    ]


def ratio(numerators: list[float], denominators: list[float]) -> float:
    """The median of the ratios round by round."""
    return median(n / d for n, d in zip(numerators, denominators, strict=True))


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    start = perf_counter()
    work()
    return perf_counter() - start
