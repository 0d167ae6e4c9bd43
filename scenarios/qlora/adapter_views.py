"""Adapters: how large they are, which directions they have found, and where the gradient goes."""

from collections.abc import Sequence

import numpy as np
import torch

from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Curves, Heat, Line, Table
from tui_lab.torch_lab.parameters import TensorParameter, Trainables

from .adapted import AdaptedLayer
from .spectrum import Spectrum
from .words import rounded

_SHOWN = 6
"""Layers whose singular values are drawn over each other."""


def adapter_table(layers: Sequence[AdaptedLayer], sizes: Array, gradients: Array, spectra: Sequence[Spectrum]) -> Table:
    """One row for each adapted layer. `sizes` (5, n) are ‖A‖, ‖B‖, the latest updates of both as parts of these, and
    ‖ΔW‖/‖W‖; gradients (2, n) the latest norms before clipping."""
    rows: list[list[str | float]] = []
    for place, (layer, spectrum) in enumerate(zip(layers, spectra, strict=True)):
        a, b, moved_a, moved_b, ratio = (float(number) for number in sizes[:, place])
        slopes = map(float, gradients[:, place])
        numbers = [a, b, 100 * ratio, spectrum.effective_rank, *slopes, 100 * moved_a, 100 * moved_b]
        rows.append([layer.short_name, *map(rounded, numbers)])
    columns = ["layer", "‖A‖", "‖B‖", "ΔW/W %", "rank", "‖∂A‖", "‖∂B‖", "δA %", "δB %"]
    return Table(f"{len(layers)} adapted layers: sizes, effective rank of ΔW, gradients, latest update", columns, rows)


def sizes_of(layers: Sequence[AdaptedLayer], trainables: Trainables, ratios: Array) -> Array:
    """What `adapter_table` takes, (5, n); one transfer. An update is 0 before the first, and NaN of a B that is 0."""
    described = {each.name: each for each in trainables.described() if isinstance(each, TensorParameter)}
    pairs = [described[f"{layer.name}.{which}"] for which in "AB" for layer in layers]
    if not pairs:
        return np.zeros((5, 0))
    with torch.no_grad():
        now = torch.stack(torch._foreach_norm([each.tensor for each in pairs]))
        moved = [each.tensor - (each.tensor if each.before is None else each.before) for each in pairs]
        both = torch.stack([now, torch.stack(torch._foreach_norm(moved))]).double().cpu().numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        share = both[1] / both[0]
    return np.concatenate([both[0].reshape(2, -1), share.reshape(2, -1), ratios[None]])


def singular_values(layers: Sequence[AdaptedLayer], spectra: Sequence[Spectrum], chosen: int) -> Curves:
    """The singular values of ΔW of the chosen layer and of some others, evenly spaced over the model."""
    others = np.unique(np.linspace(0, len(layers) - 1, _SHOWN).round().astype(int))
    places = [chosen, *(int(place) for place in others if place != chosen)][:_SHOWN]
    lines = [
        Line(layers[place].short_name, np.arange(1.0, len(spectra[place].values) + 1), spectra[place].values)
        for place in places
    ]
    here = spectra[chosen]
    title = f"singular values of ΔW, {layers[chosen].short_name}: effective rank {here.effective_rank:.2f}"
    return Curves(title, "number", "σ", lines, log_y=True)


def gradient_map(layers: Sequence[AdaptedLayer], norms: Array, steps: int) -> Heat:
    """The gradient norm of each layer, A and B together, over the latest steps; norms (2, n, t), the newest last."""
    together = np.sqrt(np.square(norms).sum(0))
    count = together.shape[1]
    columns = [] if not count else [str(steps - count + 1), *([str(steps)] if count > 1 else [])]
    title = "gradient norm of each layer over the steps, before clipping"
    rows = [layer.short_name for layer in layers]
    return Heat(title, "layer", "step", rows, _spread(columns, count), together, 0.0, _top(together))


def gradient_places(layers: Sequence[AdaptedLayer], norms: Array, step: int) -> Heat:
    """The latest step's gradient norms, blocks below each other, and beside each other A and B of each kind of layer;
    norms (2, n)."""
    depths = sorted({layer.depth for layer in layers})
    kinds = list(dict.fromkeys(layer.kind for layer in layers))
    values = np.full((len(depths), 2 * len(kinds)), np.nan)
    for place, layer in enumerate(layers):
        column = 2 * kinds.index(layer.kind)
        values[depths.index(layer.depth), column : column + 2] = norms[:, place]
    columns = [f"{kind}.{which}" for kind in kinds for which in "AB"]
    rows = [str(depth) if depth >= 0 else "others" for depth in depths]
    return Heat(f"gradient norms in step {step}", "block", "A and B of", rows, columns, values, 0.0, _top(values))


def _spread(names: list[str], count: int) -> list[str]:
    """Names for the first and the last of `count` columns, as those of evenly spaced ones."""
    return names if count == len(names) or not names else [names[0], *[""] * (count - 2), names[-1]]


def _top(values: Array) -> float:
    """The end of a colour scale."""
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
