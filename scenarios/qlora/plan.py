"""What a run would need, told before anything is loaded."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.views import View
from tui_lab.torch_lab.devices import device_of

from .base import Base, demand_known, kind_of, open_base
from .batches import sequences_of
from .examples import read_examples
from .ledger import ledger
from .ledger_tables import ledger_table, reference_table, why_table
from .method import Method
from .needs import Sizes
from .quantise import DTYPES, compute_dtype
from .shapes import NAMES, base_of_shape
from .sizes import largest_batch, without_data
from .tokenise import Tokeniser
from .words import dtype_name


def plan(settings: Mapping[str, Any]) -> Iterator[View]:
    """The memory ledger of a run with these settings. The model may be one that a run could use, a config.json, or a
    well-known shape such as llama-65b, which needs nothing at all. Raises BadInput for what cannot be used."""
    method = Method.of(settings)
    base, sizes = _model_and_sizes(method, settings["data"])
    gpu, dtype = _machine(method)
    found = ledger(base, method, dtype, sizes, gpu)
    where = f"on a {'GPU' if gpu else 'CPU'}, computed in {dtype_name(dtype)}"
    what = f"{sizes} at once, {where}"
    yield ledger_table(f"memory ledger of {_name(base)}: {what}", found)
    yield reference_table(found)
    yield why_table(found)


def _model_and_sizes(method: Method, data: Path | str | None) -> tuple[Base, Sizes]:
    if method.model in NAMES:
        base = base_of_shape(method.model)
        return base, without_data(method, base.positions)
    path = Path(method.model).expanduser()
    if path.name == "config.json" and path.is_file():
        return _without_weights(path.parent, method)
    if (path / "config.json").is_file() and not any(path.glob("*.safetensors")):
        return _without_weights(path, method)
    if "/" not in method.model and method.model != "shipped" and not path.exists():
        hint = nearest(method.model, [*NAMES, "shipped"])
        raise BadInput(f"There is no model folder '{method.model}' and no shape of that name: {hint}")
    examples = read_examples(data, method.held_out)
    base = open_base(method.model, len(examples.classes))
    tokeniser = Tokeniser(base, method, examples)
    return base, largest_batch(sequences_of(tokeniser(examples.train), method, tokeniser), method)


def _without_weights(folder: Path, method: Method) -> tuple[Base, Sizes]:
    demand_known(str(folder))
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    config.use_cache = False
    base = Base(str(folder), config, None, kind_of(config))
    return base, without_data(method, base.positions)


def _machine(method: Method) -> tuple[bool, torch.dtype]:
    """Whether a GPU computes, and in what. A shape is planned for a GPU, wherever it is planned."""
    if method.device == "cpu" or (method.device == "auto" and method.model not in NAMES):
        device = device_of(method.device)
        return device.type == "cuda", compute_dtype(method, device)
    return True, DTYPES.get(method.compute_dtype, torch.bfloat16)


def _name(base: Base) -> str:
    return Path(base.source).name or base.source
