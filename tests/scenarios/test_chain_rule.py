"""The chain rule: every gradient right, every moment in its order, exact in time."""

import io
import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.markdown import Markdown

from tests.scenarios.chain import CARD, FUNCTIONS, GENTLE, build, by_torch, pictures, train, triple
from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import State

TRIPLES: list[tuple[str, str, str]] = [(f, g, h) for f in FUNCTIONS for g in FUNCTIONS for h in FUNCTIONS]


def same(left: State, right: State) -> bool:
    return left.keys() == right.keys() and all(left[name].tobytes() == right[name].tobytes() for name in left)


# What it computes


def test_numbers_that_one_can_check_in_the_head() -> None:
    model = build()
    train(model, 1)
    assert [(line.phase, line.numbers) for line in model.operations()] == [
        ("forward", "u = 3·2 = 6"),
        ("forward", "b = 0.5·6 = 3"),
        ("forward", "v = 3² = 9"),
        ("forward", "y = 2·9 = 18"),
        ("loss", "e = 18 − 20 = -2"),
        ("loss", "L = (-2)² = 4"),
        ("backward", "∂L/∂e = 2·(-2)·1 = -4"),
        ("backward", "∂L/∂y = 1·(-4) = -4"),
        ("backward", "∂L/∂w3 = 9·(-4) = -36"),
        ("backward", "∂L/∂v = 2·(-4) = -8"),
        ("backward", "∂L/∂b = 2·3·(-8) = -48"),
        ("backward", "∂L/∂w2 = 6·(-48) = -288"),
        ("backward", "∂L/∂u = 0.5·(-48) = -24"),
        ("backward", "∂L/∂w1 = 2·(-24) = -48"),
        ("update", "w1 ← 3 − (1e-05)·(-48) = 3.0005"),
        ("update", "w2 ← 0.5 − (1e-05)·(-288) = 0.50288"),
        ("update", "w3 ← 2 − (1e-05)·(-36) = 2.0004"),
    ]


