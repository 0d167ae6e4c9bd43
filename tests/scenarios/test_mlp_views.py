"""What is shown of a network: true pictures, remarks with evidence, a script that computes the same, a true lesson."""

import io
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.markdown import Markdown

from tests.scenarios.networks import CARD, build, train
from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Matrix, Network, Pictures, Region, Table


def picture(model: Any, kind: type[Any], number: int = 0) -> Any:
    return [view for view in model.views() if isinstance(view, kind)][number]


def answers(model: Any, x: Array) -> Array:
    """What the network says to inputs (n, d), by its parameters alone."""
    values = {parameter.name: parameter.value for parameter in model.parameters()}
    functions: dict[str, Any] = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "linear": lambda z: z,
        "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
    }
    a = model.features.of(x)
    for number, name in enumerate([*model.activations, model.task.output_name], 1):
        a = functions[name](a @ values[f"layer{number}.W"] + values[f"layer{number}.b"])
    return np.asarray(a)


@pytest.mark.parametrize(
    "words", [("dataset=circle",), ("dataset=moons",), ("dataset=reg-gauss",), ("features=x1^2,x2^2", "layers=")]
)
def test_the_region_is_what_the_network_answers(words: tuple[str, ...]) -> None:
    model = build(*words)
    train(model, 30)
    region = picture(model, Region)
    grid = np.stack([each.ravel() for each in np.meshgrid(region.x, region.y)], axis=1)
    np.testing.assert_allclose(region.z.ravel(), answers(model, grid)[:, 0], rtol=1e-9, atol=1e-12)
    assert region.z.shape == (100, 100) and region.low < region.high
    assert region.points_x.min() > region.x[0] and region.points_y.max() < region.y[-1]
    assert region.held_out.sum() == model.examples.held_out
    assert set(region.labels) <= {region.low, region.high} or not model.examples.classes


def test_the_region_of_three_classes_has_certainty(tmp_path: Path) -> None:
    path = tmp_path / "three.csv"
    path.write_text("a,b,c\n" + "".join(f"{i % 3},{i % 7},{'uvw'[i % 3]}\n" for i in range(60)))
    model = build(data=path)
    train(model, 90)
    region = picture(model, Region)
    assert region.classes == ["0: u", "1: v", "2: w"] and set(region.z.ravel()) <= {0.0, 1.0, 2.0}
    assert region.certainty.shape == (100, 100) and 0 <= region.certainty.min() <= region.certainty.max() <= 1


@pytest.mark.parametrize("words", [(), ("activation=relu,linear",), ("dataset=digits", "layers=12", "activation=relu")])
def test_the_diagram_shows_the_first_example_of_the_batch(words: tuple[str, ...]) -> None:
    model = build(*words)
    train(model, 7)
    network = picture(model, Network)
    row = model.rows[0]
    assert f"example {row}: " in network.example
    shapes = list(zip(model.widths, model.widths[1:], strict=False))
    assert [weights.shape for weights in network.weights] == shapes
    assert [gradient.shape for gradient in network.gradients] == shapes
    assert [biases.shape for biases in network.biases] == [(width,) for width in model.widths[1:]]
    assert [len(layer.units) for layer in network.layers] == model.widths
    np.testing.assert_array_equal(network.layers[0].values, model.x[row, :-1])
    expected = answers(model, model.examples.x[row : row + 1])[0]
    np.testing.assert_allclose(network.layers[-1].values, expected, rtol=1e-9)
    assert all(layer.values.shape == (len(layer.units),) for layer in network.layers)


def test_what_a_neuron_sees_has_north_at_the_top() -> None:
    model = build("features=x2", "layers=1")
    model.assign("layer1.W", (0, 0), 5.0)
    seen = picture(model, Pictures)
    assert seen.captions == ["a1[0]"] and seen.images.shape == (1, 24, 24) and (seen.low, seen.high) == (-1.0, 1.0)
    assert seen.images[0, 0].min() > 0.99 and seen.images[0, -1].max() < -0.99


def test_many_neurons_are_not_all_shown() -> None:
    seen = picture(build("layers=64,64", "activation=relu"), Pictures)
    assert len(seen.images) == len(seen.captions) == 64 and "64 of 128" in seen.title
    assert seen.low == 0.0 and seen.high == seen.images.max()


def test_digits_are_pictures_and_so_are_their_weights() -> None:
    model = build("dataset=digits", "layers=12")
    train(model, 1)
    digit, weights = picture(model, Pictures), picture(model, Pictures, 1)
    assert digit.numbers and digit.images.shape == (1, 8, 8)
    assert (digit.images[0].ravel() == model.x[model.rows[0], :-1]).all()
    assert weights.images.shape == (12, 8, 8)
    assert (weights.images[3].ravel() == model.parameters()[0].value[:, 3]).all()
    assert [view.kind for view in model.views()] == ["pictures", "network", "pictures", "matrix", "table"]


