"""The measured loss surface against direct evaluation, and the largest stable rate against what descent does."""

import numpy as np
import pytest

from tests.lab.line import Line
from tui_lab.lab.quadratic import Quadratic, measure


def model(shift: float = 0.0, scale: float = 1.0) -> Line:
    draw = np.random.default_rng(5)
    x = shift + draw.normal(size=30)
    return Line(x, scale * (2 * x + 1 + draw.normal(size=30)), {"a": 0.0, "b": 0.0})


def surface(line: Line) -> Quadratic:
    table = np.stack([line.x, np.ones_like(line.x)], axis=1)
    best = np.linalg.lstsq(table, line.y, rcond=None)[0].astype(np.float64)
    height = float(np.abs(line.y).max())
    twin = Line(line.x, line.y, {"a": 0.0, "b": 0.0})
    return measure(twin.tape, best, np.array([height / np.abs(line.x).max(), height]))


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (20.0, 1.0), (0.0, 1e12), (3.0, 1e-12)])
def test_the_surface_is_the_mean_squared_error(shift: float, scale: float) -> None:
    line = model(shift, scale)
    bowl = surface(line)
    hessian = 2 * np.array([[np.mean(line.x**2), np.mean(line.x)], [np.mean(line.x), 1]])
    np.testing.assert_allclose(bowl.hessian, hessian, rtol=1e-9, atol=1e-9)
    places = bowl.minimum + scale * np.random.default_rng(6).normal(size=(4, 5, 2))
    direct = np.mean((places[..., :1] * line.x + places[..., 1:] - line.y) ** 2, axis=-1)
    np.testing.assert_allclose(bowl.loss(places), direct, rtol=1e-9)
    residual = places[0, 0, 0] * line.x + places[0, 0, 1] - line.y
    slopes = [np.mean(2 * residual * line.x), np.mean(2 * residual)]
    np.testing.assert_allclose(bowl.gradient(places[0, 0]), slopes, rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_descent_converges_below_the_largest_stable_rate_and_diverges_above(momentum: float) -> None:
    line = model()
    limit = surface(line).largest_stable_rate(momentum)
    losses = []
    for factor in (0.97, 1.03):
        trained = Line(line.x, line.y, {"a": 5.0, "b": 5.0})
        trained.descent.learning_rate, trained.descent.momentum = factor * limit, momentum
        trained.step()
        first = float(trained.tape.objective.value)
        for _ in range(1000):
            trained.step()
        losses.append(float(trained.tape.objective.value) / first)
    assert losses[0] < 1 < losses[1]
    assert losses[1] > 1e6


def test_without_momentum_the_limit_is_two_over_the_steepest_curvature() -> None:
    bowl = Quadratic(np.zeros(2), 0.0, np.diag([1.0, 8.0]))
    assert bowl.largest_stable_rate(0.0) == 0.25
    assert bowl.curvatures.tolist() == [1.0, 8.0]
    assert Quadratic(np.zeros(1), 0.0, np.zeros((1, 1))).largest_stable_rate(0.0) == np.inf
