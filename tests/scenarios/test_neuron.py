"""The neuron: it learns what a line can tell apart and nothing else, exactly in time."""

import io
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.markdown import Markdown

from tests.scenarios.one_neuron import ACTIVATIONS, CARD, build, by_torch, train
from tui_lab.lab.scenario import State

SEPARABLE = ("and", "or", "nand")


def same(left: State, right: State) -> bool:
    return left.keys() == right.keys() and all(left[name].tobytes() == right[name].tobytes() for name in left)


def numbers(model: Any) -> dict[str, str]:
    """What the step's equations say, by their left-hand sides."""
    return {line.symbols.split(" ")[0]: line.numbers for line in model.operations()}


# The perceptron rule


@settings(max_examples=40, deadline=None)
@given(
    gate=st.sampled_from(SEPARABLE),
    inputs=st.integers(1, 5),
    seed=st.integers(0, 10_000),
    rate=st.sampled_from([0.1, 0.5, 1.0, 3.0]),
    zero=st.booleans(),
)
def test_the_perceptron_converges_where_a_line_separates(
    gate: str, inputs: int, seed: int, rate: float, zero: bool
) -> None:
    start = "zero" if zero else "random"
    words = [f"dataset={gate}", f"inputs={inputs}", f"learning_rate={rate}", f"initialisation={start}"]
    model = build(*words, seed=seed)
    size = float(np.linalg.norm(model.weights.values))
    # A. Novikoff 1962: w* = (±2, …, ±2; bias) has margin 1 and |w*|² ≤ 4n + (2n − 1)², every row's R² ≤ n + 1. A start
    # of length |w0| adds to both sides of his inequality; this many corrections are more than enough for it.
    norm = np.sqrt(4 * inputs + (2 * inputs - 1) ** 2)
    bound = ((inputs + 1) + 4 * size / rate + 1) * norm**2 * 4
    corrections = 0
    while model.accuracy() < 1:
        train(model, 1)
        corrections += bool(model.descent.update.any())
        assert corrections <= bound
    before = model.weights.values.copy()
    train(model, 2 * model.steps_per_epoch)
    assert (model.weights.values == before).all() and model.metrics["loss"] == 0
    assert any("Converged: all" in note and "without a correction" in note for note in model.notes())


@settings(max_examples=20, deadline=None)
@given(inputs=st.integers(2, 4), seed=st.integers(0, 10_000), activation=st.sampled_from(ACTIVATIONS))
def test_nothing_learns_xor(inputs: int, seed: int, activation: str) -> None:
    words = ("dataset=xor", f"inputs={inputs}", f"activation={activation}", "learning_rate=0.1")
    model = build(*words, seed=seed)
    assert all(metrics["accuracy"] < 1 for metrics in train(model, 300))
    wrong = round((1 - model.metrics["accuracy"]) * 2**inputs)
    shape = "line" if inputs == 2 else "plane"
    said = f"{wrong} of {2**inputs} are wrong, and some always will be: no {shape} has the two classes of XOR"
    assert any(note.startswith("After ") and said in note for note in model.notes())


def test_three_steps_of_the_rule_by_hand() -> None:
    """NAND from 0 with η = 1, in the table's order: w ← w + (y − ŷ)·x."""
    model = build("dataset=nand", "initialisation=zero", "learning_rate=1", "shuffle=off")
    by_hand = [
        # z = 0 gives ŷ = 0, y = 1: the bias, whose input is always 1, rises
        ([0, 0, 1], [0, 0, -1]),
        ([0, 0, 1], [0, 0, 0]),  # (0, 1): z = 1, right
        ([0, 0, 1], [0, 0, 0]),  # (1, 0): z = 1, right
        ([-1, -1, 0], [1, 1, 1]),  # (1, 1): z = 1 gives 1, y = 0: all fall
        ([-1, -1, 1], [0, 0, -1]),  # (0, 0): z = 0 gives 0, y = 1
        ([-1, 0, 2], [0, -1, -1]),  # (0, 1): z = 0
        ([-1, 0, 2], [0, 0, 0]),  # (1, 0): z = 1, right
        ([-2, -1, 1], [1, 1, 1]),  # (1, 1): z = 1, y = 0
    ]
    for values, gradient in by_hand:
        train(model, 1)
        assert model.weights.values.tolist() == values
        assert model.weights.gradient.tolist() == gradient  # −(y − ŷ)·x


