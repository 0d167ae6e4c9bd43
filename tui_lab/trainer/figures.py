"""A scenario's parameters in figures, as frames and reports carry them."""

import hashlib
import math
from collections.abc import Sequence

import numpy as np

from tui_lab.lab.scenario import Parameter
from tui_lab.run.messages import ParameterRow

_SMALL = 64
"""Parameters of at most so many entries travel entry by entry, ..."""
_ROOM = 4096
"""... the first ones of a model, as long as they have no more than so many in all: a large model has hundreds."""


def parameter_rows(parameters: Sequence[Parameter]) -> list[ParameterRow]:
    """One row for each parameter."""
    rows, room = [], _ROOM
    for parameter in parameters:
        size = math.prod(parameter.shape)
        small = size <= min(_SMALL, room)
        room -= size if small else 0
        rows.append(_row(parameter, small))
    return rows


def state_hash(parameters: Sequence[Parameter]) -> str:
    """SHA-256 over the names and bytes of all trainable parameters, in hexadecimal."""
    digest = hashlib.sha256()
    for parameter in parameters:
        digest.update(parameter.name.encode() + b"\0")
        digest.update(np.ascontiguousarray(parameter.value).tobytes())
    return digest.hexdigest()


def _row(parameter: Parameter, small: bool) -> ParameterRow:
    norm, gradient_norm, update_norm = parameter.norms()
    return ParameterRow(
        name=parameter.name,
        shape=list(parameter.shape),
        norm=norm,
        grad_norm=gradient_norm,
        update_ratio=update_norm / norm if norm else 0.0,
        values=parameter.value.tolist() if small else None,
        gradient=parameter.gradient.tolist() if small else None,
        update=parameter.update.tolist() if small else None,
    )
