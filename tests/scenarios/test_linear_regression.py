"""Linear regression: exact in time, right at the end, and clear about bad data."""

import importlib
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.markdown import Markdown

from tests.scenarios.torch_line import by_torch
from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Moment, Scenario, State
from tui_lab.lab.views import Arrow, Scatter, Surface, Table
from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

CARD = scenario("linear-regression")
BUNDLED: list[str] = next(each.choices for each in CARD.hyperparameters if each.name == "dataset")


def build(*words: str, data: Path | None = None, seed: int = 0) -> Any:
    model = importlib.import_module(CARD.module).LinearRegression()
    model.build({**settings_of(CARD, words), "data": data}, seed, "cpu")
    return model


def train(model: Scenario, steps: int) -> list[dict[str, float]]:
    history = []
    for _ in range(steps):
        list(model.step())
        history.append(model.metrics)
    return history


def same(left: State, right: State) -> bool:
    return left.keys() == right.keys() and all(left[name].tobytes() == right[name].tobytes() for name in left)


def pictures(model: Scenario) -> tuple[Scatter, Surface, Arrow, Table]:
    scatter, surface, arrow, table = model.views()
    assert isinstance(scatter, Scatter) and isinstance(surface, Surface)
    assert isinstance(arrow, Arrow) and isinstance(table, Table)
    return scatter, surface, arrow, table


def cell(table: Table, row: str, column: int) -> float:
    return next(float(cells[column]) for cells in table.rows if str(cells[0]).startswith(row))


# What it computes


@pytest.mark.parametrize(
    ("dataset", "slope", "intercept", "mean_x", "points"),
    [
        ("stopping-distance", 3.9324, -17.5791, 15.4, 50),
        *[(f"anscombe-{i}", 0.500, 3.00, 9.0, 11) for i in range(1, 5)],
    ],
)
@pytest.mark.parametrize("standardise", ["on", "off"])
def test_the_bundled_data_have_the_published_lines(
    dataset: str, slope: float, intercept: float, mean_x: float, points: int, standardise: str
) -> None:
    model = build(f"dataset={dataset}", f"standardise={standardise}")
    table = pictures(model)[3]
    digits = 5e-5 if points == 50 else 5e-3
    assert cell(table, "slope", 2) == pytest.approx(slope, abs=digits)
    assert cell(table, "intercept", 2) == pytest.approx(intercept, abs=digits)
    assert (model.points.x.mean(), len(model.points.x)) == (pytest.approx(mean_x), points)


def test_anscombes_sets_agree_in_what_he_printed() -> None:
    for i in range(1, 5):
        points = build(f"dataset=anscombe-{i}").points
        assert points.y.mean() == pytest.approx(7.5, abs=0.01)
        assert np.sum((points.x - 9) ** 2) == pytest.approx(110.0)
        residual = points.y - (3 + 0.5 * points.x)
        assert np.sum(residual**2) == pytest.approx(13.75, abs=0.03)
        assert np.corrcoef(points.x, points.y)[0, 1] ** 2 == pytest.approx(0.667, abs=0.0015)


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


# Data of one's own


def points_file(folder: Path, x: Any, y: Any) -> Path:
    path = folder / "own.csv"
    path.write_text("left,right\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(x, y, strict=True)))
    return path


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = points_file(tmp_path, [1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    model = build(data=path)
    train(model, 300)
    scatter, _, _, table = pictures(model)
    assert (scatter.x_label, scatter.y_label) == ("left", "right")
    assert [cell(table, "slope", 1), cell(table, "intercept", 1)] == pytest.approx([2, 0], abs=1e-9)
    swapped = build("x=right", "y=left", data=path)
    assert swapped.points.x.tolist() == [2, 4, 6]


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1.0], [2.0], "one row"),
        ([3.0, 3.0], [1.0, 2.0], "the same value, 3, in every row"),
        ([0.0, 1e-320], [1.0, 2.0], "whose square is 0"),
        ([1.0, 1e200], [1.0, 2.0], "Column 'left' holds 1e\\+200"),
        ([1.0, 2.0], [1.0, -1e200], "Column 'right' holds -1e\\+200"),
    ],
)
def test_points_that_settle_no_line_are_refused(tmp_path: Path, x: list[float], y: list[float], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        build(data=points_file(tmp_path, x, y))


def test_a_batch_larger_than_the_data_is_refused() -> None:
    with pytest.raises(BadInput, match="batch_size is 51, but there are only 50 points: give 50 or fewer, or all"):
        build("batch_size=51")
    with pytest.raises(BadInput, match="there is only 1 point"):
        build("dataset=single-point", "batch_size=2")


@pytest.mark.parametrize("x", [[1e9, 1e9 + 1], [1e-150, 2e-150, 5e-150], [-1e100, 1e100, 2e100], [0.0, 1e-12, 1e12]])
@pytest.mark.parametrize("y", [[0.0, 0.0, 0.0], [1e150, -1e150, 0.0], [1e-300, 2e-300, 1e-310], [1.0, 2.0, 3.0]])
@pytest.mark.parametrize("standardise", ["on", "off"])
def test_extreme_data_raise_nothing(tmp_path: Path, x: list[float], y: list[float], standardise: str) -> None:
    model = build(f"standardise={standardise}", data=points_file(tmp_path, x, y[: len(x)]))
    with np.errstate(all="ignore"):
        train(model, 3)
    with np.errstate(all="raise"):
        model.views(), model.notes(), model.check_gradients()


def test_a_million_points(tmp_path: Path) -> None:
    x = np.arange(1_000_000, dtype=np.float64)
    path = tmp_path / "many.csv"
    path.write_text("x,y\n" + "\n".join(f"{value:.0f},{3 * value + 1:.0f}" for value in x))
    model = build(data=path)
    train(model, 300)
    scatter, _, _, table = pictures(model)
    assert len(scatter.x) == len(scatter.fitted) == 2000 and "2000 of 1000000 points" in scatter.title
    assert (scatter.x[0], scatter.x[-1]) == (0, 999_999)
    assert cell(table, "slope", 1) == pytest.approx(3) and cell(table, "slope", 2) == pytest.approx(3)


def test_the_card_names_every_bundled_file() -> None:
    files = {path.stem for path in (Path(CARD.folder) / "data").glob("*.csv")}
    assert files == set(BUNDLED)
    sources = (Path(CARD.folder) / "data" / "SOURCES.md").read_text(encoding="utf-8")
    assert all(word in sources for word in ("Ezekiel", "Anscombe", "single-point"))


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
