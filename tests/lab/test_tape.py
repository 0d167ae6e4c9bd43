"""The tape: phases, places to stop, names, equations, and no work for gradients that nobody needs."""

import re

import numpy as np
import pytest

from tests.lab.line import Line, Pace, line
from tui_lab.lab.operations import square, sum_of
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.tape import Tape


def test_a_phase_yields_once_or_after_each_operation() -> None:
    model = line()
    whole = model.step()
    assert [(moment.phase, moment.last) for moment in whole] == [
        (phase, True) for phase in ("forward", "loss", "backward", "update")
    ]
    model.pace.stop_at_operations = True
    fine = model.step(flips=-1)
    assert [moment.operation for moment in fine] == list(range(len(model.tape.lines())))
    assert [moment for moment in fine if moment.last] == whole
    assert [moment.phase for moment in fine] == [line.phase for line in model.tape.lines()]


@pytest.mark.parametrize("seed", range(40))
def test_changing_the_grain_anywhere_changes_no_number(seed: int) -> None:
    steady, restless = line(7), line(7)
    draw = np.random.default_rng(seed)
    for _ in range(4):
        steady.step()
        restless.pace.stop_at_operations = bool(draw.integers(2))
        restless.step(int(draw.integers(1 << 17)))
        assert steady.everything == restless.everything
        assert steady.tape.lines() == restless.tape.lines()


def value_of(text: str) -> float:
    """An equation's side as Python computes it."""
    for ours, pythons in (("·", "*"), ("−", "-"), ("²", "**2")):
        text = text.replace(ours, pythons)
    assert re.fullmatch(r"[\d.e+\-*/() ]+", text), text
    return float(eval(text))


@pytest.mark.parametrize("scale", [1.0, 1e-7, 1e9])
def test_the_numbers_in_every_equation_are_true(scale: float) -> None:
    draw = np.random.default_rng(3)
    model = Line(draw.normal(size=3), scale * draw.normal(size=3), {"a": scale * 0.5, "b": -scale / 3})
    model.step()
    model.step()
    for operation in model.tape.lines():
        left, middle, right = re.split(" [=←] ", operation.numbers)
        # Five digits are shown of each number; a sum of terms of both signs can lose most of them.
        terms = [middle] if middle.endswith("/3") else re.split(" [+−] ", middle)
        size = max(abs(value_of(term)) for term in terms)
        assert value_of(middle) == pytest.approx(value_of(right), rel=0, abs=2e-4 * size), (left, operation)


def test_equations_in_symbols_and_numbers() -> None:
    model = Line(np.array([2.0, 3.0]), np.array([1.0, -1.0]), {"a": 0.5, "b": -0.25})
    model.step()
    assert [(each.symbols, each.numbers) for each in model.tape.lines()] == [
        ("u = a·x", "u₀ = 0.5·2 = 1"),
        ("ŷ = u + b", "ŷ₀ = 1 + (-0.25) = 0.75"),
        ("e = ŷ − y", "e₀ = 0.75 − 1 = -0.25"),
        ("q = e²", "q₀ = (-0.25)² = 0.0625"),
        ("L = Σq/n", "L = (0.0625 + 5.0625)/2 = 2.5625"),
        ("∂L/∂q = 1/n·∂L/∂L", "∂L/∂q₀ = 1/2·1 = 0.5"),
        ("∂L/∂e = 2·e·∂L/∂q", "∂L/∂e₀ = 2·(-0.25)·0.5 = -0.25"),
        ("∂L/∂ŷ = 1·∂L/∂e", "∂L/∂ŷ₀ = 1·(-0.25) = -0.25"),
        ("∂L/∂u = 1·∂L/∂ŷ", "∂L/∂u₀ = 1·(-0.25) = -0.25"),
        ("∂L/∂b = Σ 1·∂L/∂ŷ", "∂L/∂b = 1·(-0.25) + 1·2.25 = 2"),
        ("∂L/∂a = Σ x·∂L/∂u", "∂L/∂a = 2·(-0.25) + 3·2.25 = 6.25"),
        ("v_a ← μ·v_a + ∂L/∂a", "v_a ← 0.9·0 + 6.25 = 6.25"),
        ("v_b ← μ·v_b + ∂L/∂b", "v_b ← 0.9·0 + 2 = 2"),
        ("a ← a − η·v_a", "a ← 0.5 − 0.05·6.25 = 0.1875"),
        ("b ← b − η·v_b", "b ← -0.25 − 0.05·2 = -0.35"),
    ]