@pytest.mark.parametrize("functions", TRIPLES, ids="-".join)
def test_every_gradient_is_that_of_torch_and_of_differences(functions: tuple[str, str, str]) -> None:
    model = triple(functions)
    for check in model.check_gradients():
        assert check.numeric == pytest.approx(check.analytic, rel=1e-6, abs=1e-8), check.entry
    weights = torch.tensor(model.weights.values, requires_grad=True)
    values = by_torch(functions, weights, 0.7, -0.4)
    values[-1].backward()
    history = train(model, 1)
    assert history[0]["loss"] == pytest.approx(values[-1].item(), rel=1e-12)
    assert weights.grad is not None
    np.testing.assert_allclose(model.weights.gradient, weights.grad.numpy(), rtol=1e-12, atol=1e-15)
    links = {link.name: link for link in pictures(model)[0].links}
    for name, value in zip("uvy", values, strict=False):
        assert value.grad is not None
        assert links[name].value == pytest.approx(value.item(), rel=1e-12)
        assert links[name].gradient == pytest.approx(value.grad.item(), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("functions", [("sin", "exp", "tanh"), ("tanh", "sigmoid", "linear"), ("square",) * 3])
def test_the_trajectory_is_that_of_torch(functions: tuple[str, str, str]) -> None:
    model = triple(functions)
    weights = torch.tensor(model.weights.values, requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=0.01)
    for metrics in train(model, 200):
        optimizer.zero_grad()
        loss = by_torch(functions, weights, 0.7, -0.4)[-1]
        loss.backward()
        optimizer.step()
        expected = [loss.item(), *weights.tolist()]
        assert [metrics[name] for name in ("loss", "w1", "w2", "w3")] == pytest.approx(expected, rel=1e-11, abs=1e-12)


def test_the_default_learns_its_target() -> None:
    model = build()
    history = train(model, 100)
    assert history[0]["loss"] == 4 and history[-1]["loss"] < 1e-6
    assert all(later["loss"] < earlier["loss"] for earlier, later in itertools.pairwise(history))
    assert any(note.startswith("Converged") for note in model.notes())


# The walk


@pytest.mark.parametrize("functions", TRIPLES[::7], ids="-".join)
def test_values_appear_from_left_to_right_then_gradients_from_right_to_left(functions: tuple[str, str, str]) -> None:
    model = triple(functions)
    model.stop_at_operations = True
    assert np.isnan([link.value for link in pictures(model)[0].links]).tolist()[1:] == [True] * (
        len(pictures(model)[0].links) - 1
    )
    for moment in model.step():
        chain, products, _, _ = pictures(model)
        values = [not math.isnan(link.value) for link in chain.links]
        gradients = [not math.isnan(link.gradient) for link in chain.links[1:]]
        count = len(values)
        assert values == sorted(values, reverse=True) and sum(values) == min(moment.operation + 2, count)
        assert gradients == sorted(gradients) and any(gradients) == all(values)
        assert [not math.isnan(link.slope) for link in chain.links[1:]] == values[1:]
        known = sum(row[3] != "" for row in products.rows)
        assert known == max(0, min(moment.operation + 2 - count, len(products.rows)))
    assert all(gradients) and known == len(products.rows)


@pytest.mark.parametrize("functions", TRIPLES[::5], ids="-".join)
def test_slope_times_incoming_is_outgoing(functions: tuple[str, str, str]) -> None:
    model = triple(functions)
    for _ in range(3):
        train(model, 1)
        chain, products, check, _ = pictures(model)
        for before, link in itertools.pairwise(chain.links[1:]):
            assert before.gradient == pytest.approx(link.slope * link.gradient, rel=1e-12, abs=1e-300)
        for _, slope, incoming, outgoing in products.rows:
            assert float(slope) * float(incoming) == pytest.approx(float(outgoing), rel=1e-12, abs=1e-300)
        assert [row[0] for row in check.rows] == ["∂L/∂w1", "∂L/∂w2", "∂L/∂w3"]
        assert all(float(row[3]) < 1e-5 or abs(float(row[1])) < 1e-6 for row in check.rows)


def test_the_names_of_the_chain() -> None:
    chain = pictures(build())[0]
    assert chain.title == "y = h(g(f(x))): f linear, g square, h linear"
    assert [link.equation for link in chain.links] == [
        "x = 2", "u = w1·x", "b = w2·u", "v = b²", "y = w3·v", "e = y − t", "L = e²",
    ]  # fmt: skip
    assert len(pictures(triple(("sin", "exp", "tanh")))[0].links) == 9


# Time


@pytest.mark.parametrize("functions", [("linear", "square", "linear"), ("exp", "sin", "sigmoid")])
def test_a_state_is_exact_at_any_moment(functions: tuple[str, str, str]) -> None:
    model = triple(functions)
    train(model, 3)
    boundary = model.state()
    train(model, 1)
    after, metrics = model.state(), model.metrics
    model.restore(boundary)
    for flips in range(12):
        model.stop_at_operations = True
        moments = []
        for moment in model.step():
            moments.append(moment)
            model.stop_at_operations = bool(flips >> len(moments) % 4 & 1)
            middle = model.state()
            if not (moment.phase == "update" and moment.last):
                assert same({**middle, "gradient": boundary["gradient"]}, {**boundary, "update": middle["update"]})
        assert same(model.state(), after) and model.metrics == metrics
        model.restore(boundary)
        assert same(model.state(), boundary)


def test_looking_changes_no_number() -> None:
    watched, alone = triple(("sin", "exp", "tanh")), triple(("sin", "exp", "tanh"))
    for _ in range(20):
        watched.stop_at_operations = True
        for _ in watched.step():
            watched.views(), watched.notes(), watched.operations(), watched.check_gradients()
        train(alone, 1)
        assert same(watched.state(), alone.state()) and watched.metrics == alone.metrics
        assert watched.operations() == alone.operations()


def test_the_learning_rate_counts_from_the_next_step() -> None:
    model = build()
    train(model, 1)
    model.change("learning_rate", 0.0)
    first, second = train(model, 2)
    assert (first["w1"], first["w2"], first["w3"]) == (second["w1"], second["w2"], second["w3"])
    with pytest.raises(NotImplementedError):
        model.change("x", 3.0)


def test_seeds_draw_random_weights_only() -> None:
    words = [f"initial_{name}=random" for name in ("w1", "w2")]
    starts = [build(*words, seed=seed).weights.values.tolist() for seed in (0, 1, 0)]
    assert starts[0] == starts[2] != starts[1] and starts[0][2] == starts[1][2] == 2


def test_everything_follows_an_edit_at_once() -> None:
    model = build()
    train(model, 1)
    model.assign("w2", (), 1.0)
    w1, _, w3 = model.weights.values.tolist()
    chain, _, check, curves = pictures(model)
    loss = (w3 * (w1 * 2) ** 2 - 20) ** 2
    assert chain.links[-1].value == pytest.approx(loss)
    assert [row[1] for row in check.rows] == pytest.approx(model.weights.gradient)
    assert [curve.point[1] for curve in curves] == pytest.approx([loss] * 3)
    assert {line.numbers == "" for line in model.operations() if line.phase == "update"} == {True}
    with pytest.raises(BadInput):
        model.assign("w4", (), 1.0)


# Pictures and remarks


@settings(max_examples=30, deadline=None)
@given(
    functions=st.tuples(*[st.sampled_from(FUNCTIONS)] * 3),
    edits=st.tuples(*[st.floats(-1e6, 1e6, allow_nan=False)] * 3),
)
def test_curves_go_through_the_point_and_are_the_loss(functions: Any, edits: tuple[float, ...]) -> None:
    model = triple(functions)
    for name, value in zip(("w1", "w2", "w3"), edits, strict=True):
        model.assign(name, (), value)
    _, _, _, curves = pictures(model)
    for place, curve in enumerate(curves):
        assert curve.x[0] <= curve.point[0] <= curve.x[-1] and 0 in curve.x
        assert curve.slope == model.weights.gradient[place] or math.isnan(curve.slope)
        at = model.weights.values.copy()
        at[place] = curve.x[60]
        with np.errstate(all="ignore"):
            loss = by_torch(functions, torch.tensor(at, requires_grad=True), 0.7, -0.4)[-1].item()
        assert curve.y[60] == pytest.approx(loss, rel=1e-6, abs=1e-9, nan_ok=True)


def test_an_extremum_has_slope_0() -> None:
    """What the lesson says about w1 = 0 where g is square."""
    model = build("initial_w1=0")
    _, _, check, curves = pictures(model)
    assert curves[0].slope == 0 and curves[0].point[1] == 400
    assert float(check.rows[0][1]) == 0
    middle = curves[0].x.tolist().index(0.0)
    assert curves[0].y[middle] == 400 and curves[0].y[middle - 1] < 400 > curves[0].y[middle + 1]
    train(model, 5)
    assert model.weights.values.tolist() == [0, 0.5, 2]
    assert model.notes() == ["A local slope is 0, ∂L/∂b = 2·0·(-80) = -0: b and what lies inside it do not learn."]


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (("h=sigmoid",), "The target 20 is out of reach: h is sigmoid, and y stays on this side of 1"),
        (
            ("h=exp", "target=-1"),
            "out of reach: h is exp, and y stays on this side of 0, so that the loss is at least 1",
        ),
        (("f=tanh", "g=tanh"), "The gradient vanishes: from y in to f the local slopes multiply to"),
        (("initial_w2=900", "initial_w3=900"), "The gradient explodes"),
        (("x=0",), "A local slope is 0, ∂L/∂b = 2·0·(-80)"),
    ],
)
def test_notes_give_evidence(words: tuple[str, ...], note: str) -> None:
    assert any(note in each for each in build(*words).notes())


