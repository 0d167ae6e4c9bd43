"""The multi-layer perceptron: the numbers of TensorFlow Playground and of torch, exact in time, of any shape."""

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.scenarios.networks import build, same, train
from tests.scenarios.playground import Playground
from tui_lab.lab.descent import MomentumDescent
from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Moment, Scenario
from tui_lab.trainer.loading import initialise


def playground_of(model: Any) -> Playground:
    """nn.ts with the weights that the model has now."""
    values = {parameter.name: parameter.value for parameter in model.parameters()}
    numbers = range(1, len(model.widths))
    weights = [values[f"layer{i}.W"].T.tolist() for i in numbers]
    return Playground(weights, [values[f"layer{i}.b"].tolist() for i in numbers])


# What it computes


@pytest.mark.parametrize(
    ("words", "epochs"), [(("dataset=circle",), 400), (("dataset=spiral", "noise=10", "layers=3,2"), 2000)]
)
def test_all_epochs_are_those_of_playground(words: tuple[str, ...], epochs: int) -> None:
    model = build("shuffle=off", *words)
    theirs = playground_of(model)
    examples = [(x[:-1].tolist(), float(y[0])) for x, y in zip(model.x[:250], model.y[:250], strict=True)]
    for _ in range(epochs):
        theirs.epoch(examples, 0.03, 10)
    train(model, 25 * epochs)
    np.testing.assert_allclose(model.weights.values, theirs.parameters(), rtol=0, atol=1e-12)
    assert model.metrics["accuracy"] > 0.6


def test_a_file_in_its_own_order_with_given_weights_is_what_playground_would_do(tmp_path: Path) -> None:
    source = build("dataset=gauss", "shuffle=off", "noise=25", seed=5)
    rows = np.column_stack([source.examples.x, 2 * source.examples.labels - 1])
    data, init = tmp_path / "points.csv", tmp_path / "weights.json"
    data.write_text("x1,x2,label\n" + "\n".join(",".join(map(repr, row)) for row in rows.tolist()))
    init.write_text(json.dumps({p.name: p.value.tolist() for p in source.parameters()}))
    words = ("shuffle=off", "standardise=off", "loss=squared")
    model = build(*words, data=data, seed=9)
    assert (model.examples.x == source.examples.x).all() and model.examples.trained == 250
    assert not (model.weights.values == source.weights.values).all()
    initialise(model, init)
    assert train(model, 100) == train(source, 100)
    assert (model.weights.values == source.weights.values).all()


def test_weights_of_the_wrong_shape_are_refused(tmp_path: Path) -> None:
    init = tmp_path / "weights.json"
    init.write_text(json.dumps({"layer1.W": [[1.0, 2.0], [3.0, 4.0]]}))
    with pytest.raises(BadInput, match=r"'layer1.W' has shape \[2, 2\] in .*, but \[2, 4\] in this model"):
        initialise(build(), init)


LOSSES: dict[str, Any] = {
    "squared": lambda outputs, y: 0.5 * ((outputs - y) ** 2).sum() / len(y),
    "sigmoid": lambda scores, y: torch.nn.functional.binary_cross_entropy_with_logits(scores, y),
    "softmax": lambda scores, y: torch.nn.functional.cross_entropy(scores, y),
}


