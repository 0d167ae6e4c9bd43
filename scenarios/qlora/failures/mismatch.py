"""Failure 10: a run continued from a state that is not its own: another base model, another adapter, other numbers."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.errors import BadInput

from .finding import Finding, Weight

Text = Mapping[str, str]


def as_array(identity: Text) -> NDArray[np.uint8]:
    """Text as an array, so that it can lie in a state."""
    return np.frombuffer(json.dumps(dict(identity), sort_keys=True).encode(), np.uint8).copy()


def as_text(array: NDArray[Any]) -> dict[str, str]:
    """What `as_array` was given."""
    found: dict[str, str] = json.loads(array.astype(np.uint8).tobytes())
    return found


def hash_of(value: Any) -> str:
    """A short hash of anything that JSON can spell, the same whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def demand_same(saved: Text, here: Text) -> None:
    """Raises BadInput, with the first difference, where a state was saved by a run on another model or adapter."""
    for name, value in saved.items():
        own = here.get(name, "none")
        if own != value:
            raise BadInput(f"This state cannot be continued here: its {name} is {value}, and this run's is {own}.")


def loss_differs(saved: float, here: float, device: str) -> Finding | None:
    """The loss of one fixed batch with the adapter as it was saved, against the same when it is loaded again. On one
    machine's CPU they are the same to the last bit; kernels of a GPU may round otherwise."""
    difference = abs(saved - here)
    if difference == 0 or (device != "cpu" and difference <= 1e-3):
        return None
    evidence = f"a fixed batch had the loss {saved:.9g} when the run was saved and has {here:.9g} now"
    if difference <= 1e-3:
        return Finding(
            Weight.REMARK,
            "Resumed, but not to the last bit",
            evidence,
            "another machine, another number of threads or another version of torch rounds otherwise",
            "steps from here on will differ in their last digits from those of an uninterrupted run",
        )
    return Finding(
        Weight.FAILURE,
        "Resumed from something else",
        evidence,
        "the base model's weights or the adapter's are not those that were saved",
        "put the model's folder back as it was, or begin anew",
    )


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)
