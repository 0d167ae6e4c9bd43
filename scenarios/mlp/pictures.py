"""The pictures of a network: what it says over the plane, its diagram, what each neuron sees, and how often it errs."""

from collections.abc import Iterator

import numpy as np

from tui_lab.lab.scenario import Array
from tui_lab.lab.tensor import columns_and_ones
from tui_lab.lab.views import Layer, Matrix, Network, Region, Table, View
from tui_lab.lab.views import Pictures as Images

from .evaluation import Evaluation, Part
from .layers import Layers
from .model import Model
from .symmetry import same_networks

_GRID = 100
"""Points along each side of the region's grid."""
_SEEN = 24
"""Points along each side of the picture of what a neuron sees."""
_MOST_PICTURES = 64
"""Pictures of neurons that are shown: more would fill a screen several times."""
_MOST_POINTS = 2000
"""Points on the region: no terminal shows more of them apart."""
_ROOM = 0.05
"""How much wider the region is than the points, on each side."""


class Pictures:
    """Draws a model where its parameters stand, on tapes of its own over the same parameters."""

    def __init__(self, model: Model, evaluation: Evaluation) -> None:
        self.model, self.evaluation = model, evaluation
        self.example = Onlooker(model, 1)
        self.plane = len(model.examples.names) == 2
        if self.plane:
            self.axes = [_axis(column) for column in model.examples.x.T]
            self.grid = self._over_plane(_GRID)
            self.coarse = self._over_plane(_SEEN)
            self.shown = np.linspace(0, len(model.x) - 1, min(len(model.x), _MOST_POINTS)).astype(np.intp)

    def views(self, row: int) -> Iterator[View]:
        """All pictures, the most telling first; `row` is the example whose way through the network is shown."""
        if self.plane:
            yield self.region()
        if self.model.examples.picture:
            yield self.digit(row)
        yield self.network(row)
        if self.plane and self.model.activations:
            yield self.neurons()
        if self.model.examples.picture:
            yield self.first_weights()
        if self.model.task.classes:
            yield self.confusion()
        yield self.table()

    def region(self) -> Region:
        """What the network answers over the plane of two inputs."""
        model, (x, y) = self.model, self.axes
        task, examples = model.task, model.examples
        answers = self.grid.look().answers
        many = task.outputs > 1
        single = task.classes and not many
        values = answers[:, 0] if single else task.decide(answers)
        labels = model.y[:, 0] if single else examples.labels
        low, high = (task.low, 1.0) if task.classes else _ends(examples.labels)
        return Region(
            title=f"what the network answers to {examples.title}",
            x_label=examples.names[0],
            y_label=examples.names[1],
            x=np.linspace(*x, _GRID),
            y=np.linspace(*y, _GRID),
            z=values.reshape(_GRID, _GRID).copy(),
            low=0.0 if many else low,
            high=float(task.outputs - 1) if many else high,
            points_x=examples.x[self.shown, 0],
            points_y=examples.x[self.shown, 1],
            labels=labels[self.shown],
            held_out=self.shown >= examples.trained,
            classes=examples.class_names if many else [],
            certainty=task.certainty(answers).reshape(_GRID, _GRID) if many else np.zeros((0, 0)),
        )

    def network(self, row: int) -> Network:
        """The diagram, with what every neuron says about one example."""
        model = self.model
        self.example.padded[0] = model.x[row]
        layers = self.example.look()
        part, numbers = model.weights.part, range(1, len(model.widths))
        return Network(
            title="-".join(map(str, model.widths)) + f" network, {model.weights.values.size} parameters",
            example=f"example {row}: {self._is(row)}, answer {self._says(layers)}",
            layers=[
                Layer(name, units, tensor.value[0].copy())
                for (name, units), tensor in zip(self._columns(), layers.outputs, strict=True)
            ],
            weights=[part(f"layer{i}.W", model.weights.values).copy() for i in numbers],
            gradients=[part(f"layer{i}.W", model.weights.gradient).copy() for i in numbers],
            biases=[part(f"layer{i}.b", model.weights.values).copy() for i in numbers],
        )

    def neurons(self) -> Images:
        """What each hidden neuron says over the plane, north at the top."""
        hidden = self.coarse.look().hidden
        names = [f"a{i}[{j}]" for i, layer in enumerate(hidden, 1) for j in range(layer.shape[1])]
        columns = np.concatenate([layer.T for layer in hidden])[:_MOST_PICTURES]
        high = _height(columns, bounded=all(name in ("tanh", "sigmoid") for name in self.model.activations))
        return Images(
            title="what each neuron sees" + _share(len(columns), len(names)),
            captions=names[:_MOST_PICTURES],
            images=columns.reshape(-1, _SEEN, _SEEN)[:, ::-1].copy(),
            low=-high if columns.min() < 0 or "tanh" in self.model.activations else 0.0,
            high=high,
        )

    def digit(self, row: int) -> Images:
        """The picture that goes through the network, as its numbers."""
        examples = self.model.examples
        caption = f"example {row}: {self._is(row)}"
        image = examples.x[row].reshape(1, *(examples.picture or ()))
        return Images("a picture is a vector", [caption], image.copy(), 0.0, 1.0, numbers=True)

    def first_weights(self) -> Images:
        """The weights of each neuron of the first layer, where the pixels are that they belong to."""
        model = self.model
        weights = model.weights.part("layer1.W", model.weights.values)
        images = weights.T[:_MOST_PICTURES].reshape(-1, *(model.examples.picture or ()))
        high = _height(images, bounded=False)
        title = "weights of the first layer" + _share(len(images), weights.shape[1])
        captions = [f"layer1.W[:,{j}]" for j in range(len(images))]
        return Images(title, captions, images.copy(), -high, high)

    def confusion(self) -> Matrix:
        """How often the examples of each class are taken for each."""
        part = self._judged()
        layers, rows, _ = part.run(0)
        names = self.model.examples.class_names
        counts = np.zeros((len(names), len(names)))
        said = self.model.task.decide(layers.answers).astype(np.intp)
        np.add.at(counts, (part.labels[rows].astype(np.intp), said), 1.0)
        which = "held-out" if self.evaluation.held_out else "training"
        title = f"{which} examples{_share(rows.stop, part.count)}"
        return Matrix(title, "is", "taken for", names, names, counts)

    def table(self) -> Table:
        """Losses and accuracies, and the size of the network."""
        parts = [self.evaluation.training, *([self.evaluation.held_out] if self.evaluation.held_out else [])]
        found = [part.run(0) for part in parts]
        rows: list[list[str | float]] = [["examples", *(float(part.count) for part in parts)]]
        rows.append(["loss", *(loss.item() for _, _, loss in found)])
        if self.model.task.classes:
            decide = self.model.task.decide
            right = (
                float(np.mean(decide(each.answers) == part.labels[r]))
                for part, (each, r, _) in zip(parts, found, strict=True)
            )
            rows.append(["accuracy", *right])
        blank = [""] * (len(parts) - 1)
        rows.append(["parameters", float(self.model.weights.values.size), *blank])
        rows.append(["networks that compute the same", same_networks(self.model), *blank])
        return Table("how well it does", ["", "training", "held out"][: len(parts) + 1], rows)

    def _columns(self) -> Iterator[tuple[str, list[str]]]:
        model = self.model
        yield "features", list(model.features.names)
        for i, (activation, width) in enumerate(zip(model.activations, model.widths[1:-1], strict=True), 1):
            yield f"layer {i}, {activation}", [f"a{i}[{j}]" for j in range(width)]
        names = model.examples.class_names if model.task.outputs > 1 else ["ŷ"]
        yield f"answer, {model.task.output_name}", names

    def _is(self, row: int) -> str:
        examples = self.model.examples
        label = float(examples.labels[row])
        return examples.class_names[int(label)] if examples.classes else f"{label:.4g}"

    def _says(self, layers: Layers) -> str:
        said = float(self.model.task.decide(layers.answers)[0])
        return self.model.examples.class_names[int(said)] if self.model.task.classes else f"{said:.4g}"

    def _judged(self) -> Part:
        return self.evaluation.held_out or self.evaluation.training

    def _over_plane(self, size: int) -> "Onlooker":
        x, y = np.meshgrid(*(np.linspace(*axis, size) for axis in self.axes))
        onlooker = Onlooker(self.model, size * size)
        onlooker.padded[:, :-1] = self.model.features.of(np.stack([x.ravel(), y.ravel()], axis=1))
        return onlooker


class Onlooker:
    """A tape over a model's parameters, for `rows` examples whose features are written into `padded` (rows, k + 1)."""

    def __init__(self, model: Model, rows: int) -> None:
        self.padded = columns_and_ones(rows, model.widths[0])
        self._layers = model.network(model.weights.shared(), self.padded)

    def look(self) -> Layers:
        """What the network makes of them now."""
        self._layers.tape.run()
        return self._layers


def _axis(column: Array) -> tuple[float, float]:
    low, high = float(column.min()), float(column.max())
    room = _ROOM * (high - low) or 1.0
    return low - room, high + room


def _ends(labels: Array) -> tuple[float, float]:
    low, high = float(labels.min()), float(labels.max())
    return (low, high) if low < high else (low - 1, high + 1)


def _height(values: Array, bounded: bool) -> float:
    """The end of a colour scale: 1 for functions that cannot exceed it, otherwise the largest size there is."""
    largest = float(np.abs(values).max())
    return 1.0 if bounded or not 0 < largest < np.inf else largest


def _share(shown: int, count: int) -> str:
    return "" if shown == count else f" ({shown} of {count})"
