"""Any entry of any operation, written out: its terms, its place in the code, the parameter that it is about."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.lab.line import line
from tui_lab.lab.activations import tanh
from tui_lab.lab.descent import MomentumDescent
from tui_lab.lab.errors import BadInput
from tui_lab.lab.losses import cross_entropy
from tui_lab.lab.matrix import affine, matmul
from tui_lab.lab.operations import mean, square
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import OperationLine
from tui_lab.lab.softmax import softmax
from tui_lab.lab.tape import Tape
from tui_lab.lab.weighted_sum import weighted_sum


class _Walk:
    stop_at_operations = False


def layer(examples: int = 5, inputs: int = 3) -> Tape:
    """softmax(tanh(x·W + b)) of 2 classes with its cross-entropy, one step done."""
    random = np.random.default_rng(1)
    parameters = ParameterVector({"W": random.normal(size=(inputs, 2)), "b": random.normal(size=2)})
    tape = Tape(parameters, _Walk())
    x = tape.input("x", random.normal(size=(examples, inputs)))
    labels = tape.input("y", np.eye(2)[random.integers(2, size=examples)])
    with tape.phase("forward"):
        z = tape.name("z", affine(x, tape.parameter("W"), tape.parameter("b")))
        h = tape.name("h", tanh(z))
        tape.name("p", softmax(h))
    with tape.phase("loss"):
        loss = tape.name("L", cross_entropy(h, labels))
    tape.differentiate(loss)
    MomentumDescent(parameters, 0.5, 0.9).record(tape)
    for phase in (tape.forward, tape.loss, tape.backward, tape.update):
        for _ in phase():
            pass
    return tape


def place(tape: Tape, symbols: str) -> int:
    return next(i for i, line in enumerate(tape.lines()) if line.symbols.startswith(symbols))


def value(text: str) -> float:
    """What the arithmetic of an equation's side comes to."""
    text = text.replace("·", "*").replace("−", "-").replace("²", "**2")
    return float(eval(text, {"__builtins__": {}}, {"exp": np.exp, "tanh": np.tanh}))


def sides(line: OperationLine) -> list[float]:
    """The values of what stands between the signs, without the name."""
    return [value(side) for side in re.split(" [=←] ", line.numbers)[1:]]


def test_a_line_tells_shape_parameter_and_source() -> None:
    tape = layer()
    about = {line.symbols: (line.shape, line.parameter) for line in tape.lines()}
    assert about["z = x·W + b"] == ((5, 2), "")
    assert about["∂L/∂h = (softmax(h) − y)/n·∂L/∂L"] == ((5, 2), "")
    assert about["∂L/∂W = xᵀ·∂L/∂z"] == ((3, 2), "W")
    assert about["∂L/∂b = Σ ∂L/∂z"] == ((2,), "b")
    assert about["b ← b − η·v_b"] == ((2,), "b")


def source(code: str) -> str:
    """Where this code stands in this file, for the first time."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return f"{Path(__file__).name}:{next(i for i, text in enumerate(lines, 1) if code in text)}"


def test_the_source_is_the_line_that_recorded_the_operation() -> None:
    lines = {line.symbols: line.source for line in layer().lines()}
    assert lines["z = x·W + b"] == source("affine(x, tape")
    assert lines["∂L/∂W = xᵀ·∂L/∂z"] == source("affine(x, tape"), "a gradient stands where its operation does"
    assert lines["h = tanh(z)"] == source("tanh(z)")
    assert lines["W ← W − η·v_W"] == source("MomentumDescent(parameters"), "an update where the optimizer is recorded"


def test_lines_are_the_first_entries() -> None:
    tape = layer(examples=3)  # sums of three terms are written out everywhere
    for number, first in enumerate(tape.lines()):
        assert tape.entry(number, (0,) * len(first.shape)) == first


@pytest.mark.parametrize("symbols", ["z = ", "h = ", "p = ", "L = ", "∂L/∂z", "∂L/∂W", "∂L/∂b", "v_W", "W ←", "b ←"])
def test_both_sides_of_every_entry_have_one_value(symbols: str) -> None:
    tape = layer()
    operation = place(tape, symbols)
    for index in np.ndindex(tape.lines()[operation].shape):
        left, right = sides(tape.entry(operation, index))
        assert left == pytest.approx(right, rel=2e-3, abs=2e-3), (index, tape.entry(operation, index).numbers)


def test_an_entry_is_the_number_that_was_computed() -> None:
    tape = layer()
    gradient = tape.parameters.part("W", tape.parameters.gradient)
    for index in np.ndindex(3, 2):
        line = tape.entry(place(tape, "∂L/∂W"), index)
        assert sides(line)[-1] == pytest.approx(gradient[index], rel=1e-4)
        assert line.numbers.startswith(f"∂L/∂W{'₀₁₂'[index[0]]},{'₀₁'[index[1]]} = ")
        assert line.numbers.count("·") == 5, "one term for each example"


def test_sums_are_complete_up_to_64_terms_and_say_what_is_left_out() -> None:
    whole, cut = layer(examples=64), layer(examples=300)
    line = whole.entry(place(whole, "∂L/∂W"), (2, 1))
    assert line.numbers.count("·") == 64
    assert "…" not in line.numbers
    longer = cut.entry(place(cut, "∂L/∂W"), (2, 1))
    assert longer.numbers.count("·") == 64
    assert "+ … (236 more) = " in longer.numbers
    assert "+ … = " in cut.lines()[place(cut, "∂L/∂W")].numbers, "the inspector's lines stay short"


@pytest.mark.parametrize("index", [(3, 0), (0, 2), (-1, 0), (0,), (), (0, 0, 0)])
def test_an_entry_that_is_not_there_is_refused_with_those_that_are(index: tuple[int, ...]) -> None:
    tape = layer()
    with pytest.raises(BadInput, match=re.escape(f"has no entry {list(index)}: they go from [0,0] to [2,1].")):
        tape.entry(place(tape, "∂L/∂W"), index)


def test_a_single_number_has_one_entry() -> None:
    tape = layer()
    assert tape.entry(place(tape, "L = "), ()).shape == ()
    with pytest.raises(BadInput, match="it is one number"):
        tape.entry(place(tape, "L = "), (0,))


def test_what_is_not_computed_yet_has_no_numbers() -> None:
    tape = line().tape
    tape.pace.stop_at_operations = True
    next(tape.forward())
    assert tape.entry(0, (1,)).numbers
    assert tape.entry(1, (1,)).numbers == ""


def test_matrix_products_and_weighted_sums_list_each_product() -> None:
    random = np.random.default_rng(2)
    parameters = ParameterVector({"V": random.normal(size=(3, 2)), "w": random.normal(size=3)})
    tape = Tape(parameters, _Walk())
    x = tape.input("x", random.normal(size=(4, 3)))
    with tape.phase("forward"):
        tape.name("z", matmul(x, tape.parameter("V")))
        u = tape.name("u", weighted_sum(tape.parameter("w"), x))
    with tape.phase("loss"):
        loss = tape.name("L", mean(square(u)))
    tape.differentiate(loss)
    tape.run()
    sums: list[tuple[str, tuple[int, ...], int]] = [("z", (3, 1), 3), ("u", (3,), 3), ("∂L/∂w", (2,), 4)]
    for name, index, terms in sums:
        entry = tape.entry(place(tape, f"{name} = "), index)
        listed, result = sides(entry)
        assert entry.numbers.count("·") == terms
        assert listed == pytest.approx(result, rel=1e-3)
