"""The examples to learn from: generated, real digits, or a file; checked, and some of them held out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tui_lab.lab.errors import BadInput
from tui_lab.lab.labelled_table import LabelledRows, read_labelled
from tui_lab.lab.scenario import Array

from .playground_data import CLASSES, NUMBERS
from .playground_features import PLAYGROUND, features_in

_MOST_CLASSES = 64
_NUMBERS_FROM = 20
"""A label column with more different numbers than this, not all of them whole, is a number to predict."""
_LARGEST = 1e100
"""Numbers beyond this are refused: their squares must stay numbers."""


@dataclass(frozen=True)
class Examples:
    """n examples: inputs x (n, d) under `names`, and what each is, `labels` (n,): the index of one of `classes`, or a
    number where there are none. The first `trained` are learned from, the rest held out."""

    title: str
    names: list[str]
    x: Array
    labels: Array
    classes: list[str] = field(default_factory=list)
    trained: int = 0
    label_name: str = "y"
    from_file: bool = False
    usually_squared: bool = False
    """Whether the loss of its classes is the squared error unless another is asked for, as in Playground."""
    picture: tuple[int, int] | None = None
    """Height and width where the inputs are the pixels of a picture."""

    @property
    def class_names(self) -> list[str]:
        """The classes as they are shown: labels that are text with their number, `0: dog`."""
        numbered = self.from_file and not all(
            name.replace(".", "").replace("-", "").isdecimal() for name in self.classes
        )
        return [f"{i}: {name}" for i, name in enumerate(self.classes)] if numbered else self.classes

    @property
    def held_out(self) -> int:
        """How many are held out."""
        return len(self.x) - self.trained


def read_examples(settings: Mapping[str, Any]) -> Examples:
    """The file of `data`, or the data set of the settings. Raises BadInput.

    With `shuffle` the examples are put in an order drawn from `data_seed` before they are divided. Without, a file's
    are taken in its own order; those of the data sets always come in a random one.
    """
    draw = np.random.default_rng(settings["data_seed"])
    if settings["data"]:
        examples = _from_file(settings)
    elif settings["dataset"] == "digits":
        examples = digits()
    else:
        examples = _generated(settings, draw)
    if settings["shuffle"] or not settings["data"]:
        order = draw.permutation(len(examples.x))
        examples = replace(examples, x=examples.x[order], labels=examples.labels[order])
    return _divided(examples, settings["train_share"])


def digits() -> Examples:
    """1797 handwritten digits of 8×8 pixels, 0 (white) to 1 (ink), from scikit-learn.

    E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", UCI, 1998: the test set. Raises BadInput
    where scikit-learn is missing.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise BadInput("The digits come with scikit-learn: pip install scikit-learn.") from error
    found = load_digits()
    names = [f"pixel {row},{column}" for row in range(8) for column in range(8)]
    x, labels = found.data / 16.0, found.target.astype(np.float64)
    return Examples("digits", names, x, labels, [str(i) for i in range(10)], picture=(8, 8), label_name="digit")


def _generated(settings: Mapping[str, Any], draw: np.random.Generator) -> Examples:
    name, numbers = settings["dataset"], settings["dataset"] in NUMBERS
    count = (1200 if numbers else 500) if settings["samples"] == "auto" else settings["samples"]
    x, labels = {**CLASSES, **NUMBERS}[name](count, settings["noise"] / 100, draw)
    return Examples(name, ["x1", "x2"], x, labels, [] if numbers else ["-1", "1"], usually_squared=name != "moons")


def _divided(examples: Examples, share: int) -> Examples:
    count = len(examples.x)
    trained = count * share // 100
    if trained < 1:
        raise BadInput(f"train_share is {share} %, which of {count} examples leaves none to train on: give more.")
    return replace(examples, trained=trained)


def _from_file(settings: Mapping[str, Any]) -> Examples:
    rows = read_labelled(Path(settings["data"]), _columns(settings), settings["y"])
    if np.abs(rows.x).max() > _LARGEST:
        raise BadInput(f"{rows.file} holds {np.abs(rows.x).max():g}, too large to be squared: scale it down.")
    numbers = _numbers(rows)
    different = len(set(rows.labels))
    wants_number = settings["loss"] == "squared" and different > 2
    many = different > _NUMBERS_FROM and numbers is not None and bool((numbers % 1 != 0).any())
    if numbers is not None and (many or wants_number or different > _MOST_CLASSES):
        return Examples(rows.file, rows.names, rows.x, numbers, label_name=rows.label_name, from_file=True)
    classes = _classes(rows, numbers)
    place = {name: float(i) for i, name in enumerate(classes)}
    labels = np.array([place[label] for label in rows.labels])
    return Examples(rows.file, rows.names, rows.x, labels, classes, label_name=rows.label_name, from_file=True)


def _columns(settings: Mapping[str, Any]) -> str:
    """The columns that `features` names, unless it names Playground's features, which are made from all columns."""
    return "" if all(name in PLAYGROUND for name in features_in(settings["features"])) else str(settings["features"])


def _numbers(rows: LabelledRows) -> Array | None:
    """The labels as numbers, if all are."""
    try:
        numbers = np.array([float(label) for label in rows.labels])
    except ValueError:
        return None
    return numbers if np.abs(numbers).max() <= _LARGEST else None


def _classes(rows: LabelledRows, numbers: Array | None) -> list[str]:
    """The different labels: numbers by size, text in order of first appearance. Raises BadInput."""
    found = list(dict.fromkeys(rows.labels)) if numbers is None else sorted(set(rows.labels), key=float)
    where = f"Column '{rows.label_name}' of {rows.file}"
    if len(found) < 2:
        raise BadInput(f"{where} has the same label, {found[0]}, in every row: there is nothing to tell apart.")
    if len(found) > _MOST_CLASSES:
        raise BadInput(f"{where} has {len(found)} different labels: at most {_MOST_CLASSES} classes can be learned.")
    return found
