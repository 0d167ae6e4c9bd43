"""Linear regression: exact in time, right at the end, with true pictures and remarks."""

import io
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.markdown import Markdown

from tests.scenarios.regression import BUNDLED, CARD, build, cell, pictures, train
from tests.scenarios.torch_line import by_torch
from tui_lab.lab.scenario import Moment, Scenario, State
from tui_lab.lab.views import Surface


def same(left: State, right: State) -> bool:
    return left.keys() == right.keys() and all(left[name].tobytes() == right[name].tobytes() for name in left)


# What it computes


@pytest.mark.parametrize("dataset", [name for name in BUNDLED if name != "single-point"])
@pytest.mark.parametrize("momentum", ["0", "0.5"])
def test_it_converges_to_the_closed_form(dataset: str, momentum: str) -> None:
    model = build(f"dataset={dataset}", f"momentum={momentum}")
    history = train(model, 400)
    scatter, surface, _, table = pictures(model)
    best = np.polyfit(model.points.x, model.points.y, 1)
    assert [cell(table, "slope", 1), cell(table, "intercept", 1)] == pytest.approx(best, rel=1e-9)
    assert [cell(table, "slope", 2), cell(table, "intercept", 2)] == pytest.approx(best, rel=1e-9)
    assert history[-1]["loss"] == pytest.approx(np.mean((np.polyval(best, model.points.x) - model.points.y) ** 2))
    assert surface.point == pytest.approx(surface.optimum)
    np.testing.assert_allclose(scatter.fitted, np.polyval(best, scatter.x))
    assert any(note.startswith("Converged") for note in model.notes())


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("batch_size", ["all", "50", "16", "1"])
def test_the_trajectory_is_that_of_torch(momentum: float, batch_size: str) -> None:
    model = build(
        f"momentum={momentum}", f"batch_size={batch_size}", "learning_rate=0.01", "initial_a=1", "initial_b=2"
    )
    batches = [model.batches.rows(step) for step in range(200)]
    expected = by_torch(model.x, model.y, batches, 0.01, momentum, (1.0, 2.0))
    for measured, (loss, a, b) in zip(train(model, 200), expected, strict=True):
        assert [measured["loss"], measured["a"], measured["b"]] == pytest.approx([loss, a, b], rel=1e-12, abs=1e-12)


def test_metrics_are_a_new_dictionary_each_step() -> None:
    model = build()
    first, second = train(model, 2)
    assert first is not second and list(first) == ["loss", "grad_norm", "a", "b"]
    gradient = [parameter.gradient for parameter in model.parameters()]
    assert second["grad_norm"] == pytest.approx(np.hypot(*gradient))
    assert [second["a"], second["b"]] == [float(parameter.value) for parameter in model.parameters()]


def test_the_gradient_check_agrees_and_leaves_no_trace() -> None:
    model = build("batch_size=7")
    for moment in itertools.chain(model.step(), model.step()):
        before, shown = model.state(), model.operations()
        checks = model.check_gradients()
        assert [check.entry for check in checks] == ["a", "b"] and moment
        assert max(check.relative_error for check in checks) < 1e-8
        assert same(before, model.state()) and shown == model.operations()


# Time


def moments(model: Scenario, grains: Iterator[bool]) -> Iterator[Moment]:
    model.stop_at_operations = next(grains)
    for moment in model.step():
        yield moment
        model.stop_at_operations = next(grains)


@pytest.mark.parametrize(
    "words", [(), ("batch_size=16", "momentum=0.9"), ("batch_size=1",), ("batch_size=49", "shuffle=off")]
)
def test_restoring_any_state_gives_the_same_numbers_again(words: tuple[str, ...]) -> None:
    model = build(*words)
    states, metrics = [model.state()], []
    for _ in range(120):
        metrics += train(model, 1)
        states.append(model.state())
    for step in (0, 1, 3, 4, 50, 119):
        model.restore(states[step])
        assert same(model.state(), states[step])
        assert train(model, 120 - step) == metrics[step:]
        assert same(model.state(), states[-1])


def test_a_state_of_one_process_goes_on_in_another() -> None:
    words = ("batch_size=16", "momentum=0.9")
    here = build(*words)
    train(here, 10)
    there = build(*words)
    there.restore(here.state())
    assert train(there, 30) == train(here, 30)


