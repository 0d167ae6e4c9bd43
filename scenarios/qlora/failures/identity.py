"""What a run's states belong to: a base model, its quantisation, an adapter and training examples."""

import hashlib
from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from .mismatch import hash_of

if TYPE_CHECKING:
    from ..scenario import QLoRA

_NAMES = ("_name_or_path", "transformers_version", "dtype", "use_cache", "quantization_config")
"""Parts of a model's configuration that may differ without its being another model."""


def identity(scenario: "QLoRA") -> dict[str, str]:
    """Each part as a person knows it, with hashes of what is too long to be told. The weights themselves are not among
    them: whether they are the same, the witness tells."""
    method, config = scenario.method, scenario.base.config
    shape = {key: value for key, value in config.to_dict().items() if key not in _NAMES}
    adapter = ("rank", "alpha", "dropout", "rslora", "dora")
    doubled = " with double quantisation" if method.bits == 4 and method.double_quant else ""
    return {
        "base model": f"{config.model_type} {hash_of(shape)}",
        "quantisation": method.quantisation + doubled,
        "adapter": ", ".join(f"{name} {getattr(method, name)}" for name in adapter)
        + f", layers {hash_of([layer.name for layer in scenario.layers])}",
        "training data": f"{len(scenario.sequences)} sequences {tokens_hash(scenario)}",
    }


def tokens_hash(scenario: "QLoRA") -> str:
    """Of all training sequences' tokens, in their order."""
    examples = (example for sequence in scenario.sequences for example in sequence)
    tokens: Iterable[int] = chain.from_iterable((len(example.ids), *example.ids) for example in examples)
    return hashlib.sha256(np.fromiter(tokens, np.int64).tobytes()).hexdigest()[:16]