def test_the_inspector_shows_the_rule() -> None:
    model = build("initialisation=zero", "shuffle=off")
    train(model, 4)  # AND says 0 three times, and so does the neuron; then 1
    assert [(line.symbols, line.numbers) for line in model.operations()] == [
        ("u = Σ w·x", "u₀ = 0·1 + 0·1 = 0"),
        ("z = u + b", "z₀ = 0 + 0 = 0"),
        ("ŷ = [z > 0]", "ŷ₀ = [0 > 0] = 0"),
        ("e = ŷ − y", "e₀ = 0 − 1 = -1"),
        ("q = e·z", "q₀ = (-1)·0 = -0"),
        ("L = Σq/n", "L = (-0)/1 = 0"),
        ("∂L/∂q = 1/n·∂L/∂L", "∂L/∂q₀ = 1/1·1 = 1"),
        ("∂L/∂e = z·∂L/∂q", "∂L/∂e₀ = 0·1 = 0"),
        ("∂L/∂z = e·∂L/∂q", "∂L/∂z₀ = (-1)·1 = -1"),
        ("∂L/∂ŷ = 1·∂L/∂e", "∂L/∂ŷ₀ = 1·0 = 0"),
        ("∂L/∂z ← ∂L/∂z + 0·∂L/∂ŷ", "∂L/∂z₀ ← -1 + 0·0 = -1"),
        ("∂L/∂u = 1·∂L/∂z", "∂L/∂u₀ = 1·(-1) = -1"),
        ("∂L/∂b = Σ 1·∂L/∂z", "∂L/∂b = 1·(-1) = -1"),
        ("∂L/∂w = Σ x·∂L/∂u", "∂L/∂w₀ = 1·(-1) = -1"),
        ("v_w ← μ·v_w + ∂L/∂w", "v_w₀ ← 0·0 + (-1) = -1"),
        ("v_b ← μ·v_b + ∂L/∂b", "v_b ← 0·0 + (-1) = -1"),
        ("w ← w − η·v_w", "w₀ ← 0 − 0.5·(-1) = 0.5"),
        ("b ← b − η·v_b", "b ← 0 − 0.5·(-1) = 0.5"),
    ]


# Gradient descent


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_size", ["1", "3", "all"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_trajectory_is_that_of_torch(activation: str, batch_size: str, momentum: float) -> None:
    words = ("inputs=3", f"activation={activation}", f"batch_size={batch_size}", f"momentum={momentum}")
    model = build(*words, "learning_rate=0.03", seed=3)
    batches = [model.batches.rows(step) for step in range(200)]
    for loss, values in by_torch(activation, model.x, model.y, batches, 0.03, momentum, model.weights.values):
        assert train(model, 1)[0]["loss"] == pytest.approx(loss, rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(model.weights.values, values, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "linear"])
@pytest.mark.parametrize("gate", SEPARABLE)
def test_gradient_descent_learns_the_gates(activation: str, gate: str) -> None:
    model = build(f"activation={activation}", f"dataset={gate}", "learning_rate=0.2", "batch_size=all", seed=1)
    history = train(model, 2000)
    assert history[-1]["accuracy"] == 1 and history[-1]["loss"] < history[0]["loss"]


@settings(max_examples=30, deadline=None)
@given(
    activation=st.sampled_from(ACTIVATIONS),
    gate=st.sampled_from(("and", "or", "nand", "xor")),
    inputs=st.integers(2, 8),
    seed=st.integers(0, 1000),
)
def test_the_gradient_check_agrees_and_leaves_no_trace(activation: str, gate: str, inputs: int, seed: int) -> None:
    words = (f"activation={activation}", f"dataset={gate}", f"inputs={inputs}", "batch_size=all")
    model = build(*words, seed=seed)
    train(model, 1)
    before = model.state()
    checks = model.check_gradients()
    assert [check.entry for check in checks][-2:] == [f"w{'₀₁₂₃₄₅₆₇'[inputs - 1]}", "b"]
    if np.abs(model.answers.at(model.weights.values).z).min() > 1e-3:  # no corner between the nudges
        assert all(check.numeric == pytest.approx(check.analytic, rel=1e-5, abs=1e-7) for check in checks)
    assert same(before, model.state())


def test_targets_fit_the_activation() -> None:
    assert build("activation=tanh").y.tolist() == [-1, -1, -1, 1]
    assert build("activation=sigmoid").y.tolist() == [0, 0, 0, 1]


# Time