def test_a_step_too_far_is_told() -> None:
    model = build("learning_rate=0.001")
    assert model.notes() == []
    train(model, 1)
    assert model.notes()[0].startswith("The latest step raised the loss from 4 to ")


def test_overflow_and_nan_raise_nothing() -> None:
    model = build("f=exp", "g=exp", "h=exp")
    with np.errstate(all="ignore"):
        (metrics,) = train(model, 1)
    assert not math.isfinite(metrics["loss"])
    for value in (1e308, -1e308, 1e-320, math.inf, math.nan):
        for name in ("w1", "w2", "w3"):
            model.assign(name, (), value)
            with np.errstate(all="raise"):
                model.views(), model.notes(), model.operations(), model.check_gradients()


def test_all_equations_are_sane() -> None:
    for functions in TRIPLES:
        model = triple(functions)
        train(model, 2)
        for line in model.operations():
            assert line.numbers and "nan" not in line.numbers and "inf" not in line.numbers
            assert line.numbers.count("(") == line.numbers.count(")")


# The lesson


def test_the_lesson_is_short_and_true() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(Markdown(CARD.lesson))
    assert 2 * 24 <= console.export_text().count("\n") <= 5 * 24
    model = build()
    train(model, 1)
    numbers = {line.numbers for line in model.operations()}
    assert {"y = 2·9 = 18", "∂L/∂w2 = 6·(-48) = -288", "∂L/∂b = 2·3·(-8) = -48"} <= numbers
    for said in ("y = h(g(f(x)))", "−288", "extremum", "Rumelhart", "kept", "one walk"):
        assert said in CARD.lesson, said
    assert all(name in {each.name for each in CARD.hyperparameters} for name in ("f", "g", "h", "target"))
    assert GENTLE
