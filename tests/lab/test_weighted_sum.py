"""The weighted sum against torch autograd and central differences, over shapes, and in words."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lab.line import Pace
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.operations import mean, square
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape
from tui_lab.lab.weighted_sum import weighted_sum


def recorded(weights: Array, inputs: Array) -> Tape:
    """The mean square of the sums; both factors are parameters, so that both have gradients."""
    tape = Tape(ParameterVector({"w": weights, "x": inputs}), Pace())
    with tape.phase("forward"):
        total = tape.name("u", weighted_sum(tape.parameter("w"), tape.parameter("x")))
    with tape.phase("loss"):
        loss = tape.name("L", mean(tape.name("q", square(total))))
    tape.differentiate(loss)
    tape.run()
    return tape


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 6), inputs=st.integers(1, 8), seed=st.integers(0, 99))
def test_the_gradient_is_that_of_torch_and_of_differences(rows: int, inputs: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    weights, values = draw.normal(size=inputs), draw.normal(size=(rows, inputs))
    tape = recorded(weights, values)
    w, x = (torch.tensor(each, requires_grad=True) for each in (weights, values))
    loss = ((x @ w) ** 2).mean()
    loss.backward()
    assert float(tape.objective.value) == pytest.approx(loss.item(), rel=1e-12)
    part, gradient = tape.parameters.part, tape.parameters.gradient
    assert w.grad is not None and x.grad is not None
    np.testing.assert_allclose(part("w", gradient), w.grad.numpy(), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(part("x", gradient), x.grad.numpy(), rtol=1e-12, atol=1e-13)
    assert max(check.relative_error for check in check_gradients(recorded(weights, values))) < 1e-6


def test_in_words() -> None:
    tape = recorded(np.array([2.0, -3.0]), np.array([[1.0, 0.5], [4.0, 2.0]]))
    assert [(line.symbols, line.numbers) for line in tape.lines()] == [
        ("u = Σ w·x", "u₀ = 2·1 + (-3)·0.5 = 0.5"),
        ("q = u²", "q₀ = 0.5² = 0.25"),
        ("L = Σq/n", "L = (0.25 + 4)/2 = 2.125"),
        ("∂L/∂q = 1/n·∂L/∂L", "∂L/∂q₀ = 1/2·1 = 0.5"),
        ("∂L/∂u = 2·u·∂L/∂q", "∂L/∂u₀ = 2·0.5·0.5 = 0.5"),
        ("∂L/∂w = Σ x·∂L/∂u", "∂L/∂w₀ = 1·0.5 + 4·2 = 8.5"),
        ("∂L/∂x = w·∂L/∂u", "∂L/∂x₀,₀ = 2·0.5 = 1"),
    ]


@pytest.mark.parametrize(("weights", "inputs"), [((2,), (2,)), ((2,), (3, 3)), ((), (3,)), ((2, 1), (3, 2))])
def test_what_does_not_fit_is_refused(weights: tuple[int, ...], inputs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        recorded(np.zeros(weights), np.zeros(inputs))
