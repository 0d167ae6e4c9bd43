"""Every optimizer against torch.optim, to the bit in time, and in words; L1 and L2 against their definition."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tests.lab.line import Pace
from tui_lab.lab.activations import tanh
from tui_lab.lab.matrix import affine
from tui_lab.lab.operations import mean, square
from tui_lab.lab.optimizer import Optimizer
from tui_lab.lab.optimizers import NAMES, optimizer
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.penalty import penalise
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape

DRAW = np.random.default_rng(2)
X, WEIGHTS, BIAS = DRAW.normal(size=(7, 3)), DRAW.normal(size=(3, 2)), DRAW.normal(size=2)
TORCH: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "sgd": lambda tensors: torch.optim.SGD(tensors, lr=0.05),
    "momentum": lambda tensors: torch.optim.SGD(tensors, lr=0.05, momentum=0.9),
    "rmsprop": lambda tensors: torch.optim.RMSprop(tensors, lr=0.05),
    "adam": lambda tensors: torch.optim.Adam(tensors, lr=0.05),
}


class Model:
    """One layer of tanh whose outputs are to become small."""

    def __init__(self, name: str, rate: float = 0.05, momentum: float = 0.9, l1: float = 0.0, l2: float = 0.0) -> None:
        self.pace = Pace()
        self.parameters = ParameterVector({"W": WEIGHTS, "b": BIAS})
        self.tape = Tape(self.parameters, self.pace)
        with self.tape.phase("forward"):
            x, weights, bias = self.tape.input("x", X), self.tape.parameter("W"), self.tape.parameter("b")
            y = tanh(affine(x, weights, bias))
        with self.tape.phase("loss"):
            loss = self.tape.name("L", mean(square(y)))
        self.tape.differentiate(loss)
        self.optimizer: Optimizer = optimizer(name, self.parameters, rate, momentum)
        penalise(self.optimizer, l1, l2)
        self.optimizer.record(self.tape)

    def step(self, stop: int = -1) -> None:
        """One step; or until `stop` operations are done."""
        done = 0
        for phase in (self.tape.forward, self.tape.loss, self.tape.backward, self.tape.update):
            for _ in phase():
                done += 1
                if done == stop:
                    return

    def everything(self) -> dict[str, bytes]:
        return {name: array.tobytes() for name, array in self.optimizer.state().items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_trajectory_is_that_of_torch(name: str) -> None:
    model = Model(name)
    tensors = [torch.tensor(each, requires_grad=True) for each in (WEIGHTS, BIAS)]
    theirs = TORCH[name](tensors)
    for _ in range(300):
        theirs.zero_grad()
        (torch.tanh(torch.tensor(X) @ tensors[0] + tensors[1]) ** 2).mean().backward()
        theirs.step()
        model.step()
        expected = np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors])
        np.testing.assert_allclose(model.parameters.values, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("penalty", [(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.3, 0.2)])
@pytest.mark.parametrize("name", NAMES)
def test_the_grain_changes_no_bit_and_a_state_goes_on_exactly(name: str, penalty: tuple[float, float]) -> None:
    coarse, fine = (Model(name, l1=penalty[0], l2=penalty[1]) for _ in range(2))
    fine.pace.stop_at_operations = True
    for _ in range(30):
        coarse.step()
        fine.step()
        assert coarse.everything() == fine.everything()
        assert coarse.tape.lines() == fine.tape.lines()
    state, there = coarse.optimizer.state(), coarse.everything()
    for _ in range(20):
        coarse.step()
    fine.optimizer.restore(state)
    assert fine.everything() == there
    for _ in range(20):
        fine.step()
    assert fine.everything() == coarse.everything()


@pytest.mark.parametrize("name", NAMES)
def test_a_state_taken_inside_an_update_begins_the_step_again(name: str) -> None:
    model = Model(name, l1=0.5, l2=0.1)
    model.step()
    boundary = model.optimizer.state()
    model.step()
    after = model.everything()
    model.pace.stop_at_operations = True
    for stop in range(1, len(model.tape.lines())):
        model.optimizer.restore(boundary)
        model.step(stop)
        state = model.optimizer.state()
        assert int(state["steps"]) == 1 and (state["values"] == boundary["values"]).all()
        model.optimizer.restore(state)
        model.step()
        assert model.everything() == after


def by_hand(weights: Array, slope: Array, dead: Array, rate: float, l1: float, l2: float) -> Array:
    """What nn.ts of TensorFlow Playground does with one weight after the other."""
    result = weights.copy()
    for i, weight in enumerate(weights):
        if dead[i]:
            continue
        descended = weight - rate * slope[i]
        shrunk = descended - rate * (l2 * weight + l1 * np.sign(weight))
        if l1 and descended * shrunk < 0:
            shrunk, dead[i] = 0.0, True
        result[i] = shrunk
    return result


@pytest.mark.parametrize(("l1", "l2"), [(0.4, 0.0), (0.0, 0.4), (0.2, 0.3)])
def test_penalties_are_those_of_playground(l1: float, l2: float) -> None:
    model = Model("sgd", rate=0.3, l1=l1, l2=l2)
    dead, deaths = np.zeros(6, dtype=bool), 0
    for _ in range(40):
        before = model.parameters.values.copy()
        model.step()
        gradient = model.parameters.gradient
        expected = by_hand(before[:6], gradient[:6], dead, 0.3, l1, l2)
        np.testing.assert_allclose(model.parameters.values[:6], expected, rtol=1e-14, atol=1e-14)
        np.testing.assert_array_equal(model.parameters.values[6:], before[6:] - 0.3 * gradient[6:])
        np.testing.assert_allclose(model.optimizer.update, model.parameters.values - before, rtol=1e-9, atol=1e-16)
        deaths = int(dead.sum())
    assert (deaths > 0) == (l1 > 0)


def test_a_dead_weight_edited_by_hand_lives_again() -> None:
    model = Model("sgd", rate=0.3, l1=0.4)
    for _ in range(40):
        model.step()
    first = int(np.flatnonzero(model.optimizer.memory["dead"])[0])
    model.step()
    assert model.parameters.values[first] == 0.0
    model.parameters.values[first] = 5.0
    model.step()
    assert model.parameters.values[first] not in (0.0, 5.0) and not model.optimizer.memory["dead"][first]


def test_in_words() -> None:
    model = Model("adam", l2=0.5)
    model.step()
    symbols = [line.symbols for line in model.tape.lines() if line.phase == "update"]
    assert symbols == [
        "m_W ← β₁·m_W + (1 − β₁)·∂L/∂W",
        "m_b ← β₁·m_b + (1 − β₁)·∂L/∂b",
        "v_W ← β₂·v_W + (1 − β₂)·(∂L/∂W)²",
        "v_b ← β₂·v_b + (1 − β₂)·(∂L/∂b)²",
        "W ← W − η·(m_W/(1 − β₁ᵗ))/(√(v_W/(1 − β₂ᵗ)) + ε)",
        "b ← b − η·(m_b/(1 − β₁ᵗ))/(√(v_b/(1 − β₂ᵗ)) + ε)",
        "W ← W − η·(λ₂·W⁻)",
    ]
    assert Model("rmsprop", l1=0.1).tape.lines()[-1].symbols == "W ← W − η·(λ₁·sign(W⁻))"
    assert Model("rmsprop").tape.lines()[-1].symbols == "b ← b − η·(∂L/∂b)/(√s_b + ε)"


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_in_every_equation_of_an_update_are_true(name: str) -> None:
    model = Model(name, l1=0.1, l2=0.2)
    for _ in range(3):
        model.step()
    model.parameters.values[:] = 99.0  # an edit by hand leaves the step's equations alone
    for line in model.tape.lines():
        if line.phase == "update":
            _, middle, right = line.numbers.replace("←", "=").split(" = ")
            for ours, pythons in (("·", "*"), ("−", "-"), ("²", "**2"), ("√", "np.sqrt"), ("sign", "np.sign")):
                middle = middle.replace(ours, pythons)
            middle = re.sub(r"np\.sqrt([\d.e-]+)", r"np.sqrt(\1)", middle)
            assert float(eval(middle)) == pytest.approx(float(right), rel=1e-3, abs=1e-4), line