@pytest.mark.parametrize("words", [(), ("activation=sigmoid", "momentum=0.9", "batch_size=3"), ("batch_size=all",)])
def test_restoring_any_state_gives_the_same_numbers_again(words: tuple[str, ...]) -> None:
    model = build("dataset=xor", *words)
    states, metrics = [model.state()], []
    for _ in range(40):
        metrics += train(model, 1)
        states.append(model.state())
    notes = model.notes()
    for step in (0, 1, 3, 17, 39):
        model.restore(states[step])
        assert same(model.state(), states[step])
        assert train(model, 40 - step) == metrics[step:]
        assert same(model.state(), states[-1]) and model.notes() == notes
    other = build("dataset=xor", *words)
    other.restore(states[7])
    assert train(other, 33) == metrics[7:]


def test_a_state_taken_at_any_moment_is_that_of_a_boundary() -> None:
    model = build("activation=tanh", "momentum=0.9", "batch_size=3")
    train(model, 5)
    boundary = model.state()
    train(model, 1)
    after = model.state()
    for number in range(len(model.operations()) - 1):
        model.restore(boundary)
        model.stop_at_operations = True
        walk = model.step()
        for _ in range(number + 1):
            next(walk)
        state = model.state()
        list(walk)
        assert same(model.state(), after)
        model.restore(state)
        train(model, 1)
        assert same(model.state(), after)


def test_the_grain_and_looking_change_no_number() -> None:
    coarse, fine = build("activation=sigmoid", "batch_size=3"), build("activation=sigmoid", "batch_size=3")
    fine.stop_at_operations = True
    for _ in range(20):
        train(coarse, 1)
        moments = []
        for moment in fine.step():
            moments.append(moment)
            fine.views(), fine.notes(), fine.operations(), fine.check_gradients()
        assert [moment.operation for moment in moments] == list(range(len(fine.operations())))
        assert coarse.metrics == fine.metrics and coarse.operations() == fine.operations()
    assert same(coarse.state(), fine.state())


def test_live_hyperparameters_count_from_the_next_step() -> None:
    model = build("dataset=xor")
    model.change("learning_rate", 0.0)
    model.change("momentum", 0.5)
    before = model.weights.values.copy()
    train(model, 4)
    assert (model.weights.values == before).all() and model.corrected == 0
    with pytest.raises(NotImplementedError):
        model.change("inputs", 3)


def test_seeds_differ_and_repeat() -> None:
    starts = [build(seed=seed).weights.values.tolist() for seed in (0, 1, 0)]
    assert starts[0] == starts[2] != starts[1]
    assert build("initialisation=zero").weights.values.tolist() == [0, 0, 0]
    assert train(build("dataset=xor", seed=4), 30) == train(build("dataset=xor", seed=4), 30)


def test_everything_follows_an_edit_at_once() -> None:
    model = build("activation=linear", "batch_size=all")
    train(model, 1)
    for name, index, value in (("w", (0,), 1.0), ("w", (1,), 2.0), ("b", (), -1.0)):
        model.assign(name, index, value)
    said = numbers(model)
    assert said["z"] == "z₀ = 0 + (-1) = -1" and said["w"] == ""
    # z = (−1, 1, 0, 2) against (0, 0, 0, 1)
    assert said["L"] == "L = (1 + 1 + …)/4 = 0.75"
    assert model.weights.gradient.tolist() == [0.5, 1.0, 0.5]


def test_equations_are_sane() -> None:
    for activation, batch in itertools.product(ACTIVATIONS, ("1", "all")):
        model = build(f"activation={activation}", f"batch_size={batch}")
        train(model, 3)
        for line in model.operations():
            assert line.numbers and "nan" not in line.numbers and "inf" not in line.numbers
            assert line.numbers.count("(") == line.numbers.count(")")


# The lesson


def test_the_lesson_is_short_and_true() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(Markdown(CARD.lesson))
    assert 2 * 24 <= console.export_text().count("\n") <= 5 * 24
    for said in ("McCulloch", "Rosenblatt", "Minsky", "XOR", "`y`", "ŷ", "rule", "hidden", "feature"):
        assert said in CARD.lesson, said


def test_what_the_lesson_predicts() -> None:
    """OR and NAND, and AND of the two: three neurons in two layers are XOR."""
    table = build().x
    first = []
    for w, b in (([1, 1], -0.5), ([-1, -1], 1.5)):
        model = build("initialisation=zero")
        model.weights.values[:] = [*w, b]
        first.append(model.answers.at(model.weights.values).y.copy())
    top = build()
    top.weights.values[:] = [1, 1, -1.5]
    hidden = top.ask(np.stack(first, axis=1)).at(top.weights.values)
    assert hidden.y.tolist() == build("dataset=xor").y.tolist() == (table.sum(axis=1) == 1).tolist()