def test_confusion_and_table_count_what_is_true() -> None:
    model = build("dataset=digits", "layers=")
    train(model, 90)
    held = slice(model.examples.trained, None)
    said = answers(model, model.examples.x[held]).argmax(axis=1)
    pairs = Counter(zip(model.examples.labels[held].astype(int).tolist(), said.tolist(), strict=True))
    confusion, table = picture(model, Matrix), picture(model, Table)
    assert all(confusion.values[i, j] == pairs[i, j] for i in range(10) for j in range(10))
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["accuracy"][1] == pytest.approx(np.trace(confusion.values) / confusion.values.sum())
    assert rows["loss"] == [model.metrics["training_loss"], model.metrics["held_out_loss"]]
    assert rows["accuracy"] == [model.metrics["accuracy"], model.metrics["held_out_accuracy"]]
    assert rows["parameters"][0] == 650


def twins(*words: str) -> Any:
    return next(row[1] for row in picture(build(*words), Table).rows if str(row[0]).startswith("networks"))


def test_networks_that_compute_the_same_are_counted() -> None:
    assert twins() == 24 * 16 * 2 * 4 and twins("layers=") == 1 and twins("layers=2") == 8
    assert twins("activation=relu") == "infinitely many" and twins("layers=64,64") == "10^217"
    model = build()
    before = answers(model, model.examples.x)
    (w1, b1, w2, *_) = (parameter.value for parameter in model.parameters())
    w1[:, [0, 1]], b1[[0, 1]], w2[[0, 1]] = w1[:, [1, 0]], b1[[1, 0]], w2[[1, 0]]
    w1[:, 2], b1[2], w2[2] = -w1[:, 2], -b1[2], -w2[2]
    np.testing.assert_allclose(answers(model, model.examples.x), before, atol=1e-14)


@pytest.mark.parametrize("words", [(), ("dataset=digits",), ("layers=64,64,64,64,64,64",)])
def test_huge_weights_raise_nothing(words: tuple[str, ...]) -> None:
    model = build(*words)
    with np.errstate(all="ignore"):
        train(model, 1)
    for size in (1e150, -1e300, np.inf, np.nan):
        model.assign("layer1.W", (0, 0), size)
        with np.errstate(all="ignore"):
            model.refresh()
        with np.errstate(all="raise"):
            model.views(), model.notes(), model.operations()


def test_views_are_cheap() -> None:
    model = build("dataset=spiral")
    train(model, 3)
    model.views()
    times = []
    for _ in range(20):
        start = time.perf_counter()
        model.views(), model.notes()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.003


# Remarks


def notes(model: Any, epochs: int) -> list[str]:
    with np.errstate(all="ignore"):
        train(model, epochs * model.steps_per_epoch)
    return list(model.notes())


def test_nothing_is_said_of_a_network_that_learns_well() -> None:
    model = build()
    assert model.notes() == [] and notes(model, 30) == []


def test_dead_units_are_counted() -> None:
    model = build("activation=relu")
    for name, index in (("layer1.b", (2,)), ("layer2.b", (0,))):
        model.assign(name, index, -1e3)
    first, second = model.notes()
    assert first.startswith("1 of 4 ReLU neurons of layer 1 are dead (a1[2]): they say 0 to all 250")
    assert second.startswith("1 of 2 ReLU neurons of layer 2 are dead (a2[0])")


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_saturation_is_measured(activation: str) -> None:
    model = build(f"activation={activation}", "layers=2")
    for unit in (0, 1):
        model.assign("layer1.b", (unit,), 100.0 if unit else -100.0)
    assert model.notes()[0].startswith("Layer 1 is saturated: 100% of its outputs have ")
    model.assign("layer1.b", (0,), 0.0)
    assert not any("saturated" in note for note in model.notes())


def test_vanishing_and_exploding_gradients_are_named() -> None:
    vanishing = notes(build("activation=sigmoid", "layers=4,4,4,4,4,4"), 1)
    assert any(note.startswith("The gradient vanishes on its way back") for note in vanishing)
    model = build("dataset=reg-plane", "activation=linear", "layers=4,4", "learning_rate=0")
    assert not any("on its way back" in note for note in notes(model, 1))
    model.weights.part("layer3.W", model.weights.values)[...] = 1e6
    assert any(note.startswith("The gradient explodes on its way back") for note in notes(model, 1))


def test_a_plateau_is_called_one() -> None:
    still = build("learning_rate=0", "batch_size=all")
    assert not any("Plateau" in note for note in notes(still, 19))
    assert any("Plateau: in 20 epochs the training loss moved by 0 only" in note for note in notes(still, 1))


def test_overfitting_is_told_with_its_numbers() -> None:
    model = build("dataset=moons", "noise=30", "samples=60", "layers=32,32", "optimizer=adam")
    said = next(note for note in notes(model, 60) if note.startswith("Overfitting"))
    assert f"to {model.metrics['held_out_loss']:.4g}, while the training loss fell" in said


