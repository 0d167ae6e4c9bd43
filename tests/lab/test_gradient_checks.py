"""The gradient check: it agrees with right gradients and finds wrong ones."""

import numpy as np

from tests.lab.line import Pace
from tui_lab.lab.gradient_check import check_gradients
from tui_lab.lab.operations import Square, sum_of
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape


class WrongSquare(Square):
    """x² with the slope x."""

    def backward(self, which: int, flow: Array, out: Array) -> list:  # type: ignore[type-arg]
        return super().backward(which, flow, out)[1:]


def tape_of(square: type[Square]) -> Tape:
    tape = Tape(ParameterVector({"W": np.array([[1.0, -2.0], [1e6, 1e-6]]), "s": 3.0}), Pace())
    with tape.phase("loss"):
        loss = tape.name("L", sum_of(tape.record(square(tape.parameter("W"))) * tape.parameter("s")))
    tape.differentiate(loss)
    return tape


def test_right_gradients_agree() -> None:
    entries = check_gradients(tape_of(Square))
    assert [entry.entry for entry in entries] == ["W₀,₀", "W₀,₁", "W₁,₀", "W₁,₁", "s"]
    assert entries[2].relative_error < 1e-8


def test_wrong_gradients_are_found() -> None:
    entry = {entry.entry: entry for entry in check_gradients(tape_of(WrongSquare))}["W₁,₀"]
    assert entry.relative_error > 0.4


def test_the_parameters_are_as_before() -> None:
    tape = tape_of(Square)
    before = tape.parameters.values.tobytes()
    check_gradients(tape)
    assert tape.parameters.values.tobytes() == before


def test_rounding_is_no_error() -> None:
    """At a minimum both gradients are rounding noise, and nothing alike."""
    tape = Tape(ParameterVector({"w": 0.0, "far": 1e8}), Pace())
    with tape.phase("loss"):
        loss = tape.name("L", tape.record(Square(tape.parameter("w"))) + tape.parameter("far"))
    tape.differentiate(loss)
    assert check_gradients(tape)[0].relative_error == 0


def test_a_sample_is_checked_as_all_are() -> None:
    entries = check_gradients(tape_of(Square))
    assert check_gradients(tape_of(Square), [3, 1]) == [entries[3], entries[1]]
