"""How fast a 2-4-2-1 tanh network learns 250 spiral points in batches of 10: whole epochs, and training alone beside
the same arithmetic in a tuned numpy loop and in torch.

Plain Python is `tests.scenarios.playground`, which computes what TensorFlow Playground does in each of its epochs.
"""

import importlib
import math
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch

from tests.benchmarks.figure import Figure, alternate, ratio, seconds
from tests.scenarios.playground import Playground
from tui_lab.lab.scenario import Array
from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

RATE, BATCH, GRID, ROUNDS = 0.03, 10, 100, 7
EPOCHS, PLAIN_EPOCHS, TORCH_EPOCHS = 800, 2, 20
WORDS = ["dataset=spiral", "layers=4,2", f"batch_size={BATCH}", f"learning_rate={RATE}", "shuffle=off"]


def built() -> Any:
    """The scenario, in Playground's order of examples."""
    card = scenario("mlp")
    model = importlib.import_module(card.module).MultiLayerPerceptron()
    model.build({**settings_of(card, WORDS), "data": None}, 0, "cpu")
    return model


def initial(model: Any) -> list[tuple[Any, Any]]:
    """(W, b) of each layer, copied."""
    values = {parameter.name: parameter.value.copy() for parameter in model.parameters()}
    return [(values[f"layer{i}.W"], values[f"layer{i}.b"]) for i in (1, 2, 3)]


def scenario_epochs(model: Any, boundary: bool) -> Callable[[], float]:
    """Epochs a second of the scenario; it evaluates both losses in each, and computes the boundary where asked to."""

    def run() -> float:
        def work() -> None:
            for _ in range(EPOCHS):
                for _ in range(model.steps_per_epoch):
                    for _ in model.step():
                        pass
                if boundary:
                    model.pictures.region()

        return EPOCHS / seconds(work)

    return run


def plain_epochs(model: Any) -> Callable[[], float]:
    """Epochs a second of the same work point by point."""
    layers = initial(model)
    network = Playground([weights.T.tolist() for weights, _ in layers], [biases.tolist() for _, biases in layers])
    rows = [(x[:2].tolist(), float(y[0])) for x, y in zip(model.x, model.y, strict=True)]
    trained = rows[: model.examples.trained]
    lines = [np.linspace(low, high, GRID).tolist() for low, high in model.pictures.axes]

    def epoch() -> None:
        network.epoch(trained, RATE, BATCH)
        for part in (trained, rows[len(trained) :]):
            sum(0.5 * (network.forward(x) - y) ** 2 for x, y in part)
        for second in lines[1]:
            for first in lines[0]:
                network.forward((first, second))

    return repeated(epoch, PLAIN_EPOCHS)


class NumpyLoop:
    """Training as one writes it in numpy when nobody is looking and every microsecond counts: all buffers made once,
    all parameters in one vector."""

    def __init__(self, model: Any) -> None:
        self.x, self.y = model.x[: model.examples.trained, :2].copy(), model.y[: model.examples.trained]
        layers = initial(model)
        self.values = np.concatenate([part.ravel() for layer in layers for part in layer])
        self.slopes, self.moves = np.zeros_like(self.values), np.zeros_like(self.values)
        self.layers = [self.views(vector, layers) for vector in (self.values, self.slopes)]
        self.outputs, self.errors, self.work = ([np.empty((BATCH, width)) for width in (4, 2, 1)] for _ in range(3))
        self.ones = np.ones(BATCH)
        self.metrics: dict[str, float] = {}

    @staticmethod
    def views(vector: Array, layers: list[tuple[Array, Array]]) -> list[Array]:
        """W and b of each layer as views into a vector."""
        parts = [part for layer in layers for part in layer]
        ends = np.cumsum([part.size for part in parts])
        return [vector[end - part.size : end].reshape(part.shape) for part, end in zip(parts, ends, strict=True)]

    def step(self, start: int) -> None:
        """One batch, with its loss and the gradient's norm."""
        dot, add, tanh, multiply, subtract = np.dot, np.add, np.tanh, np.multiply, np.subtract
        x, y, ones = self.x[start : start + BATCH], self.y[start : start + BATCH], self.ones
        (w1, b1, w2, b2, w3, b3), (g1, h1, g2, h2, g3, h3) = self.layers
        (a1, a2, a3), (d1, d2, d3), (t1, t2, t3) = self.outputs, self.errors, self.work
        dot(x, w1, a1)
        add(a1, b1, a1)
        tanh(a1, a1)
        dot(a1, w2, a2)
        add(a2, b2, a2)
        tanh(a2, a2)
        dot(a2, w3, a3)
        add(a3, b3, a3)
        tanh(a3, a3)
        subtract(a3, y, d3)
        loss = 0.5 * float(np.vdot(d3, d3)) / BATCH
        multiply(d3, 1 / BATCH, d3)
        multiply(a3, a3, t3)
        subtract(1.0, t3, t3)
        multiply(d3, t3, d3)
        dot(a2.T, d3, g3)
        dot(ones, d3, h3)
        dot(d3, w3.T, d2)
        multiply(a2, a2, t2)
        subtract(1.0, t2, t2)
        multiply(d2, t2, d2)
        dot(a1.T, d2, g2)
        dot(ones, d2, h2)
        dot(d2, w2.T, d1)
        multiply(a1, a1, t1)
        subtract(1.0, t1, t1)
        multiply(d1, t1, d1)
        dot(x.T, d1, g1)
        dot(ones, d1, h1)
        multiply(self.slopes, RATE, self.moves)
        subtract(self.values, self.moves, self.values)
        self.metrics = {"loss": loss, "grad_norm": math.sqrt(float(np.vdot(self.slopes, self.slopes)))}

    def epoch(self) -> None:
        """All batches in order."""
        for start in range(0, len(self.x), BATCH):
            self.step(start)