def test_a_state_taken_at_any_moment_is_that_of_a_boundary() -> None:
    model = build("batch_size=16", "momentum=0.9")
    train(model, 5)
    boundary, after = model.state(), None
    for number in range(15):
        model.restore(boundary)
        walk = moments(model, itertools.repeat(True))
        moment = next(itertools.islice(walk, number, None))
        state = model.state()
        list(walk)
        after = after or model.state()
        model.restore(state)
        if moment != Moment("update", 14, last=True):
            train(model, 1)
        assert same(model.state(), after)


def test_the_grain_changes_no_number() -> None:
    coarse, fine, mixed = (build("batch_size=16", "momentum=0.9") for _ in range(3))
    flips = np.random.default_rng(0)
    for _ in range(40):
        list(moments(coarse, itertools.repeat(False)))
        assert [moment.operation for moment in moments(fine, itertools.repeat(True))] == list(range(15))
        list(moments(mixed, (bool(flips.integers(2)) for _ in itertools.count())))
        assert coarse.metrics == fine.metrics == mixed.metrics
        assert coarse.operations() == fine.operations() == mixed.operations()
    assert same(coarse.state(), fine.state()) and same(coarse.state(), mixed.state())


def test_looking_changes_no_number() -> None:
    watched, alone = build("batch_size=16"), build("batch_size=16")
    for _ in range(30):
        for _ in watched.step():
            watched.views(), watched.notes(), watched.operations(), watched.check_gradients()
        train(alone, 1)
        assert same(watched.state(), alone.state()) and watched.metrics == alone.metrics


def test_live_hyperparameters_count_from_the_next_step() -> None:
    model = build()
    train(model, 1)
    state = model.state()
    model.change("learning_rate", 0.0)
    model.change("momentum", 0.5)
    frozen = train(model, 3)
    assert len({(metrics["a"], metrics["b"]) for metrics in frozen}) == 1
    model.restore(state)
    assert train(model, 1)[0]["a"] != frozen[0]["a"]
    with pytest.raises(NotImplementedError):
        model.change("x", "speed")


def test_seeds_differ_and_repeat() -> None:
    starts = [tuple(float(parameter.value) for parameter in build(seed=seed).parameters()) for seed in (0, 1, 2, 0)]
    assert len(set(starts)) == 3 and starts[0] == starts[3]
    assert train(build("batch_size=5", seed=4), 30) == train(build("batch_size=5", seed=4), 30)


def test_before_the_first_step_nothing_is_claimed() -> None:
    model = build()
    assert {line.numbers for line in model.operations()} == {""}
    assert all(parameter.gradient == parameter.update == 0 for parameter in model.parameters())
    assert model.metrics == {} and model.notes() == []


# Pictures and remarks


def test_the_surface_is_the_mean_squared_error() -> None:
    for words in ((), ("standardise=off",), ("dataset=single-point",)):
        model = build(*words)
        _, surface, _, _ = pictures(model)
        a, b = np.meshgrid(surface.x, surface.y)
        direct = np.mean((a[..., None] * model.x + b[..., None] - model.y) ** 2, axis=-1)
        np.testing.assert_allclose(surface.z, direct, rtol=1e-9, atol=1e-12)
        check = [entry.analytic for entry in model.check_gradients()]
        np.testing.assert_allclose(surface.gradient, check, rtol=1e-9)


def inside(surface: Surface, place: Any) -> bool:
    return bool(surface.x[0] <= place[0] <= surface.x[-1] and surface.y[0] <= place[1] <= surface.y[-1])


@pytest.mark.parametrize(
    "words", [("standardise=off", "learning_rate=0.003"), ("learning_rate=1.3",), ("momentum=0.95",)]
)
def test_the_surface_has_start_optimum_and_point_on_it(words: tuple[str, ...]) -> None:
    model = build(*words)
    start, sizes = model.weights.values.copy(), []
    for _ in range(60):
        _, surface, _, _ = pictures(model)
        assert inside(surface, start) and inside(surface, surface.point) and inside(surface, surface.optimum)
        sizes.append(surface.x[-1] - surface.x[0])
        train(model, 1)
    ratios = np.array(sizes) / sizes[0]
    assert (np.log2(ratios) == np.rint(np.log2(ratios))).all() and (np.diff(sizes) >= 0).all()


