"""Softmax and the losses against torch autograd and central differences, at any size of score, and in words."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from tests.lab.line import Pace
from tests.lab.test_operations import filled, recorded, torch_gradient
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.losses import binary_cross_entropy, cross_entropy, half_squared_error
from tui_lab.lab.operations import square, sum_of
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.softmax import softmax
from tui_lab.lab.tape import Tape
from tui_lab.lab.tensor import Tensor

Function = Callable[[Tensor, Tensor], Tensor]


def as_torch(function: Function, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    n = len(outputs)
    if function is half_squared_error:
        return 0.5 * ((outputs - targets) ** 2).sum() / n
    if function is binary_cross_entropy:
        return functional.binary_cross_entropy_with_logits(outputs, targets, reduction="sum") / n
    return functional.cross_entropy(outputs, targets)


@st.composite
def cases(draw: st.DrawFn, function: Function, scale: float = 1.0) -> tuple[Array, Array]:
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    outputs = scale * filled(draw, (n, m))
    if function is half_squared_error:
        return outputs, filled(draw, (n, m))
    if function is binary_cross_entropy:
        ones = draw(st.lists(st.integers(0, 1), min_size=n * m, max_size=n * m))
        return outputs, np.array(ones, dtype=float).reshape(n, m)
    right = draw(st.lists(st.integers(0, m - 1), min_size=n, max_size=n))
    return outputs, np.eye(m)[right]


def record(function: Function, outputs: Array, targets: Array) -> Tape:
    tape = Tape(ParameterVector({"z": outputs}), Pace())
    with tape.phase("loss"):
        loss = tape.name("L", function(tape.parameter("z"), tape.input("y", targets)))
    tape.differentiate(loss)
    tape.run()
    return tape


@pytest.mark.parametrize("scale", [1.0, 400.0])
@pytest.mark.parametrize("function", [half_squared_error, binary_cross_entropy, cross_entropy])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_loss_is_that_of_torch(function: Function, scale: float, data: st.DataObject) -> None:
    outputs, targets = data.draw(cases(function, scale))
    tape = record(function, outputs, targets)
    tensor = torch.tensor(outputs, requires_grad=True)
    loss = as_torch(function, tensor, torch.tensor(targets))
    loss.backward()
    assert tensor.grad is not None
    assert float(tape.objective.value) == pytest.approx(loss.item(), rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, tensor.grad.numpy().ravel(), rtol=1e-12, atol=1e-14)
    if scale == 1.0:
        for entry in check_gradients(record(function, outputs, targets)):
            assert entry.numeric == pytest.approx(entry.analytic, rel=1e-6, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), n=st.integers(1, 4), c=st.integers(1, 5))
def test_softmax(data: st.DataObject, n: int, c: int) -> None:
    values = data.draw(st.composite(lambda draw: filled(draw, (n, c)))())
    tape = recorded(softmax, sum_of, values)
    loss, gradient = torch_gradient(lambda z: torch.softmax(z, dim=1), False, values)
    assert float(tape.objective.value) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, gradient, rtol=1e-12, atol=1e-12)
    for entry in check_gradients(recorded(softmax, sum_of, values)):
        assert entry.numeric == pytest.approx(entry.analytic, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("size", [1e3, 1e4, 1e300])
def test_huge_scores_stay_finite(size: float) -> None:
    scores = np.array([[size, -size, 0.0], [-size, size, 0.0]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        tape = record(cross_entropy, scores, np.eye(3)[[0, 1]])
        assert float(tape.objective.value) == 0.0 and not tape.parameters.gradient.any()
    with np.errstate(over="ignore"):  # e^(1e4) is infinite, and 1/(1 + ∞) is 0
        right = record(binary_cross_entropy, scores, np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    assert float(right.objective.value) == pytest.approx(np.log(2))
    np.testing.assert_allclose(right.parameters.gradient, [0, 0, 0.25, 0, 0, 0.25], atol=1e-300)
    if size < 1e300:
        wrong = record(cross_entropy, scores, np.eye(3)[[1, 0]])
        assert float(wrong.objective.value) == 2 * size
        assert wrong.parameters.gradient.tolist() == [0.5, -0.5, 0, -0.5, 0.5, 0]


def test_a_loss_in_the_middle_of_a_formula() -> None:
    scores, targets = np.array([[0.5, -1.0], [2.0, 0.25]]), np.eye(2)[[1, 0]]

    def twice(z: Tensor) -> Tensor:
        return cross_entropy(z, z.tape.input("y", targets)) * 3.0 + half_squared_error(z, z.tape.input("t", targets))

    tape = recorded(twice, sum_of, scores)

    def torch_twice(z: torch.Tensor) -> torch.Tensor:
        y = torch.tensor(targets)
        return as_torch(cross_entropy, z, y) * 3.0 + as_torch(half_squared_error, z, y)

    loss, gradient = torch_gradient(cast(Any, torch_twice), False, scores)
    assert float(tape.objective.value) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, gradient, rtol=1e-12)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            half_squared_error,
            [
                "L = Σ½(z − y)²/n | L = (0.125 + 0.5)/2 = 0.3125",
                "∂L/∂z = (z − y)/n·∂L/∂L | ∂L/∂z₀,₀ = (0.5 − 1)/2·1 = -0.25",
            ],
        ),
        (
            binary_cross_entropy,
            [
                "L = Σ(log(1 + exp(z)) − y·z)/n | L = (0.47408 + 0.31326)/2 = 0.39367",
                "∂L/∂z = (σ(z) − y)/n·∂L/∂L | ∂L/∂z₀,₀ = (0.62246 − 1)/2·1 = -0.18877",
            ],
        ),
    ],
)
def test_equations(function: Function, expected: list[str]) -> None:
    tape = record(function, np.array([[0.5], [-1.0]]), np.array([[1.0], [0.0]]))
    assert [f"{line.symbols} | {line.numbers}" for line in tape.lines()] == expected


def test_equations_of_classes() -> None:
    scores = np.array([[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    tape = record(cross_entropy, scores, np.eye(4)[[1, 0]])
    assert [f"{line.symbols} | {line.numbers}" for line in tape.lines()] == [
        "L = −Σ y·log softmax(z)/n | L = (1.3863 + 0.74367)/2 = 1.065",
        "∂L/∂z = (softmax(z) − y)/n·∂L/∂L | ∂L/∂z₀,₀ = (0.25 − 0)/2·1 = 0.125",
    ]
    tape = Tape(ParameterVector({"z": scores}), Pace())
    with tape.phase("loss"):
        loss = tape.name("L", sum_of(square(tape.name("p", softmax(tape.parameter("z"))))))
    tape.differentiate(loss)
    tape.run()
    numbers = {line.symbols: line.numbers for line in tape.lines()}
    assert numbers["p = softmax(z)"] == "p₀,₀ = exp(0)/(exp(0) + exp(0) + …) = 0.25"
    back = "∂L/∂z₀,₀ = 0.25·(0.5 − (0.25·0.5 + 0.25·0.5 + …)) = 0"
    assert numbers["∂L/∂z = p·(∂L/∂p − Σ p·∂L/∂p)"] == back


@pytest.mark.parametrize("shapes", [((2, 3), (2, 2)), ((3,), (3,)), ((0, 3), (0, 3))])
@pytest.mark.parametrize("function", [half_squared_error, binary_cross_entropy, cross_entropy])
def test_shapes_that_do_not_fit_are_refused(function: Function, shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        record(function, *(np.ones(shape) for shape in shapes))


def test_softmax_wants_a_row_for_each_example() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        recorded(softmax, sum_of, np.ones(3))
