"""What the network learns from: data sets by their formulas, digits, files of any kind, and what is refused of them."""

import builtins
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scenarios.networks import build, train
from tui_lab.lab.errors import BadInput

DATA = importlib.import_module("tui_lab.scenarios.mlp.playground_data")


def drawn(name: str, noise: float = 0.0, n: int = 2000, seed: int = 0) -> Any:
    return {**DATA.CLASSES, **DATA.NUMBERS}[name](n, noise, np.random.default_rng(seed))


# Formulas


def test_circle() -> None:
    x, label = drawn("circle")
    radius = np.hypot(*x.T)
    assert label.tolist() == [1.0] * 1000 + [0.0] * 1000
    assert radius[:1000].max() < 2.5 and radius[1000:].min() >= 3.5 and radius.max() < 5
    assert radius[:1000].mean() == pytest.approx(1.25, abs=0.1) and radius[1000:].mean() == pytest.approx(4.25, abs=0.1)


def test_xor() -> None:
    x, label = drawn("xor")
    assert np.abs(x).min() >= 0.3 and np.abs(x).max() <= 5.3
    assert (label == (x[:, 0] * x[:, 1] >= 0)).all() and 0.4 < label.mean() < 0.6


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.25, 2.25), (0.5, 4.0)])
def test_gauss(noise: float, variance: float) -> None:
    x, label = drawn("gauss", noise, 20_000)
    for value, centre in ((1.0, 2.0), (0.0, -2.0)):
        cloud = x[label == value]
        assert len(cloud) == 10_000
        np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=0.08)
        np.testing.assert_allclose(cloud.var(axis=0), variance, rtol=0.06)


def test_spiral() -> None:
    x, label = drawn("spiral", n=500)
    i = np.arange(250)
    for arm, shift in ((x[:250], 0.0), (x[250:], np.pi)):
        radius, turn = 5 * i / 250, 1.75 * i / 250 * 2 * np.pi + shift
        np.testing.assert_allclose(arm, np.stack([radius * np.sin(turn), radius * np.cos(turn)], axis=1), atol=1e-12)
    assert label.tolist() == [1.0] * 250 + [0.0] * 250


def test_moons() -> None:
    x, label = drawn("moons")
    centre = np.where(label[:, None] == 1, [-1.5, -0.75], [1.5, 0.75])
    away = x - centre
    np.testing.assert_allclose(np.hypot(*away.T), 3.0)
    assert ((away[:, 1] >= 0) == (label == 1)).all()


def test_plane() -> None:
    x, label = drawn("reg-plane")
    np.testing.assert_allclose(label, x.sum(axis=1) / 10)
    assert np.abs(x).max() <= 6 and np.abs(label).max() <= 1.2


