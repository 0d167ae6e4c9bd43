"""A model's weights as they were before they were quantised, read from its folder one tensor at a time."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from huggingface_hub import snapshot_download
from safetensors import safe_open
from transformers.pytorch_utils import Conv1D

from .adapted import AdaptedLayer

_INDEX = "model.safetensors.index.json"


class Originals:
    """The tensors of a model's folder, or of the hub's model that was downloaded. It may lack some that the model has:
    what was made anew, or is called differently there."""

    def __init__(self, source: str) -> None:
        self._folder = Path(source) if Path(source).is_dir() else Path(snapshot_download(source, local_files_only=True))
        self._files = _files(self._folder)

    def of(self, layer: AdaptedLayer) -> torch.Tensor | None:
        """W (out, in) of a layer in float32, on the layer's device; None if the folder does not have it."""
        name = self._name(layer.name)
        if name is None:
            return None
        with safe_open(self._folder / self._files[name], "pt") as file:
            weight: torch.Tensor = file.get_tensor(name).to(layer.a.device).float()
        return weight.T.contiguous() if isinstance(layer.base, Conv1D) else weight

    def _name(self, layer: str) -> str | None:
        """A layer's weight in the folder: by its name, or by what that ends with, for a body saved without its head."""
        wanted = f"{layer}.weight"
        without_body = wanted.partition(".")[2]
        return next((name for name in (wanted, without_body) if name in self._files), None)


def chosen(layers: Sequence[AdaptedLayer], most: int) -> list[AdaptedLayer]:
    """All layers if their weights are at most so many numbers, otherwise those of the first and of the last block."""
    if sum(rows * columns for rows, columns in (layer.weight_shape for layer in layers)) <= most:
        return list(layers)
    ends = {layers[0].depth, layers[-1].depth}
    return [layer for layer in layers if layer.depth in ends]


def _files(folder: Path) -> dict[str, str]:
    """Which file has which tensor."""
    if (folder / _INDEX).is_file():
        found: dict[str, str] = json.loads((folder / _INDEX).read_text(encoding="utf-8"))["weight_map"]
        return found
    names: dict[str, str] = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            names |= dict.fromkeys(file.keys(), path.name)
    return names
