"""How far a walk has come, local slopes as numbers, and descent without momentum."""

import numpy as np
import pytest
import torch

from tests.lab.line import Line, Pace, line
from tui_lab.lab.descent import PlainDescent
from tui_lab.lab.operations import mean, square
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape


def done(tape: Tape) -> list[bool]:
    return [flag for _, flag in (*tape.operations(), *tape.gradients())]


def plain(values: Array, rate: float) -> tuple[Tape, PlainDescent]:
    """The mean of w², to be made small."""
    parameters = ParameterVector({"w": values})
    tape, descent = Tape(parameters, Pace()), PlainDescent(parameters, rate)
    with tape.phase("loss"):
        loss = tape.name("L", mean(square(tape.parameter("w"))))
    tape.differentiate(loss)
    descent.record(tape)
    return tape, descent


def walk(tape: Tape) -> None:
    for phase in (tape.loss, tape.backward, tape.update):
        list(phase())


def test_the_tape_tells_what_the_step_has_done() -> None:
    model = line()
    assert done(model.tape) == [False] * 11
    model.pace.stop_at_operations = True
    for phase in (model.tape.forward, model.tape.loss, model.tape.backward, model.tape.update):
        for moment in phase():
            assert done(model.tape) == [i <= moment.operation for i in range(11)]


def test_running_without_an_update_stands_at_its_end() -> None:
    model = line()
    model.step()
    model.tape.run()
    assert all(done(model.tape))
    assert [line.numbers == "" for line in model.tape.lines()] == [
        line.phase == "update" for line in model.tape.lines()
    ]


def test_local_slopes_are_those_that_the_step_saw() -> None:
    model = Line(np.array([2.0, 3.0]), np.array([1.0, -1.0]), {"a": 0.5, "b": -0.25})
    model.step()
    after = model.everything
    product, lift = (operation for operation, _ in model.tape.operations()[:2])
    assert product.local_slope(1).tolist() == [0.5, 0.5]  # a, though it is another now
    assert product.local_slope(0) == 5.0  # x, summed, for a stands in front of every x
    assert lift.local_slope(0).tolist() == [1.0, 1.0]
    assert model.everything == after


def test_local_slope_times_flow_is_the_gradient() -> None:
    model = line(1)
    model.step()
    for gradient, _ in model.tape.gradients():
        operation = gradient.operation
        flow, result = operation.output.gradient, operation.inputs[gradient.which].gradient
        assert flow is not None and result is not None
        assert float(operation.local_slope(gradient.which).sum() * flow.sum()) == pytest.approx(float(result.sum()))


@pytest.mark.parametrize("values", [np.array(3.0), np.array([1.0, -2.0, 0.0]), np.ones((2, 3))])
def test_plain_descent_is_that_of_torch(values: Array) -> None:
    tape, descent = plain(values, 0.3)
    weights = torch.tensor(values, requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=0.3)
    for _ in range(20):
        optimizer.zero_grad()
        (weights**2).mean().backward()
        optimizer.step()
        walk(tape)
    np.testing.assert_allclose(
        descent.parameters.values.reshape(values.shape), weights.detach().numpy(), rtol=1e-12, atol=1e-300
    )
    assert descent.steps == 20


def test_plain_descent_in_words() -> None:
    tape, _ = plain(np.array(3.0), 0.5)
    walk(tape)
    assert [(each.symbols, each.numbers) for each in tape.lines() if each.phase == "update"] == [
        ("w ← w − η·∂L/∂w", "w ← 3 − 0.5·6 = 0")
    ]