def test_going_back_brings_the_surface_back() -> None:
    model = build("learning_rate=1.5")
    state, before = model.state(), pictures(model)[1]
    train(model, 40)
    assert pictures(model)[1].x[-1] > 1e3 * before.x[-1]
    model.restore(state)
    assert (pictures(model)[1].x == before.x).all()


def test_one_point_is_a_valley() -> None:
    model = build("dataset=single-point")
    train(model, 400)
    scatter, surface, _, _ = pictures(model)
    assert surface.optimum.size == 0 and len(scatter.lines[0].x) == 2
    assert 0.5 * surface.point[0] + surface.point[1] == pytest.approx(0, abs=1e-12)
    assert np.hypot(*surface.point) > 0.01
    assert any("valley" in note and "0.5·a + b = 0" in note for note in model.notes())


def test_a_rate_above_the_largest_stable_one_is_named_and_diverges() -> None:
    model = build("learning_rate=1.01")
    assert cell(pictures(model)[3], "η", 2) == pytest.approx(1.0)
    assert model.notes()[0].startswith("The learning rate 1.01 is above 2/λmax = 1: ")
    losses = [metrics["loss"] for metrics in train(model, 400)]
    assert losses[-1] > 1e5 * losses[0]
    calm = build("learning_rate=0.99")
    assert not any("above" in note for note in calm.notes())
    assert train(calm, 400)[-1]["loss"] == pytest.approx(227.07, abs=0.01)
    assert "2(1 + μ)/λmax = 1.5" in build("learning_rate=2", "momentum=0.5").notes()[0]


def test_half_the_largest_stable_rate_lands_in_one_step() -> None:
    """What the lesson says about the standardised data, whose two curvatures are both 2."""
    model = build("learning_rate=0.5")
    train(model, 1)
    assert [float(p.value) for p in model.parameters()] == pytest.approx(model.points.best)


def test_single_steep_batches_are_warned_of() -> None:
    notes = build("dataset=anscombe-4", "batch_size=1", "learning_rate=0.5").notes()
    assert "below 2/λmax = 1 of all points, but above the 0.09091 of the 1 point farthest out" in notes[0]


def test_a_step_says_whom_it_helped() -> None:
    model = build("batch_size=1")
    before = np.abs(model.weights.values @ np.stack([model.x, np.ones(50)]) - model.y)
    train(model, 1)
    after = np.abs(model.weights.values @ np.stack([model.x, np.ones(50)]) - model.y)
    better, worse = int((after < before).sum()), int((after > before).sum())
    note = next(note for note in model.notes() if "batch's gradient" in note)
    assert f"error of {better} points smaller and that of {worse} larger" in note and "° away" in note


def test_huge_parameters_raise_nothing() -> None:
    model = build("batch_size=16")
    with np.errstate(all="ignore"):
        train(model, 1)
    for size in (1e150, -1e300, np.inf, np.nan):
        for name in ("a", "b"):
            model.assign(name, (), size)
        with np.errstate(all="raise"):
            model.views(), model.notes(), model.operations(), model.check_gradients()
        with np.errstate(all="ignore"):
            train(model, 2)


# The lesson


def test_the_lesson_is_short_and_true() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(Markdown(CARD.lesson))
    assert 2 * 24 <= console.export_text().count("\n") <= 5 * 24
    limit = cell(pictures(build("standardise=off"))[3], "η", 2)
    assert f"limit is now {limit:.4f}" in CARD.lesson
    assert build().bowl.curvatures == pytest.approx([2, 2])
    for i in range(1, 5):
        table = pictures(build(f"dataset=anscombe-{i}"))[3]
        assert f"ŷ = {cell(table, 'slope', 2):.2f}·x + {cell(table, 'intercept', 2):.2f}" in CARD.lesson
    swaps = "Some introductions swap the two letters"
    assert all(words in CARD.lesson for words in (swaps, "Newton's method", "**first** derivatives", "hurt another"))
