"""From what is known of an example to what the network gets: Playground's features or columns, maybe standardised."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_lab.lab.csv_table import printable
from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.scenario import Array

from .examples import Examples
from .playground_features import PLAYGROUND, features_in


@dataclass(frozen=True)
class Features:
    """k features under `names`, each (value − shift) / scale with shift and scale (k,). `made` says whether they are
    made from two inputs by PLAYGROUND; otherwise they are the inputs."""

    names: list[str]
    made: bool
    shift: Array
    scale: Array

    def of(self, x: Array) -> Array:
        """The features (n, k) of inputs x (n, d)."""
        values = np.stack([PLAYGROUND[name](x[:, 0], x[:, 1]) for name in self.names], axis=1) if self.made else x
        return (values - self.shift) / self.scale


def features_of(settings: Mapping[str, Any], examples: Examples) -> Features:
    """What the settings ask for. Raises BadInput for features that there are not, and for a constant column."""
    names, made = _names(settings["features"], examples)
    plain = Features(names, made, np.zeros(len(names)), np.ones(len(names)))
    if not standardised(settings):
        return plain
    values = plain.of(examples.x[: examples.trained])
    shift, scale = values.mean(axis=0), values.std(axis=0)
    for name, deviation, low, high in zip(names, scale, values.min(axis=0), values.max(axis=0), strict=True):
        if not deviation > 0 or low == high:
            raise BadInput(
                f"'{name}' of {examples.title} has the same value, {low:g}, in every training example: it cannot be "
                "standardised and tells nothing; leave it out with features, or set standardise=off."
            )
    return Features(names, made, shift, scale)


def standardised(settings: Mapping[str, Any]) -> bool:
    """Whether inputs, and a number to predict, are moved and scaled to mean 0 and deviation 1. A file's usually are."""
    return bool(settings["data"]) if settings["standardise"] == "auto" else settings["standardise"] == "on"


def _names(text: str, examples: Examples) -> tuple[list[str], bool]:
    wanted = features_in(text)
    if wanted in ([], ["x1", "x2"]):
        return examples.names, False
    unknown = [name for name in wanted if name not in PLAYGROUND]
    if unknown and examples.from_file:
        return examples.names, False  # they are the columns that were read
    if unknown:
        raise BadInput(f"features has no '{printable(unknown[0])}': {nearest(unknown[0], PLAYGROUND)}")
    if len(examples.names) != 2:
        raise BadInput(
            f"features such as {wanted[0]} are made from two inputs, but {examples.title} has {len(examples.names)}."
        )
    if len(set(wanted)) < len(wanted):
        raise BadInput(f"features has {', '.join(wanted)}: give each feature once.")
    return wanted, True