def test_divergence_is_told() -> None:
    model = build("dataset=reg-plane", "layers=", "learning_rate=0.2", "batch_size=all")
    assert any("overshoots" in note for note in notes(model, 5))


def test_twins_are_told_apart_from_others() -> None:
    said = notes(build("initialisation=zero"), 2)
    assert [note[:24] for note in said if "same weights" in note] == [
        f"All {n} neurons of layer {i}" for n, i in [(4, 1), (2, 2)]
    ]


def test_a_class_without_training_examples_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sorted.csv"
    path.write_text("a,b\n" + "".join(f"{i},{'u' if i < 20 else 'v'}\n" for i in range(40)))
    assert "No training example is of class 1: v" in build("shuffle=off", data=path).notes()[0]
    assert build(data=path).notes() == []


def test_remarks_are_the_same_after_going_back() -> None:
    model = build("dataset=moons", "noise=30", "samples=60", "layers=32,32", "optimizer=adam")
    notes(model, 70)
    state, said = model.state(), model.notes()
    notes(model, 10)
    model.restore(state)
    assert model.notes() == said


# The script


@pytest.mark.parametrize(
    "words",
    [
        ("dataset=circle", "features=x1,x2,x1²,x2²,x1·x2,sin x1,sin x2", "standardise=on"),
        ("dataset=moons", "layers=3", "activation=sigmoid"),
        ("dataset=reg-gauss", "layers=5,4,3", "activation=relu,linear,tanh"),
        ("dataset=digits", "layers=8"),
        ("layers=",),
    ],
)
def test_the_script_computes_the_same(tmp_path: Path, words: tuple[str, ...]) -> None:
    model = build(*words)
    train(model, 50)
    assert_same_outputs(model, tmp_path)


def assert_same_outputs(model: Any, folder: Path) -> None:
    script = folder / "network.py"
    script.write_text(model.script(), encoding="utf-8")
    x = model.examples.x[model.examples.trained :]
    rows = "\n".join(",".join(map(repr, row)) for row in x.tolist())
    found = subprocess.run([sys.executable, script], input=rows, capture_output=True, text=True, check=True, cwd=folder)
    outputs = [line.split(",") for line in found.stdout.splitlines()]
    expected = answers(model, x) * model.task.scale + model.task.shift
    width = model.task.outputs
    np.testing.assert_allclose([list(map(float, row[:width])) for row in outputs], expected, atol=1e-6)
    if model.task.classes:
        said = [model.task.classes[int(i)] for i in model.task.decide(answers(model, x))]
        assert [",".join(row[width:]) for row in outputs] == said


def test_the_script_of_a_hostile_file_is_only_data(tmp_path: Path) -> None:
    path = tmp_path / "hostile.csv"
    names = '"""+str(1/0)+""",{braces},{0}'
    path.write_text(f'"{names.replace(chr(34), chr(34) * 2)}",b,"l""\\"\n' + '1,2,"a\'""\\"\n3,5,{x}\n4,4,u\n' * 4)
    model = build("batch_size=2", data=path)
    train(model, 3)
    assert_same_outputs(model, tmp_path)


def test_a_number_is_told_in_its_own_units(tmp_path: Path) -> None:
    path = tmp_path / "price.csv"
    path.write_text("a,b,price\n" + "".join(f"{i},{i % 5},{1000 + 7.3 * i}\n" for i in range(50)))
    model = build("optimizer=adam", data=path)
    train(model, 200)
    assert_same_outputs(model, tmp_path)
    assert picture(model, Region).z.mean() > 900


# The lesson


def test_the_lesson_is_short_and_true() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(Markdown(CARD.lesson))
    assert 2 * 24 <= console.export_text().count("\n") <= 5 * 24
    scores = np.exp([1.0, 3.0, 0.0])
    listed = ", ".join(f"{p:.2f}" for p in (scores / scores.sum())[:2])
    assert listed in CARD.lesson and f"{-np.log(scores / scores.sum())[1]:.2f} if it was a cat" in CARD.lesson
    assert f"{-np.log(scores / scores.sum())[2]:.2f} if it was a bird" in CARD.lesson
    assert str(int(twins())) in CARD.lesson and "`0: dog, 1: cat, 2: bird`" in CARD.lesson


def test_what_the_lesson_lets_one_try_happens() -> None:
    def reached(*words: str) -> float:
        model = build("dataset=xor", "learning_rate=0.3", *words)
        train(model, 200 * model.steps_per_epoch)
        return float(model.metrics["accuracy"])

    assert reached("layers=") < 0.8 and 0.7 < reached("layers=2") < 0.99 and reached("layers=4") > 0.95
    assert any("dead" in note for note in notes(build("activation=relu", "learning_rate=3"), 20))
    moons = ("dataset=moons", "noise=30", "samples=60", "layers=32,32", "optimizer=adam")
    wild, tame = build(*moons), build(*moons, "l2=0.3")
    notes(wild, 100), notes(tame, 100)
    assert tame.metrics["held_out_loss"] < 0.7 * wild.metrics["held_out_loss"]