class TorchLoop:
    """Training as one writes it in torch, eagerly, on one thread."""

    def __init__(self, model: Any) -> None:
        self.x = torch.from_numpy(model.x[: model.examples.trained, :2].copy())
        self.y = torch.from_numpy(model.y[: model.examples.trained].copy())
        stack: list[torch.nn.Module] = []
        for weights, biases in initial(model):
            linear = torch.nn.Linear(weights.shape[0], weights.shape[1], dtype=torch.float64)
            linear.weight.data, linear.bias.data = torch.from_numpy(weights.T.copy()), torch.from_numpy(biases)
            stack += [linear, torch.nn.Tanh()]
        self.network = torch.nn.Sequential(*stack)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=RATE)
        self.metrics: dict[str, float] = {}

    def epoch(self) -> None:
        """All batches in order, each with its loss and the gradient's norm."""
        for start in range(0, len(self.x), BATCH):
            x, y = self.x[start : start + BATCH], self.y[start : start + BATCH]
            self.optimizer.zero_grad()
            loss = 0.5 * ((self.network(x) - y) ** 2).sum() / BATCH
            loss.backward()
            self.optimizer.step()
            squares = sum(float(p.grad.square().sum()) for p in self.network.parameters() if p.grad is not None)
            self.metrics = {"loss": loss.item(), "grad_norm": math.sqrt(squares)}


def repeated(epoch: Callable[[], None], epochs: int) -> Callable[[], float]:
    """Epochs a second of something that trains an epoch at a time."""

    def work() -> None:
        for _ in range(epochs):
            epoch()

    return lambda: epochs / seconds(work)


def figures() -> list[Figure]:
    """All of them in turns, after making sure that they compute the same."""
    model = built()
    bare, eager = NumpyLoop(model), TorchLoop(model)
    loops = [repeated(bare.epoch, EPOCHS), repeated(eager.epoch, TORCH_EPOCHS)]
    with np.errstate(all="ignore"):
        plain = plain_epochs(built())
        check(built(), NumpyLoop(built()), TorchLoop(built()))
        whole = scenario_epochs(built(), boundary=True)
        ours, theirs = alternate(ROUNDS, whole, plain)
        tape, numpy_loop, torch_loop = alternate(ROUNDS, scenario_epochs(model, boundary=False), *loops)
    return [
        Figure(
            what="whole epoch of 2-4-2-1, spiral: training, both losses, 100×100 boundary",
            measured=f"{median(ours):,.0f} epochs/s, {ratio(ours, theirs):.0f} ×",
            against=f"point by point in plain Python, {median(theirs):.1f} epochs/s",
            bar="≥ 1,000 epochs/s",
            reached=median(ours) >= 1000,
        ),
        _training(tape, numpy_loop, "tuned numpy loop", 1.0),
        _training(tape, torch_loop, "torch eager", 3.0),
    ]


def check(model: Any, bare: NumpyLoop, eager: TorchLoop) -> None:
    """Raises ArithmeticError unless all three find the same losses and gradients."""
    for _ in range(20):
        for _ in range(model.steps_per_epoch):
            list(model.step())
        bare.epoch()
        eager.epoch()
        for other in (bare.metrics, eager.metrics):
            mine = [model.metrics["loss"], model.metrics["grad_norm"]]
            if not np.allclose(mine, [other["loss"], other["grad_norm"]], rtol=1e-9):
                raise ArithmeticError(f"the scenario computes {mine}, a bare loop {other}")


def _training(ours: list[float], theirs: list[float], against: str, bar: float) -> Figure:
    times = ratio(ours, theirs)
    return Figure(
        what="training 2-4-2-1 alone, with its losses at each epoch's end",
        measured=f"{median(ours):,.0f} epochs/s, {times:.2f} ×",
        against=f"{against}, {median(theirs):,.0f} epochs/s",
        bar=f"≥ {bar:g} ×",
        reached=times >= bar,
    )
