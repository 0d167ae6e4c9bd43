"""Every activation against torch autograd and central differences, over shapes and values, and in words."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lab.line import Pace
from tests.lab.test_operations import filled, recorded, torch_gradient
from tui_lab.lab.activations import (
    ACTIVATIONS,
    Function,
    exp,
    identity,
    relu,
    response,
    sigmoid,
    sin,
    tanh,
    threshold,
)
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.operations import mean, sum_of
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape

AS_TORCH: dict[Function, Callable[[torch.Tensor], torch.Tensor]] = {
    tanh: torch.tanh,
    sigmoid: torch.sigmoid,
    relu: torch.relu,
    identity: lambda x: x,
    threshold: lambda x: (x > 0) * 1.0 + 0 * x,
    exp: torch.exp,
    sin: torch.sin,
}
SHAPES = [(), (1,), (5,), (3, 4), (1, 1), (0, 3)]


def kinks(values: Array) -> bool:
    """Whether a central difference would look across the kink or the jump at 0."""
    return bool((np.abs(values) < 1e-4).any())


@pytest.mark.parametrize("function", AS_TORCH, ids=lambda function: function.__name__)
@settings(max_examples=40, deadline=None)
@given(data=st.data(), shape=st.sampled_from(SHAPES))
def test_the_gradient_is_that_of_torch_and_of_differences(
    function: Function, data: st.DataObject, shape: tuple[int, ...]
) -> None:
    values = data.draw(st.composite(lambda draw: filled(draw, shape))())
    tape = recorded(function, sum_of, values)
    loss, gradient = torch_gradient(cast(Any, AS_TORCH[function]), False, values)
    assert float(tape.objective.value) == pytest.approx(loss, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, gradient, rtol=1e-12, atol=1e-12)
    if not kinks(values):
        for entry in check_gradients(recorded(function, sum_of, values)):
            assert entry.numeric == pytest.approx(entry.analytic, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("function", AS_TORCH, ids=lambda function: function.__name__)
def test_any_size_of_number(function: Function) -> None:
    x = np.array([-1e300, -750.0, -40.0, -1e-300, -0.0, 0.0, 1e-300, 40.0, 700.0, 750.0, 1e300, np.inf, -np.inf])
    tensor = torch.tensor(x, requires_grad=True)
    expected = AS_TORCH[function](tensor)
    (slope,) = torch.autograd.grad(expected.sum(), tensor)
    with np.errstate(all="ignore"):
        y, slopes = response(function, x)
    if function is not threshold:  # torch's stand-in multiplies infinity by 0
        np.testing.assert_allclose(y, expected.detach().numpy(), rtol=1e-12, atol=0)
        np.testing.assert_allclose(slopes, slope.numpy(), rtol=1e-12, atol=1e-16)
    else:
        assert y.tolist() == (x > 0).tolist() and not slopes.any()


def test_nan_stays_visible() -> None:
    for function in AS_TORCH:
        assert np.isnan(response(function, np.array([np.nan]))[0]).all()


def test_at_zero_relu_and_threshold_are_off() -> None:
    for function in (relu, threshold):
        assert [array.tolist() for array in response(function, np.zeros(1))] == [[0.0], [0.0]]


@pytest.mark.parametrize(
    ("function", "forward", "backward"),
    [
        (tanh, "a = tanh(z) | a₀ = tanh(-0.5) = -0.46212", "(1 − a²)·∂L/∂a | (1 − (-0.46212)²)·1 = 0.78645"),
        (sigmoid, "a = σ(z) | a₀ = σ(-0.5) = 0.37754", "a·(1 − a)·∂L/∂a | 0.37754·(1 − 0.37754)·1 = 0.235"),
        (relu, "a = max(0, z) | a₀ = max(0, -0.5) = 0", "[z > 0]·∂L/∂a | [-0.5 > 0]·1 = 0"),
        (identity, "a = z | a₀ = -0.5 = -0.5", "1·∂L/∂a | 1·1 = 1"),
        (threshold, "a = [z > 0] | a₀ = [-0.5 > 0] = 0", "0·∂L/∂a | 0·1 = 0"),
        (exp, "a = exp(z) | a₀ = exp(-0.5) = 0.60653", "a·∂L/∂a | 0.60653·1 = 0.60653"),
        (sin, "a = sin(z) | a₀ = sin(-0.5) = -0.47943", "cos(z)·∂L/∂a | cos(-0.5)·1 = 0.87758"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_equations(function: Function, forward: str, backward: str) -> None:
    tape = Tape(ParameterVector({"z": np.array([-0.5])}), Pace())
    with tape.phase("loss"):
        loss = tape.name("L", sum_of(tape.name("a", function(tape.parameter("z")))))
    tape.differentiate(loss)
    tape.run()
    tape.reached = len(tape.lines())
    first, _, _, last = tape.lines()
    assert f"{first.symbols} | {first.numbers}" == forward
    assert [last.symbols.split(" = ")[1], last.numbers.split(" = ", 1)[1]] == backward.split(" | ")


def test_a_response_of_nothing_is_empty() -> None:
    assert [array.shape for array in response(tanh, np.zeros(0))] == [(0,), (0,)]


def test_names_of_settings() -> None:
    x = np.array([-2.0, 2.0])
    responses = {name: response(function, x)[0].tolist() for name, function in ACTIVATIONS.items()}
    assert responses["linear"] == [-2, 2] and responses["relu"] == [0, 2] and responses["threshold"] == [0, 1]
    assert responses["tanh"] == np.tanh(x).tolist()
    assert responses["sigmoid"] == pytest.approx([0.11920292202211755, 0.8807970779778823])


def test_an_activation_in_the_middle_of_a_mean() -> None:
    tape = recorded(tanh, mean, np.linspace(-2, 2, 7))
    loss, gradient = torch_gradient(cast(Any, torch.tanh), True, np.linspace(-2, 2, 7))
    assert float(tape.objective.value) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, gradient, rtol=1e-12)
