"""The examples that the neuron is to tell apart: the truth table of a gate, or a file, read and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from tui_lab.lab.csv_table import printable
from tui_lab.lab.errors import BadInput
from tui_lab.lab.labelled_table import LabelledRows, read_labelled
from tui_lab.lab.scenario import Array

_MOST_INPUTS = 8
_LARGEST = 1e100
"""Inputs beyond this are refused: their squares must stay numbers."""

GATES: dict[str, Callable[[Array], Array]] = {
    "and": lambda x: x.min(axis=1),
    "or": lambda x: x.max(axis=1),
    "nand": lambda x: 1 - x.min(axis=1),
    "xor": lambda x: x.sum(axis=1) % 2,
}
"""What a gate answers to rows of 0 and 1 (r, n). With more than two inputs XOR says whether an odd number are 1."""


@dataclass(frozen=True)
class Examples:
    """r examples: inputs x (r, n) under `names`, and `labels` (r,), 0 or 1, which stand for the two `classes`."""

    title: str
    names: list[str]
    x: Array
    labels: Array
    classes: tuple[str, str] = ("0", "1")
    separable: bool | None = None
    """Whether some weights tell the classes apart, where that is known beforehand: for gates it is."""

    def standardised(self) -> "Examples":
        """The same with every input moved and scaled to mean 0 and deviation 1."""
        return replace(self, x=(self.x - self.x.mean(axis=0)) / self.x.std(axis=0))


def read_examples(settings: Mapping[str, Any]) -> Examples:
    """The file of `data`, or the truth table of the gate `dataset`. Raises BadInput."""
    if settings["data"]:
        examples = _from_file(read_labelled(Path(settings["data"]), settings["x"], settings["y"]))
    else:
        examples = truth_table(settings["dataset"], settings["inputs"])
    return examples.standardised() if settings["standardise"] else examples


def truth_table(gate: str, inputs: int) -> Examples:
    """All 2ⁿ rows of a gate with n inputs, counting up in binary. Raises BadInput for XOR of one input."""
    if gate == "xor" and inputs == 1:
        raise BadInput("inputs is 1, but XOR compares inputs: give 2 to 8.")
    x = np.array(list(product((0.0, 1.0), repeat=inputs)))
    names = [f"x{i}" for i in range(1, inputs + 1)]
    return Examples(gate.upper(), names, x, GATES[gate](x), separable=gate != "xor")


def _from_file(rows: LabelledRows) -> Examples:
    if len(rows.names) > _MOST_INPUTS:
        listed = ", ".join(rows.names[:_MOST_INPUTS])
        raise BadInput(
            f"{rows.file} has {len(rows.names)} columns of numbers besides '{rows.label_name}', and a neuron here "
            f"takes {_MOST_INPUTS}: choose with x, such as x={listed}."
        )
    for name, column in zip(rows.names, rows.x.T, strict=True):
        _check_column(rows.file, name, column)
    classes = _classes(rows)
    labels = np.array([float(label == classes[1]) for label in rows.labels])
    return Examples(printable(rows.file), rows.names, rows.x, labels, classes)


def _check_column(file: str, name: str, column: Array) -> None:
    if np.abs(column).max() > _LARGEST:
        largest = column[np.abs(column).argmax()]
        raise BadInput(f"Column '{name}' of {file} holds {largest:g}, too large to be squared: scale it down.")
    if column.min() == column.max() or column.std() == 0:
        raise BadInput(
            f"Column '{name}' of {file} has the same value, {column[0]:g}, in every row: it tells nothing about the "
            "label. Choose the other columns with x."
        )


def _classes(rows: LabelledRows) -> tuple[str, str]:
    """The two labels in their order: as numbers if both are, otherwise as text."""
    found = sorted(set(rows.labels))
    if len(found) != 2:
        some = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        has = f"the same label, {some}, in every row" if len(found) == 1 else f"{len(found)} labels, {some}"
        raise BadInput(
            f"Column '{rows.label_name}' of {rows.file} has {has}: one neuron tells two apart. "
            "y chooses another column."
        )
    low, high = sorted(found, key=_as_number)
    return low, high


def _as_number(label: str) -> float:
    try:
        return float(label)
    except ValueError:
        return 0.0
