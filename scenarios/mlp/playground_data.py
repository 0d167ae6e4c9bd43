"""The data sets of TensorFlow Playground by its own formulas (dataset.ts, 2016–2018), and two moons.

A generator gives points x (n, 2) and what they are (n,): for classes 0 or 1 (Playground's −1 and +1), otherwise a
number between −1 and 1. `noise` is 0 to 0.5: Playground's slider, in percent, shows it as 0 to 50.
"""

from collections.abc import Callable, Mapping

import numpy as np

from tui_lab.lab.scenario import Array

Draw = np.random.Generator
Points = tuple[Array, Array]

_RADIUS = 5.0
_GAP = 0.3
"""How far the points of xor are kept from the axes."""
_BUMPS = np.array([(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)])
"""Centre and sign of the bumps of reg-gauss."""


def circle(n: int, noise: float, draw: Draw) -> Points:
    """A disc inside a ring. Noise moves the place by which a point is judged, not the point."""
    inside = n // 2
    radius = np.concatenate([draw.uniform(0, 0.5 * _RADIUS, inside), draw.uniform(0.7 * _RADIUS, _RADIUS, n - inside)])
    angle = draw.uniform(0, 2 * np.pi, n)
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    judged = x + noise * draw.uniform(-_RADIUS, _RADIUS, (n, 2))
    return x, 1.0 * (np.hypot(*judged.T) < 0.5 * _RADIUS)


def xor(n: int, noise: float, draw: Draw) -> Points:
    """Four squares, equal ones diagonally opposite. Noise moves the place by which a point is judged, not the point."""
    x = draw.uniform(-5, 5, (n, 2))
    x += np.where(x > 0, _GAP, -_GAP)
    judged = x + noise * draw.uniform(-5, 5, (n, 2))
    return x, 1.0 * (judged.prod(axis=1) >= 0)


def gauss(n: int, noise: float, draw: Draw) -> Points:
    """Two clouds, around (2, 2) and (−2, −2). Noise widens them: their variance is 0.5 without, 4 at the most."""
    label = (np.arange(n) < n // 2).astype(np.float64)
    variance = 0.5 + noise / 0.5 * 3.5
    return draw.normal(np.where(label, 2.0, -2.0)[:, None], np.sqrt(variance), (n, 2)), label


def spiral(n: int, noise: float, draw: Draw) -> Points:
    """Two arms around each other. Noise moves the points, by up to half of 1 each way."""
    arms = []
    for count, shift in ((n // 2, 0.0), (n - n // 2, np.pi)):
        along = np.arange(count) / count
        turn = 1.75 * along * 2 * np.pi + shift
        arms.append(5 * along[:, None] * np.stack([np.sin(turn), np.cos(turn)], axis=1))
    x = np.concatenate(arms) + noise * draw.uniform(-1, 1, (n, 2))
    return x, (np.arange(n) < n // 2).astype(np.float64)


def moons(n: int, noise: float, draw: Draw) -> Points:
    """Two half circles of radius 3 that reach into each other, around (−1.5, −0.75) and (1.5, 0.75). Angles
    are uniform; noise moves the points by normal numbers of three times its size."""
    upper = np.arange(n) < n // 2
    angle = draw.uniform(0, np.pi, n)
    arc = 3 * np.stack([np.cos(angle), np.sin(angle)], axis=1) - np.array([1.5, 0.75])
    x = np.where(upper[:, None], arc, -arc)
    return x + 3 * noise * draw.normal(size=(n, 2)), upper.astype(np.float64)


def plane(n: int, noise: float, draw: Draw) -> Points:
    """The number rises from −1 to 1 along the diagonal. Noise moves the place that is measured, not the point."""
    x = draw.uniform(-6, 6, (n, 2))
    return x, (x + noise * draw.uniform(-6, 6, (n, 2))).sum(axis=1) / 10


def bumps(n: int, noise: float, draw: Draw) -> Points:
    """Six round bumps of radius 2, up and down in turn; where they meet the stronger counts."""
    x = draw.uniform(-6, 6, (n, 2))
    judged = x + noise * draw.uniform(-6, 6, (n, 2))
    distance = np.hypot(*(judged[:, None, :] - _BUMPS[:, :2]).transpose(2, 0, 1))
    height = _BUMPS[:, 2] * np.clip(1 - distance / 2, 0, 1)
    return x, np.take_along_axis(height, np.abs(height).argmax(axis=1)[:, None], axis=1)[:, 0]


CLASSES: Mapping[str, Callable[[int, float, Draw], Points]] = {
    "circle": circle,
    "xor": xor,
    "gauss": gauss,
    "spiral": spiral,
    "moons": moons,
}
NUMBERS: Mapping[str, Callable[[int, float, Draw], Points]] = {"reg-plane": plane, "reg-gauss": bumps}
