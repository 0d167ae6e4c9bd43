"""What a recurrent network keeps in mind while it reads: its hidden state and its gates, token by token."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch

from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Heat, View

from .mosaic import below

_WIDE = 64
"""Tokens that are shown, the latest ones."""
_UNITS = 32
"""Units of a gate that are shown, evenly spaced."""
_TITLES = {"h": "hidden state h", "c": "cell state c: what is carried on"}


def state_views(states: Mapping[str, torch.Tensor], names: Sequence[str]) -> Iterator[View]:
    """States (t, width) over tokens under `names`: h, c, and the gates."""
    arrays = {name: tensor.float().cpu().numpy().T[:, -_WIDE:] for name, tensor in states.items()}  # (width, t)
    for name in ("h", "c"):
        if name in arrays:
            yield _heat(_TITLES[name], arrays[name], list(names[-_WIDE:]))
    gates = {name: array for name, array in arrays.items() if name not in _TITLES}
    if gates:
        yield _gates(gates, list(names[-_WIDE:]))


def _heat(title: str, values: Array, names: list[str]) -> Heat:
    """Units as rows, tokens as columns, on a scale with both signs."""
    high = _height(values)
    units = [str(unit) for unit in range(0, len(values), max(len(values) // 8, 1))]
    return Heat(f"{title}, {len(values)} units", "unit", "after the token", units, names, values, -high, high)


def _gates(gates: Mapping[str, Array], names: list[str]) -> Heat:
    """Below each other. 0 is shut and 1 open; a candidate is what could be written, from −1 to 1."""
    shown = [array[np.linspace(0, len(array) - 1, min(len(array), _UNITS)).astype(int)] for array in gates.values()]
    signed = any(np.nan_to_num(array).min() < 0 for array in shown)
    title = f"gates, {len(shown[0])} units of each: 1 is open"
    return Heat(title, "unit", "at the token", list(gates), names, below(shown), -1.0 if signed else 0.0, 1.0)


def _height(values: Array) -> float:
    known = np.abs(values[np.isfinite(values)])
    return float(known.max()) if known.size and known.max() > 0 else 1.0
