"""Gradient descent with momentum against torch.optim.SGD, and its state."""

import numpy as np
import pytest

from tests.lab.line import Line, line
from tests.scenarios.torch_line import by_torch
from tui_lab.lab.parameters import ParameterVector


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("rate", [0.001, 0.05, 0.3])
def test_the_trajectory_is_that_of_torch(rate: float, momentum: float) -> None:
    model = line(20)
    model.descent.learning_rate, model.descent.momentum = rate, momentum
    for expected in by_torch(model.x, model.y, [np.arange(20)] * 200, rate, momentum, (0.5, -0.25)):
        model.step()
        reached = [float(model.tape.objective.value), *model.parameters.values.tolist()]
        np.testing.assert_allclose(reached, expected, rtol=1e-12, atol=1e-12)


def test_the_trajectory_is_that_of_a_bare_loop() -> None:
    model = line(50)
    a, b, velocity_a, velocity_b = np.array([0.5, -0.25, 0.0, 0.0])
    for _ in range(300):
        residual = a * model.x + b - model.y
        loss, slope_a, slope_b = np.mean(residual**2), np.mean(2 * residual * model.x), np.mean(2 * residual)
        velocity_a, velocity_b = 0.9 * velocity_a + slope_a, 0.9 * velocity_b + slope_b
        a, b = a - 0.05 * velocity_a, b - 0.05 * velocity_b
        model.step()
        np.testing.assert_allclose(model.parameters.values, [a, b], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(float(model.tape.objective.value), loss, rtol=1e-12)
        np.testing.assert_allclose(model.parameters.gradient, [slope_a, slope_b], rtol=1e-10, atol=1e-12)


def test_a_changed_rate_counts_from_the_next_step() -> None:
    model = line()
    model.descent.momentum = 0.0
    model.step()
    model.descent.learning_rate = 0.0
    before = model.parameters.values.copy()
    model.step()
    assert (model.parameters.values == before).all()


def test_restoring_a_state_is_exact() -> None:
    model = line(9)
    model.step()
    state = model.descent.state()
    there = model.everything
    following = [model.step() and model.everything for _ in range(5)]
    model.descent.restore(state)
    assert model.everything == there
    assert [model.step() and model.everything for _ in range(5)] == following


def test_a_state_is_a_copy() -> None:
    model = line()
    model.step()
    state = model.descent.state()
    kept = {name: array.copy() for name, array in state.items()}
    model.step()
    assert all((state[name] == kept[name]).all() for name in kept)


@pytest.mark.parametrize("moment", range(15))
def test_a_state_taken_inside_a_step_begins_the_step_again(moment: int) -> None:
    model = line(5)
    model.step()
    model.pace.stop_at_operations = True
    walk = (each for phase in ("forward", "loss", "backward", "update") for each in getattr(model.tape, phase)())
    while next(walk).operation != moment:
        pass
    state = model.descent.state()
    for _ in walk:
        pass
    after = model.everything
    model.descent.restore(state)
    ended = state["steps"] == 2
    assert ended == (moment == 14)
    if not ended:
        model.step()
    assert model.everything == after


def test_parameters_are_views_into_the_vectors() -> None:
    vector = ParameterVector({"W": np.arange(6.0).reshape(2, 3), "b": np.array([7.0, 8.0]), "s": 9.0})
    assert vector.values.tolist() == [0, 1, 2, 3, 4, 5, 7, 8, 9]
    vector.part("W", vector.values)[1, 2] = -1.0
    vector.part("s", vector.values)[()] = -2.0
    assert vector.values.tolist() == [0, 1, 2, 3, 4, -1, 7, 8, -2]
    twin = vector.copy()
    twin.values[:] = 0.0
    assert vector.values[7] == 8.0


def test_the_described_parameters_are_live() -> None:
    model: Line = line()
    described = {parameter.name: parameter for parameter in model.descent.described()}
    assert all(parameter.gradient == parameter.update == 0 for parameter in described.values())
    before = float(described["a"].value)
    model.step()
    assert float(described["a"].value) == before + float(described["a"].update)
    assert float(described["a"].gradient) == model.parameters.gradient[0]
