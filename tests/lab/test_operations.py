"""Every operation of a tape against torch autograd and against central differences, over shapes and values."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lab.line import Pace
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.operations import mean, square, sum_of
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape
from tui_lab.lab.tensor import Tensor


def add(left: Tensor, right: Tensor) -> Tensor:
    return left + right


def subtract(left: Tensor, right: Tensor) -> Tensor:
    return left - right


def multiply(left: Tensor, right: Tensor) -> Tensor:
    return left * right


def twice(left: Tensor, right: Tensor) -> Tensor:
    """Both tensors used several times, so that shares of their gradients meet."""
    both = left * right
    return both * left + (right - both)


def with_numbers(left: Tensor, right: Tensor) -> Tensor:
    """Plain numbers on either side of an operator."""
    return 3.0 - (left * 2.0 + 2.0 * right) + (1.5 + left) - 0.5


BINARY: list[Callable[[Tensor, Tensor], Tensor]] = [add, subtract, multiply, twice, with_numbers]
SHAPES = [
    ((), ()),
    ((3,), ()),
    ((), (3,)),
    ((3,), (3,)),
    ((1,), ()),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 3), ()),
    ((), (2, 3)),
]
NUMBERS = st.floats(-3, 3).map(lambda value: round(value, 3))


def filled(draw: st.DrawFn, shape: tuple[int, ...]) -> Array:
    size = int(np.prod(shape))
    return np.array(draw(st.lists(NUMBERS, min_size=size, max_size=size))).reshape(shape)


@st.composite
def operands(draw: st.DrawFn) -> tuple[Array, Array]:
    left, right = draw(st.sampled_from(SHAPES))
    return filled(draw, left), filled(draw, right)


def recorded(function: Callable[..., Tensor], reduce: Callable[[Tensor], Tensor], *values: Array) -> Tape:
    """reduce(square(function(p0, p1, …))), so that the incoming gradient is not constant."""
    names = [f"p{i}" for i in range(len(values))]
    tape = Tape(ParameterVector(dict(zip(names, values, strict=True))), Pace())
    with tape.phase("forward"):
        result = function(*(tape.parameter(name) for name in names))
    with tape.phase("loss"):
        loss = tape.name("L", reduce(square(result)))
    tape.differentiate(loss)
    tape.run()
    return tape


def torch_gradient(function: Callable[..., torch.Tensor], mean_of: bool, *values: Array) -> tuple[float, Array]:
    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    squares = function(*tensors) ** 2
    loss = squares.mean() if mean_of else squares.sum()
    loss.backward()
    gradients = [np.zeros_like(t.detach().numpy()) if t.grad is None else t.grad.numpy() for t in tensors]
    return loss.item(), np.concatenate([gradient.ravel() for gradient in gradients])


@pytest.mark.parametrize("function", BINARY)
@pytest.mark.parametrize("reduce", [mean, sum_of])
@settings(max_examples=30, deadline=None)
@given(values=operands())
def test_two_operands(
    function: Callable[..., Tensor], reduce: Callable[[Tensor], Tensor], values: tuple[Array, Array]
) -> None:
    tape = recorded(function, reduce, *values)
    loss, gradient = torch_gradient(cast(Any, function), reduce is mean, *values)
    assert float(tape.objective.value) == pytest.approx(loss, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, gradient, rtol=1e-12, atol=1e-12)
    for entry in check_gradients(recorded(function, reduce, *values)):
        assert entry.numeric == pytest.approx(entry.analytic, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("inner", [mean, sum_of, square])
@settings(max_examples=20, deadline=None)
@given(data=st.data(), shape=st.sampled_from([(), (1,), (4,), (2, 3)]))
def test_one_operand_in_the_middle(
    inner: Callable[[Tensor], Tensor], data: st.DataObject, shape: tuple[int, ...]
) -> None:
    values = data.draw(st.composite(lambda draw: filled(draw, shape))())
    tape = recorded(inner, mean, values)
    as_torch = {"mean": torch.mean, "sum_of": torch.sum, "square": torch.square}[inner.__name__]
    loss, gradient = torch_gradient(cast(Any, as_torch), True, values)
    assert float(tape.objective.value) == pytest.approx(loss, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, gradient, rtol=1e-12, atol=1e-12)


def test_the_mean_is_numpys_to_the_bit() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    tape = Tape(ParameterVector({"w": values}), Pace())
    with tape.phase("loss"):
        loss = mean(tape.parameter("w"))
    tape.differentiate(loss)
    tape.run()
    assert float(loss.value) == values.mean()


@pytest.mark.parametrize("shapes", [((2,), (3,)), ((3, 1), (3, 2)), ((1,), (5,)), ((2, 3), (2,))])
def test_shapes_that_do_not_fit_are_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    tape = Tape(ParameterVector({"p": np.ones(shapes[0]), "q": np.ones(shapes[1])}), Pace())
    with pytest.raises(ValueError, match="do not fit"), tape.phase("forward"):
        tape.parameter("p") + tape.parameter("q")


def test_huge_numbers_give_infinity_and_no_error() -> None:
    with np.errstate(all="ignore"):
        tape = recorded(multiply, mean, np.full(3, 1e200), np.full(3, 1e200))
        assert np.isinf(tape.objective.value)
