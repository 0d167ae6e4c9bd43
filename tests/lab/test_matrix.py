"""Matrix products on a tape against torch autograd and central differences, whole and entry by entry."""

from itertools import pairwise
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lab.line import Pace
from tests.lab.test_operations import filled, recorded, torch_gradient
from tui_lab.lab.activations import tanh
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.matrix import affine, matmul
from tui_lab.lab.operations import mean, square, sum_of
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape
from tui_lab.lab.tensor import columns_and_ones

SIZES = st.integers(1, 4)


@st.composite
def products(draw: st.DrawFn) -> tuple[Array, Array, Array]:
    n, k, m = draw(SIZES), draw(SIZES), draw(SIZES)
    return filled(draw, (n, k)), filled(draw, (k, m)), filled(draw, (m,))


@settings(max_examples=60, deadline=None)
@given(values=products())
def test_matmul(values: tuple[Array, Array, Array]) -> None:
    tape = recorded(matmul, mean, *values[:2])
    loss, gradient = torch_gradient(cast(Any, torch.matmul), True, *values[:2])
    assert float(tape.objective.value) == pytest.approx(loss, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, gradient, rtol=1e-12, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(values=products())
def test_affine(values: tuple[Array, Array, Array]) -> None:
    tape = recorded(affine, sum_of, *values)
    loss, gradient = torch_gradient(lambda x, w, b: x @ w + b, False, *values)
    assert float(tape.objective.value) == pytest.approx(loss, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(tape.parameters.gradient, gradient, rtol=1e-12, atol=1e-12)
    for entry in check_gradients(recorded(affine, sum_of, *values)):
        assert entry.numeric == pytest.approx(entry.analytic, rel=1e-6, abs=1e-6)


def network(widths: list[int], rows: int, padded: bool, pace: Pace) -> Tape:
    """Layers of tanh over random inputs, with the mean square of the last as loss."""
    draw = np.random.default_rng(5)
    initial: dict[str, Array] = {}
    for i, (k, m) in enumerate(pairwise(widths)):
        initial |= {f"W{i}": draw.normal(size=(k, m)), f"b{i}": draw.normal(size=m)}
    tape = Tape(ParameterVector(initial), pace)
    inputs = columns_and_ones(rows, widths[0])
    inputs[:, :-1] = draw.normal(size=(rows, widths[0]))
    x = tape.input("x", inputs[:, :-1], inputs if padded else None)
    with tape.phase("forward"):
        for i in range(len(widths) - 1):
            x = tanh(affine(x, tape.parameter(f"W{i}"), tape.parameter(f"b{i}")))
    with tape.phase("loss"):
        loss = tape.name("L", mean(square(x)))
    tape.differentiate(loss)
    return tape


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("widths", [[2, 4, 2, 1], [1, 1], [64, 64, 64, 10], [3, 17, 5], [500, 3]])
@pytest.mark.parametrize("rows", [1, 10, 37])
def test_the_grain_changes_no_bit(widths: list[int], rows: int, padded: bool) -> None:
    coarse, fine = network(widths, rows, padded, Pace()), network(widths, rows, padded, Pace(stop_at_operations=True))
    for tape in (coarse, fine):
        for phase in (tape.forward, tape.loss, tape.backward):
            list(phase())
    assert coarse.parameters.gradient.tobytes() == fine.parameters.gradient.tobytes()
    assert coarse.lines() == fine.lines()


def test_inputs_of_ones_and_copied_inputs_give_the_same() -> None:
    with_ones, copied = (network([2, 4, 1], 10, padded, Pace()) for padded in (True, False))
    for tape in (with_ones, copied):
        tape.run()
    assert with_ones.parameters.gradient.tobytes() == copied.parameters.gradient.tobytes()


def test_the_bias_gradient_is_not_there_before_its_operation() -> None:
    tape = network([2, 3], 5, True, Pace(stop_at_operations=True))
    bias = tape.parameters.part("b0", tape.parameters.gradient)
    walk = (moment for phase in (tape.forward, tape.loss, tape.backward) for moment in phase())
    names = [line.symbols.split(" ")[0] for line in tape.lines()]
    for moment in walk:
        assert bias.any() == (moment.operation >= names.index("∂L/∂b0"))


def test_equations() -> None:
    x = np.array([[1.0, 2.0], [3.0, -4.0]])
    tape = Tape(ParameterVector({"W": np.array([[0.5, 1.0], [0.25, -1.0]]), "b": np.array([1.0, -2.0])}), Pace())
    with tape.phase("loss"):
        z = tape.name("z", affine(tape.input("x", x), tape.parameter("W"), tape.parameter("b")))
        y = tape.name("y", matmul(z, tape.parameter("W")))
        loss = tape.name("L", sum_of(y))
    tape.differentiate(loss)
    tape.run()
    lines = {line.symbols: line.numbers for line in tape.lines()}
    assert lines["z = x·W + b"] == "z₀,₀ = 1·0.5 + 2·0.25 + 1 = 2"
    assert lines["y = z·W"] == "y₀,₀ = 2·0.5 + (-3)·0.25 = 0.25"
    assert lines["∂L/∂z = ∂L/∂y·Wᵀ"] == "∂L/∂z₀,₀ = 1·0.5 + 1·1 = 1.5"
    assert lines["∂L/∂W = zᵀ·∂L/∂y"] == "∂L/∂W₀,₀ = 2·1 + 1.5·1 = 3.5"
    assert lines["∂L/∂W ← ∂L/∂W + xᵀ·∂L/∂z"] == "∂L/∂W₀,₀ ← 3.5 + 1·1.5 + 3·1.5 = 9.5"
    assert lines["∂L/∂b = Σ ∂L/∂z"] == "∂L/∂b₀ = 1.5 + 1.5 = 3"


def test_long_sums_are_cut_short() -> None:
    tape = network([5, 2], 9, True, Pace())
    tape.run()
    numbers = [line.numbers for line in tape.lines()]
    assert numbers[0].count("·") == 2 and " + … + " in numbers[0]
    assert numbers[-1].count(" + ") == 2 and numbers[-1].split(" = ")[1].endswith("…")


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((3,), (3, 1)), ((2, 3), (3,))])
def test_shapes_that_do_not_fit_are_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    tape = Tape(ParameterVector({"x": np.ones(shapes[0]), "W": np.ones(shapes[1])}), Pace())
    with pytest.raises(ValueError, match="do not fit"), tape.phase("forward"):
        matmul(tape.parameter("x"), tape.parameter("W"))


@pytest.mark.parametrize("names", [("W", "c"), ("W", "b"), ("b", "W")])
def test_a_bias_must_follow_its_weights(names: tuple[str, str]) -> None:
    initial = {"W": np.ones((2, 3)), "c": np.ones(2), "b": np.ones(3)}
    tape = Tape(ParameterVector(initial), Pace())
    with pytest.raises(ValueError, match=r"is not one row right after|do not fit"), tape.phase("forward"):
        affine(tape.input("x", np.ones((4, 2))), *(tape.parameter(name) for name in names))


def test_a_shared_vector_has_live_values_and_leaves_no_trace() -> None:
    vector = ParameterVector({"w": np.ones(2)})
    twin = vector.shared()
    vector.values[0] = 7.0
    twin.gradient[:], twin.seen[:] = 3.0, 3.0
    assert twin.values.tolist() == [7, 1] and vector.gradient.tolist() == [0, 0] and vector.seen.tolist() == [1, 1]
