"""An axis: which numbers it spans, where its ticks stand and how they are written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tui_lab.canvas.arrays import Array

LARGEST, SMALLEST = 1e300, 1e-300
"""Numbers beyond are drawn at these limits, so that no difference of two overflows."""
FAR = 1e12
"""Places further off than so many lengths of the axis count as that far: dot coordinates stay exact."""
FINEST = 1e-9
"""The narrowest span beside the size of its numbers: ticks stay short enough to read."""
FEWEST_STEPS = 16


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, linear or logarithmic; `whole` axes have no ticks between whole numbers."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def place(self, values: Array) -> Array:
        """Where each value lies: 0 at `low`, 1 at `high`, beyond for values outside, NaN where there is no place."""
        with np.errstate(all="ignore"):
            numbers = np.clip(np.asarray(values, float), -LARGEST, LARGEST)
            low, high = self.low, self.high
            if self.log:
                numbers = np.log10(np.where(numbers > 0, numbers, np.nan))
                low, high = math.log10(low), math.log10(high)
            return np.asarray(np.clip((numbers - low) / (high - low), -FAR, FAR))

    def ticks(self, count: int) -> Array:
        """About `count` round numbers inside the axis, ascending."""
        if self.log:
            return log_ticks(self.low, self.high, count)
        return linear_ticks(self.low, self.high, count, self.whole)

    def labels(self, ticks: Array) -> list[str]:
        """The ticks as text, short and exact."""
        if self.log:
            return [tick_labels([tick])[0] for tick in ticks.tolist()]
        return tick_labels(ticks.tolist())


def linear_ticks(low: float, high: float, count: int, whole: bool = False) -> Array:
    """Multiples of 1, 2 or 5 times a power of ten inside low..high, at most about `count` of them."""
    if not high > low:
        return np.array([low])
    rough = max((high - low) / max(count, 1), SMALLEST)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough * (1 - 1e-9))
    if whole:
        step = max(step, 1.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return np.clip(np.arange(first, last + 1) * step, low, high)


def log_ticks(low: float, high: float, count: int) -> Array:
    """Powers of ten inside low..high; on axes of less than two decades 2 and 5 times them too, or linear ticks."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    decades = last - first + 1
    stride = max(1, math.ceil(decades / max(count, 1)))
    ticks = 10.0 ** np.arange(math.ceil(first / stride) * stride, last + 1, stride, dtype=float)
    if decades <= 2 and count > 2:
        ticks = np.sort(np.outer(10.0 ** np.arange(first - 1, last + 1), (1, 2, 5)).ravel())
    ticks = ticks[(ticks >= low * (1 - 1e-9)) & (ticks <= high * (1 + 1e-9))]
    return np.clip(ticks, low, high) if len(ticks) > 1 else linear_ticks(low, high, count)


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Evenly spaced numbers with as many decimals as tell them apart; thousands as k, M, G, T, far ones as 2e-5."""
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest == 0:
        return ["0" for _ in ticks]
    step = min((b - a for a, b in pairwise(ticks)), default=largest)
    unit, suffix = _unit(largest)
    decimals = min(max(0, _decimals(step / unit)), 10)
    return [f"{tick / unit:.{decimals}f}{suffix}" if abs(tick) > step / 2 else "0" for tick in ticks]


def rough_label(value: float) -> str:
    """One number in three significant digits, short: 0.012, 1.23k, 4.5e-7."""
    if not SMALLEST <= abs(value) <= LARGEST:
        return f"{value:.3g}"
    return tick_labels([float(f"{value:.2e}")])[0]


def _decimals(step: float) -> int:
    """How many decimals write `step`, which is 1, 2 or 5 times a power of ten or a single number, exactly enough."""
    mantissa, _, exponent = f"{step:.6e}".partition("e")
    return len(mantissa.rstrip("0").rstrip(".").lstrip("-")[2:]) - int(exponent)


def _unit(largest: float) -> tuple[float, str]:
    exponent = math.floor(math.log10(largest) + 1e-12)
    if -3 <= exponent < 4:
        return 1.0, ""
    for power, suffix in ((12, "T"), (9, "G"), (6, "M"), (3, "k")):
        if power <= exponent < 15:
            return 10.0**power, suffix
    return 10.0**exponent, f"e{exponent}"


def snapped(low: float, high: float) -> tuple[float, float]:
    """Limits around low..high that stay while the data grow inside them. Where 0 is near they are powers of two, or 0,
    and move only by doublings; far from 0 their distance is a power of two and moves only by doublings."""
    low, high = sorted((min(max(low, -LARGEST), LARGEST), min(max(high, -LARGEST), LARGEST)))
    if high <= 0 and low < 0:
        start, stop = snapped(-high, -low)
        return -stop, -start
    if low < 0:
        return -_power_of_two(-low), _power_of_two(high)
    if low <= high / 2 or low == high:
        return 0.0, _power_of_two(high) if high > 0 else 1.0
    size = _power_of_two(max(high - low, high * FINEST))
    while True:
        start = math.floor(low / size * 2) * size / 2
        if start + size >= high:
            return start, start + size
        size *= 2


def _power_of_two(number: float) -> float:
    """The least power of two that is at least `number`."""
    fraction, exponent = math.frexp(max(number, SMALLEST))
    return math.ldexp(1.0, exponent - 1 if fraction == 0.5 else exponent)


def snapped_log(low: float, high: float) -> tuple[float, float]:
    """As `snapped`, for a logarithmic axis: whole decades, or less where the data lie within one. Both are above 0."""
    low, high = math.log10(max(low, SMALLEST)), math.log10(min(max(high, SMALLEST), LARGEST))
    if high - low < 0.3:
        low, high = snapped(low, high) if high > low else (low - 0.5, low + 0.5)
    else:
        low, high = math.floor(low), math.ceil(high)
    low = min(max(low, -304.0), 303.0)
    return 10.0**low, 10.0 ** min(max(high, low + 1e-6), 304.0)


def step_range(head: int) -> int:
    """A power of two at least as large as `head`: the right end of an axis of steps."""
    return max(FEWEST_STEPS, 1 << max(int(head) - 1, 0).bit_length())