def test_bumps() -> None:
    x, label = drawn("reg-gauss")
    for point, value in zip(x, label, strict=True):
        heights = [
            sign * min(max(1 - np.hypot(point[0] - a, point[1] - b) / 2, 0), 1)
            for a, b, sign in [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
        ]
        assert value == pytest.approx(max(heights, key=abs))


@pytest.mark.parametrize("name", ["circle", "xor"])
def test_noise_turns_labels_and_moves_no_point(name: str) -> None:
    clean, noisy = drawn(name), drawn(name, 0.5)
    assert (clean[0] == noisy[0]).all()
    assert 0.05 < np.mean(clean[1] != noisy[1]) < 0.5


@pytest.mark.parametrize("name", ["spiral", "moons"])
def test_noise_moves_points_and_turns_no_label(name: str) -> None:
    clean, noisy = drawn(name), drawn(name, 0.1)
    assert (clean[1] == noisy[1]).all()
    moved = np.abs(noisy[0] - clean[0])
    assert 0.01 < moved.mean() < 0.5 and (name == "moons" or moved.max() <= 0.1)


@pytest.mark.parametrize("name", [*DATA.CLASSES, *DATA.NUMBERS])
@pytest.mark.parametrize("n", [1, 2, 5, 501])
def test_any_number_of_points(name: str, n: int) -> None:
    x, label = drawn(name, 0.25, n)
    assert x.shape == (n, 2) and label.shape == (n,) and np.isfinite(x).all()
    assert (drawn(name, 0.25, n)[0] == x).all() and (drawn(name, 0.25, n, seed=1)[0] != x).any()


def test_sizes_and_shares() -> None:
    assert [len(build(f"dataset={name}").x) for name in ("circle", "reg-plane", "digits")] == [500, 1200, 1797]
    model = build("samples=300", "train_share=10")
    assert (model.examples.trained, model.examples.held_out) == (30, 270)
    assert sorted(set(model.examples.labels[:30].tolist())) == [0, 1]  # shuffled before they are divided
    assert build("train_share=100").examples.held_out == 0


def test_features_of_playground() -> None:
    model = build("features=x1, x2, x1^2, x2², x1*x2, sin(x1), sin x2")
    first, second = model.examples.x.T
    expected = [first, second, first**2, second**2, first * second, np.sin(first), np.sin(second)]
    np.testing.assert_array_equal(model.x[:, :-1], np.stack(expected, axis=1))
    assert model.features.names == ["x1", "x2", "x1²", "x2²", "x1·x2", "sin x1", "sin x2"]


def test_standardising_uses_training_examples_only() -> None:
    model = build("standardise=on", "dataset=gauss", "noise=50", "features=x1,x1^2")
    trained = model.x[: model.examples.trained, :-1]
    np.testing.assert_allclose(trained.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(trained.std(axis=0), 1)
    assert (model.x[:, -1] == 1).all()


def test_digits_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("sklearn"):
            raise ImportError(name)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(BadInput, match="pip install scikit-learn"):
        build("dataset=digits")


# Files

ANIMALS = "weight,legs,label\n30,4,dog\n4,4,cat\n0.1,2,bird\n25,4,dog\n5,4,cat\n0.2,2,bird\n"


def written(folder: Path, content: str) -> Path:
    path = folder / "animals.csv"
    path.write_text(content)
    return path


def test_classes_as_text(tmp_path: Path) -> None:
    model = build("batch_size=all", "shuffle=off", data=written(tmp_path, ANIMALS))
    assert model.examples.class_names == ["0: dog", "1: cat", "2: bird"]
    assert model.task.output_name == "softmax" and model.features.names == ["weight", "legs"]
    assert model.examples.labels.tolist() == [0, 1, 2, 0, 1, 2] and model.examples.trained == 3
    train(model, 300)
    assert model.metrics["accuracy"] == 1.0
    confusion = next(view for view in model.views() if view.kind == "matrix")
    assert confusion.rows == ["0: dog", "1: cat", "2: bird"] and confusion.values.sum() == 3


def test_two_classes_have_one_output(tmp_path: Path) -> None:
    path = written(tmp_path, "x,y,z,label\n" + "1,2,3,yes\n2,1,0,no\n" * 6)
    model = build("batch_size=2", data=path)
    assert model.widths == [3, 4, 2, 1] and model.task.output_name == "sigmoid"
    squared = build("batch_size=2", "loss=squared", data=path)
    assert squared.task.output_name == "tanh" and set(squared.y.ravel()) == {-1.0, 1.0}
    assert [view.kind for view in model.views()] == ["network", "matrix", "table"]


def test_labels_that_are_numbers_are_classes_by_size(tmp_path: Path) -> None:
    model = build("batch_size=2", data=written(tmp_path, "a,b\n" + "1,3\n2,1\n3,2.0\n4,1\n" * 3))
    assert model.examples.class_names == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ((), [f"{0.37 * i:.3f}" for i in range(40)]),
        (("loss=squared",), [str(i % 7) for i in range(40)]),
        ((), [str(i) for i in range(70)]),
    ],
)
def test_a_number_to_predict(tmp_path: Path, words: tuple[str, ...], labels: list[str]) -> None:
    path = written(tmp_path, "x,price\n" + "".join(f"{i % 13},{label}\n" for i, label in enumerate(labels)))
    model = build("optimizer=adam", *words, data=path)
    assert model.task.output_name == "linear" and model.examples.classes == []
    trained = model.examples.labels[: model.examples.trained]
    np.testing.assert_allclose(model.y[: len(trained), 0], (trained - trained.mean()) / trained.std())
    train(model, 200)
    said = model.task.decide(model.evaluation.training.run(0)[0].answers)
    assert np.abs(said - trained).mean() < np.abs(trained - trained.mean()).mean()


