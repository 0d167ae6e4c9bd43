"""What a recurrent network keeps in mind while it reads: its hidden state and its gates, token by token."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch

from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Heat, Pictures, View

_WIDE = 64
"""Tokens that are shown, the latest ones."""
_UNITS = 48
"""Units of a gate that are shown in its small picture, evenly spaced."""
_TITLES = {"h": "hidden state h", "c": "cell state c: what is carried on"}


def state_views(states: Mapping[str, torch.Tensor], names: Sequence[str]) -> Iterator[View]:
    """States (t, width) over tokens under `names`: h and c as heat maps, the gates as small pictures."""
    arrays = {name: tensor.float().cpu().numpy().T[:, -_WIDE:] for name, tensor in states.items()}  # (width, t)
    for name in ("h", "c"):
        if name in arrays:
            yield _heat(_TITLES[name], arrays[name], list(names[-_WIDE:]))
    gates = {name: array for name, array in arrays.items() if name not in _TITLES}
    if gates:
        yield _gates(gates)


def _heat(title: str, values: Array, names: list[str]) -> Heat:
    """Units as rows, tokens as columns, on a scale with both signs."""
    high = _height(values)
    units = [str(unit) for unit in range(0, len(values), max(len(values) // 8, 1))]
    return Heat(f"{title}, {len(values)} units", "unit", "after the token", units, names, values, -high, high)


def _gates(gates: Mapping[str, Array]) -> Pictures:
    """0 is shut and 1 open; a candidate is what could be written, from −1 to 1."""
    shown = [array[np.linspace(0, len(array) - 1, min(len(array), _UNITS)).astype(int)] for array in gates.values()]
    low = min(0.0, float(np.nan_to_num(np.stack(shown)).min()))
    title = "gates: units from top to bottom, tokens from left to right; 0 is shut, 1 open"
    return Pictures(title, list(gates), np.stack(shown), -1.0 if low < 0 else 0.0, 1.0)


def _height(values: Array) -> float:
    known = np.abs(values[np.isfinite(values)])
    return float(known.max()) if known.size and known.max() > 0 else 1.0