def test_equations_stay_true_after_an_edit_by_hand() -> None:
    model = line()
    model.step()
    before = model.tape.lines()
    model.parameters.values[:] = 77.0
    model.descent.learning_rate = 3.0
    assert model.tape.lines() == before


def test_numbers_that_are_not_computed_yet_are_not_shown() -> None:
    model = line()
    assert {each.numbers for each in model.tape.lines()} == {""}
    walk = model.tape.forward()
    model.pace.stop_at_operations = True
    next(walk)
    assert [bool(each.numbers) for each in model.tape.lines()][:3] == [True, False, False]


def test_a_long_sum_shows_its_first_terms() -> None:
    model = line(50)
    model.step()
    numbers = {each.symbols: each.numbers for each in model.tape.lines()}
    assert re.fullmatch(r"L = \(\S+ \+ \S+ \+ …\)/50 = \S+", numbers["L = Σq/n"])
    assert re.fullmatch(r"∂L/∂b = 1·\S+ \+ 1·\S+ \+ … = \S+", numbers["∂L/∂b = Σ 1·∂L/∂ŷ"])


def test_a_gradient_with_two_sources_is_shown_as_a_growing_sum() -> None:
    tape = Tape(ParameterVector({"w": 3.0}), Pace())
    w = tape.parameter("w")
    with tape.phase("loss"):
        cube = tape.name("L", tape.name("s", square(w)) * w)
    tape.differentiate(cube)
    for _ in tape.loss():
        pass
    for _ in tape.backward():
        pass
    assert [each.symbols + " | " + each.numbers for each in tape.lines()][2:] == [
        "∂L/∂s = w·∂L/∂L | ∂L/∂s = 3·1 = 3",
        "∂L/∂w = s·∂L/∂L | ∂L/∂w = 9·1 = 9",
        "∂L/∂w ← ∂L/∂w + 2·w·∂L/∂s | ∂L/∂w ← 9 + 2·3·3 = 27",
    ]
    assert tape.parameters.gradient.tolist() == [27.0]


def test_entries_of_matrices_have_two_indices() -> None:
    tape = Tape(ParameterVector({"W": np.full((2, 2), 2.0), "r": np.array([5.0, 7.0])}), Pace())
    with tape.phase("loss"):
        loss = tape.name("L", sum_of(tape.name("h", tape.parameter("W") + tape.parameter("r"))))
    tape.differentiate(loss)
    tape.run()
    tape.reached = len(tape.lines())
    assert [each.numbers for each in tape.lines()] == [
        "h₀,₀ = 2 + 5 = 7",
        "L = 7 + 9 + … = 32",
        "∂L/∂h₀,₀ = 1·1 = 1",
        "∂L/∂W₀,₀ = 1·1 = 1",
        "∂L/∂r₀ = 1·1 + 1·1 = 2",
    ]


def test_inputs_get_no_gradient() -> None:
    tape = Tape(ParameterVector({"w": 3.0}), Pace())
    x, w = tape.input("x", np.array(2.0)), tape.parameter("w")
    with tape.phase("loss"):
        loss = tape.name("L", square(x) * w)
    tape.differentiate(loss)
    assert x.gradient is None
    assert [each.symbols for each in tape.lines() if each.phase == "backward"] == ["∂L/∂w = t3·∂L/∂L"]


def test_an_input_is_read_anew_at_every_run() -> None:
    model = line()
    model.tape.run()
    before = float(model.tape.objective.value)
    model.y += 10.0
    model.tape.run()
    assert float(model.tape.objective.value) != before


def test_a_mistake_in_recording_is_named() -> None:
    tape = Tape(ParameterVector({"w": 3.0}), Pace())
    w, x = tape.parameter("w"), tape.input("x", np.ones(2))
    with pytest.raises(ValueError, match=r"with tape\.phase"):
        _ = w * x
    with pytest.raises(ValueError, match="empty"), tape.phase("forward"):
        pass
    with tape.phase("loss"):
        product = tape.name("p", w * x)
        constant = tape.name("c", sum_of(x))
    with pytest.raises(ValueError, match="two tensors are called x"):
        tape.name("x", product)
    for loss in (product, constant):
        with pytest.raises(ValueError, match="one number that depends on a parameter"):
            tape.differentiate(loss)
    with pytest.raises(ValueError, match="recorded twice"), tape.phase("loss"):
        tape.name("r", sum_of(product))