@pytest.mark.parametrize(
    ("words", "loss"),
    [
        (("dataset=circle", "activation=tanh"), "squared"),
        (("dataset=xor", "activation=relu,sigmoid", "optimizer=momentum", "initialisation=he"), "squared"),
        (("dataset=reg-gauss", "activation=linear", "layers=5", "optimizer=rmsprop"), "squared"),
        (("dataset=moons", "optimizer=adam", "layers=3,3,3", "initialisation=xavier"), "sigmoid"),
        (("dataset=spiral", "layers=", "loss=cross-entropy", "features=x1,x2,x1^2,sin x2"), "sigmoid"),
        (("dataset=digits", "layers=16", "activation=relu", "initialisation=xavier"), "softmax"),
        (("dataset=digits", "layers=", "loss=squared", "optimizer=adam"), "squared"),
    ],
)
def test_the_trajectory_is_that_of_torch(words: tuple[str, ...], loss: str) -> None:
    model = build("learning_rate=0.01", *words)
    names: dict[str, Any] = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "linear": lambda x: x}
    tensors = [torch.tensor(parameter.value, requires_grad=True) for parameter in model.parameters()]
    kind = next((word.partition("=")[2] for word in words if word.startswith("optimizer")), "sgd")
    optimizers: dict[str, Any] = {
        "sgd": lambda: torch.optim.SGD(tensors, lr=0.01),
        "momentum": lambda: torch.optim.SGD(tensors, lr=0.01, momentum=0.9),
        "rmsprop": lambda: torch.optim.RMSprop(tensors, lr=0.01),
        "adam": lambda: torch.optim.Adam(tensors, lr=0.01),
    }
    optimizer = optimizers[kind]()
    for _ in range(60):
        rows = model.batches.rows(model.optimizer.steps)
        x, y = torch.tensor(model.x[rows, :-1]), torch.tensor(model.y[rows])
        for i, name in enumerate(model.activations):
            x = names[name](x @ tensors[2 * i] + tensors[2 * i + 1])
        x = x @ tensors[-2] + tensors[-1]
        wrong = LOSSES[loss](torch.tanh(x) if model.task.output_name == "tanh" else x, y)
        optimizer.zero_grad()
        wrong.backward()
        optimizer.step()
        metrics = train(model, 1)[0]
        assert metrics["loss"] == pytest.approx(wrong.item(), rel=1e-11, abs=1e-14)
        expected = np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors])
        np.testing.assert_allclose(model.weights.values, expected, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize(
    "words",
    [
        ("dataset=circle",),
        ("dataset=reg-plane", "layers=", "l1=0.1"),
        ("dataset=moons", "layers=3,3"),
        ("dataset=xor", "layers=6,5,4,3,2,1", "activation=sigmoid", "features=x1,x2,x1²,x2²,x1·x2,sin x1,sin x2"),
    ],
)
def test_gradients_are_those_of_differences(words: tuple[str, ...]) -> None:
    model = build(*words)
    train(model, 3)
    checks = model.check_gradients()
    assert len(checks) == model.weights.values.size
    for check in checks:
        assert check.numeric == pytest.approx(check.analytic, rel=1e-5, abs=1e-8), check


def test_metrics_of_steps_and_of_epochs() -> None:
    model = build("samples=100", "batch_size=20")
    metrics = train(model, 6)
    assert model.steps_per_epoch == 3  # 20, 20 and 10
    assert [list(each) for each in metrics[:2]] == [["loss", "grad_norm"]] * 2
    whole = ["loss", "grad_norm", "training_loss", "accuracy", "held_out_loss", "held_out_accuracy"]
    assert list(metrics[2]) == list(metrics[5]) == whole
    assert list(train(build("dataset=reg-plane", "batch_size=all"), 1)[0]) == [
        "loss",
        "grad_norm",
        "training_loss",
        "held_out_loss",
    ]
    assert "held_out_loss" not in train(build("train_share=100", "batch_size=all"), 1)[0]


def test_evaluation_in_pieces_is_that_of_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build("dataset=digits", "layers=4")
    expected = model.evaluation.now()
    module = sys.modules[type(model.evaluation).__module__]
    monkeypatch.setattr(module, "_AT_ONCE", 100)
    pieces = type(model.evaluation)(model)
    assert pieces.training.pieces == 9
    assert pieces.now() == pytest.approx(expected, rel=1e-12)


def test_digits_are_learned() -> None:
    model = build("dataset=digits", "layers=32", "activation=relu", "learning_rate=0.3")
    train(model, 20 * model.steps_per_epoch)
    assert model.metrics["held_out_accuracy"] > 0.95


# Time


def moments(model: Scenario, finely: Iterator[bool]) -> Iterator[Moment]:
    """A step whose grain changes from moment to moment."""
    model.stop_at_operations = next(finely)
    for moment in model.step():
        yield moment
        model.stop_at_operations = next(finely)


OPTIMIZERS = [
    (f"optimizer={name}", *words) for name in ("sgd", "momentum", "rmsprop", "adam") for words in [("l1=0.01",)]
]


@pytest.mark.parametrize("words", [("batch_size=32",), ("dataset=digits", "layers=8"), *OPTIMIZERS])
def test_going_back_and_on_repeats_every_bit(words: tuple[str, ...]) -> None:
    model = build(*words)
    states, metrics = [model.state()], []
    for _ in range(60):
        metrics += train(model, 1)
        states.append(model.state())
    for step in (0, 1, 24, 25, 26, 59):
        model.restore(states[step])
        assert same(model.state(), states[step])
        assert train(model, 60 - step) == metrics[step:]
        assert same(model.state(), states[-1])
    there = build(*words)
    there.restore(states[30])
    assert train(there, 30) == metrics[30:]


@pytest.mark.parametrize("words", [("batch_size=32",), ("dataset=digits", "layers=8,8"), ("optimizer=adam", "l2=0.1")])
def test_the_grain_changes_no_number(words: tuple[str, ...]) -> None:
    coarse, fine, mixed = (build(*words) for _ in range(3))
    flips = np.random.default_rng(0)
    for _ in range(30):
        list(moments(coarse, itertools.repeat(False)))
        places = [moment.operation for moment in moments(fine, itertools.repeat(True))]
        assert places == list(range(len(fine.operations())))
        list(moments(mixed, (bool(flips.integers(2)) for _ in itertools.count())))
        assert coarse.metrics == fine.metrics == mixed.metrics
        assert coarse.operations() == fine.operations() == mixed.operations()
    assert same(coarse.state(), fine.state()) and same(coarse.state(), mixed.state())


def test_looking_changes_no_number() -> None:
    watched, alone = build("batch_size=16"), build("batch_size=16")
    for _ in range(20):
        for _ in watched.step():
            watched.views(), watched.notes(), watched.operations(), watched.check_gradients(), watched.script()
        train(alone, 1)
        assert same(watched.state(), alone.state()) and watched.metrics == alone.metrics
        assert watched.operations() == alone.operations()


def test_without_shuffling_every_epoch_has_the_same_order() -> None:
    steady, shuffled = build("shuffle=off"), build()
    assert [steady.batches.rows(step).tolist() for step in (0, 25)] == [list(range(10))] * 2
    assert shuffled.batches.rows(0).tolist() != shuffled.batches.rows(25).tolist()


def test_a_weight_edited_by_hand_shows_at_once() -> None:
    model = build()
    train(model, 25)
    before, views = model.metrics, model.views()
    model.assign("layer1.W", (1, 3), 5.0)
    model.refresh()
    assert model.metrics["loss"] != before["loss"] and model.metrics["accuracy"] != before["accuracy"]
    assert (model.views()[0].z != views[0].z).any() and model.views()[1].weights[0][1, 3] == 5.0
    assert train(model, 1)[0]["loss"] > 0


def test_live_hyperparameters() -> None:
    model = build("optimizer=momentum")
    model.change("learning_rate", 0.0)
    model.change("momentum", 0.5)
    start = model.weights.values.copy()
    train(model, 3)
    assert (model.weights.values == start).all()
    assert isinstance(model.optimizer, MomentumDescent) and model.optimizer.momentum == 0.5
    with pytest.raises(NotImplementedError):
        model.change("layers", "3")
    with pytest.raises(BadInput, match="optimizer=momentum"):
        build().change("momentum", 0.5)


def test_seeds_draw_weights_and_data_seeds_draw_data() -> None:
    first, second, other = build(seed=0), build(seed=1), build("data_seed=1", seed=0)
    assert (first.x == second.x).all() and (first.weights.values != second.weights.values).any()
    assert (first.x != other.x).any() and (first.weights.values == other.weights.values).all()


# Shapes and settings


@pytest.mark.parametrize(
    ("words", "widths"),
    [
        (("layers=",), [2, 1]),
        (("layers=64,64,64,64,64,64",), [2, 64, 64, 64, 64, 64, 64, 1]),
        (("layers= 3 , 1 ", "dataset=digits"), [64, 3, 1, 10]),
        (("features=sin x1",), [1, 4, 2, 1]),
    ],
)
def test_widths(words: tuple[str, ...], widths: list[int]) -> None:
    model = build(*words)
    assert model.widths == widths
    shapes = [parameter.value.shape for parameter in model.parameters()]
    assert shapes == [shape for k, m in itertools.pairwise(widths) for shape in ((k, m), (m,))]
    train(model, 2)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("layers=" + ",".join(["2"] * 64),), "64 hidden layers: give 0 to 6 hidden layers of 1 to 64 neurons"),
        (("layers=65",), "a layer of 65 neurons: give 0 to 6"),
        (("layers=4,0",), "a layer of 0 neurons"),
        (("layers=4,-2",), "layers cannot be '4,-2'"),
        (("layers=4,,2",), "layers cannot be '4,,2'"),
        (("layers=²",), "layers cannot be '²'"),
        (("layers=" + "9" * 5000,), "a layer of 9999"),
        (("activation=tnah",), "did you mean 'tanh'"),
        (("activation=tanh,relu,tanh",), "3 names for 2 hidden layers"),
        (("batch_size=251",), "batch_size is 251, but there are only 250 training examples: give 250 or fewer, or all"),
        (("features=x1,x3",), "features has no 'x3'"),
        (("features=x1,x1",), "each feature once"),
        (("dataset=digits", "features=x1,sin x2"), "made from two inputs, but digits has 64"),
        (("dataset=reg-plane", "loss=cross-entropy"), "cross-entropy needs classes: set loss=squared"),
        (("samples=4", "train_share=10"), "which of 4 examples leaves none"),
    ],
)
def test_settings_that_cannot_be(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        build(*words)
    assert sentence in str(caught.value) and len(str(caught.value)) < 300 and "\n" not in str(caught.value)