def test_the_label_column_and_the_inputs_are_chosen_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "kind,a,b,c\n" + "u,1,2,3\nv,4,5,7\n" * 4)
    model = build("y=kind", "features=c,a", "batch_size=1", data=path)
    assert model.features.names == ["c", "a"] and model.examples.class_names == ["0: u", "1: v"]
    assert build("y=kind", "batch_size=1", data=path).features.names == ["a", "b", "c"]
    with pytest.raises(BadInput, match="no column 'd'"):
        build("y=kind", "features=d", data=path)


def test_playground_features_of_a_file_with_two_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,c\n" + "1,2,u\n3,4,v\n5,7,u\n8,6,v\n" * 3)
    model = build("features=x1^2,x1*x2", "standardise=off", "batch_size=1", "shuffle=off", data=path)
    assert model.x[0].tolist() == [1, 2, 1] and model.features.names == ["x1²", "x1·x2"]


def test_control_characters_are_shown_harmless(tmp_path: Path) -> None:
    path = written(tmp_path, "a\x1b[2J,b\n" + "1,\x1b[31mred\n2,[bold]\u202ered\n" * 4)
    model = build("batch_size=1", data=path)
    texts = [*model.examples.class_names, *model.features.names, *model.notes(), model.views()[0].example]
    assert all(text.isprintable() for text in texts)
    assert model.examples.class_names == ["0: �[31mred", "1: [bold]�red"]


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        ("a,b\n1,u\n2,u\n", (), "Column 'b' of animals.csv has the same label, u, in every row"),
        ("a,b\n1,7\n2,7.0\n", (), "has the same label, 7, in every row"),
        ("a,b\n1,u\nnan,v\n", (), "Column 'a' of animals.csv is nan on line 3"),
        ("a,b\n1,2\n3,nan\n", (), "Column 'b' of animals.csv is nan on line 3"),
        ("a,b\n1,u\n2,\n", (), "is empty on line 3"),
        ("a,b\n1,u\ntwo,v\n", (), "Column 'a' of animals.csv is 'two' on line 3"),
        ("a,b\n" + "5,u\n5,v\n" * 5, (), "'a' of animals.csv has the same value, 5, in every training example"),
        ("a,b\n" + "".join(f"1,u{i}\n" for i in range(80)), (), "80 different labels: at most 64 classes"),
        ("b\nu\nv\n", (), "no column of numbers beside the labels"),
        ("a,b\n1e200,u\n2,v\n", (), "too large to be squared"),
        ("a,b\n1,u\n2,v\n", ("standardise=off",), "batch_size is 10, but there is only 1 training example"),
        ("a,b,c\n1,2,u\n3,4,v\n", ("y=d",), "no column 'd'"),
        ("a,b,d,c\n1,2,3,u\n3,4,5,v\n", ("features=x1^2",), "made from two inputs, but animals.csv has 3"),
        (
            "a,b\n1,2.5\n2,2.5\n3,2.5\n4,7\n5,8\n6,9",
            ("loss=squared", "shuffle=off"),
            "'b' of animals.csv is 2.5 in every training example: there is nothing to learn",
        ),
        ("", (), "is empty"),
    ],
)
def test_what_cannot_be_learned_from_is_named(
    tmp_path: Path, content: str, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(BadInput) as caught:
        build(*words, data=written(tmp_path, content))
    said = str(caught.value)
    assert sentence in said and said.isprintable() and len(said) < 300


def test_constant_columns_may_stay_without_standardising(tmp_path: Path) -> None:
    model = build("standardise=off", "batch_size=1", data=written(tmp_path, "a,b\n" + "5,u\n5,v\n" * 5))
    train(model, 10)
    assert np.isfinite(model.metrics["loss"]) and model.views()[0].kind == "network"
