"""The patches of a picture, as what becomes vectors."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tui_lab.lab.errors import BadInput
from tui_lab.lab.optimizer import Optimizer
from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape
from tui_lab.lab.views import View

from .patches import Patches
from .photograph import BUNDLED, SUFFIXES, bundled, read_photograph
from .picture_remarks import PictureRemarks
from .picture_views import PictureViews
from .subject import Subject

_USUAL_DIMENSIONS = 8


class Picture(Subject):
    """Reads a picture and cuts it into patches. Each step learns from all of them."""

    per_epoch = 1

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Raises BadInput for a picture that cannot be used."""
        path = Path(settings["data"]) if settings["data"] else bundled(settings["dataset"])
        self.photograph = read_photograph(path, settings["size"])
        self.patches = Patches(self.photograph.title, self.photograph.pixels, settings["patch"])
        self.dimensions: int = _USUAL_DIMENSIONS if settings["dimensions"] == "auto" else settings["dimensions"]
        numbers = self.patches.x.shape[1]
        if self.dimensions > numbers:
            raise BadInput(f"dimensions is {self.dimensions}, but a patch has only {numbers} numbers: give fewer.")
        self.row = self.column = 0
        for name in ("row", "column"):
            self.change(name, settings[name])

    def initial_values(self, seed: int) -> dict[str, Array]:
        """Small random numbers: from p numbers to d, and from d to p."""
        draw, numbers = np.random.default_rng(seed), self.patches.x.shape[1]
        encoder = draw.normal(0.0, 1 / np.sqrt(numbers), (numbers, self.dimensions))
        return {"E": encoder, "D": draw.normal(0.0, 0.1 / np.sqrt(self.dimensions), (self.dimensions, numbers))}

    def draw(self, step: int) -> None:
        """Nothing to draw: all patches, each time."""

    def change(self, name: str, value: Any) -> None:
        sizes = dict(zip(("row", "column"), self.patches.pixels.shape[:2], strict=True))
        if name in sizes:
            wanted = sizes[name] // 2 if value == "middle" else int(value)
            if wanted >= sizes[name]:
                raise BadInput(f"There is no {name} {wanted}: the picture has {name}s 0 to {sizes[name] - 1}.")
            setattr(self, name, wanted)
        elif name in ("word", "analogy"):
            raise BadInput("This run is about a picture, which has no words: choose its pixel by row and column.")
        else:
            raise NotImplementedError(f"a picture has no {name} to look at")

    def views(self, tape: Tape) -> Iterator[View]:
        return PictureViews(self, tape).views()

    def sentences(self, tape: Tape, optimizer: Optimizer) -> Iterator[str]:
        return PictureRemarks(self, tape, optimizer).sentences()


def is_picture(settings: Mapping[str, Any]) -> bool:
    """Whether the data of the settings are a picture, by the file's name if there is a file."""
    if settings["data"]:
        return Path(settings["data"]).suffix.lower() in SUFFIXES
    return settings["dataset"] in BUNDLED
