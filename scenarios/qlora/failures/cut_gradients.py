"""Failure 6: gradients that do not arrive, or arrive wrong. The loss may look healthy all the while."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ..adapted import AdaptedLayer
from .finding import Finding, Weight
from .unstable import Array

PATIENCE = 2
"""Steps in a row without a gradient before it is told."""
COLLAPSE = 100.0
"""How many times smaller the first block's gradient must be than the last one's."""


def no_gradient(steps_without: Mapping[str, int], trained: int) -> Finding | None:
    """`steps_without` has, for each trained tensor, for how many steps in a row its gradient was 0 or absent. A's is
    rightly 0 as long as B is 0: those steps are not counted."""
    cut = sorted(name for name, steps in steps_without.items() if steps >= PATIENCE)
    if not cut:
        return None
    shown = ", ".join(cut[:3]) + (", …" if len(cut) > 3 else "")
    return Finding(
        Weight.FAILURE,
        "Gradients cut",
        f"{len(cut)} of {trained} trained tensors had no gradient for {max(steps_without.values())} steps ({shown})",
        "something between the loss and these layers lets no gradient through"
        + ("" if len(cut) < trained else ", or no label is trained"),
        "with gradient checkpointing see that the inputs require a gradient; look for a detached or packed layer",
    )


def steps_without(norms: Array, layers: Sequence[AdaptedLayer], sizes: Array) -> dict[str, int]:
    """For how many of the latest steps in a row each A and B had no gradient, from the norms (2, layers, steps) of A's
    and B's, oldest first, and from max|B| (layers,). As long as B is 0, A's gradient is rightly 0."""
    counts: dict[str, int] = {}
    for layer, of_a, of_b, size in zip(layers, norms[0], norms[1], sizes, strict=True):
        counts[f"{layer.name}.B"] = _trailing(of_b == 0)
        if counts[f"{layer.name}.B"] < PATIENCE and size > 0:
            counts[f"{layer.name}.A"] = _trailing(of_a[1:] == 0)
    return counts


def fading(norms: Array, layers: Sequence[AdaptedLayer]) -> tuple[list[float], int]:
    """The norm of the gradients of B in each block, first to last, and for how many of the latest steps the first
    block's has been COLLAPSE times smaller than the last one's."""
    depths = np.array([layer.depth for layer in layers])
    blocks = [np.sqrt(np.square(norms[1][depths == depth]).sum(axis=0)) for depth in np.unique(depths[depths >= 0])]
    if not blocks or not norms.shape[2]:
        return [], 0
    return [float(block[-1]) for block in blocks], _trailing(blocks[-1] > COLLAPSE * blocks[0])


def _trailing(flags: NDArray[np.bool_]) -> int:
    """How many of the last flags in a row are set."""
    unset = np.flatnonzero(~flags)
    return len(flags) - 1 - int(unset[-1]) if unset.size else len(flags)


def collapse(norms: Sequence[float], steps: int) -> Finding | None:
    """The gradient's norm in each block, first to last (of B alone, which has one from the first step on), and for how
    many steps the ratio has been as it is."""
    if len(norms) < 2 or norms[0] <= 0 or steps <= PATIENCE or norms[-1] < COLLAPSE * norms[0]:
        return None
    return Finding(
        Weight.FAILURE,
        "Gradients fade",
        f"for {steps} steps the first block's gradient has been {norms[-1] / norms[0]:.0f} times smaller than the last "
        f"one's ({norms[0]:.2e} against {norms[-1]:.2e})",
        "a layer in between hands back a wrong or rounded gradient",
        "see where it drops in the heat map of gradients; compute in fp32 or bf16",
    )


def count_packed(layers: Iterable[nn.Module]) -> int:
    """How many frozen layers bitsandbytes has repacked for its CPU kernel of inference, which has no backward: it does
    so in the first forward pass in evaluation mode on CPUs with AVX512-BF16, unless the guard is set at loading."""
    return sum(_packed(layer) for layer in layers)


def _packed(layer: nn.Module) -> bool:
    weight: Any = getattr(layer, "weight", None)
    return bool(getattr(getattr(weight, "quant_state", None), "packing_format_for_cpu", False))


def packed(count: int, layers: int) -> Finding:
    """What is said when some are."""
    return Finding(
        Weight.STOP,
        "Gradients destroyed",
        f"{count} of {layers} frozen layers are packed for inference, in a kernel that hands no gradient back",
        "bitsandbytes packed them in a forward pass in evaluation mode: something switched its "
        "support_avx512bf16_for_cpu on",
        "stop the run and play it again: its weights are then loaded anew",
    )


def gradients_differ(difference: float, tolerance: float) -> Finding | None:
    """The adapters' gradients of one fixed batch after the first sample against those before it, dropout off:
    ‖after − before‖/‖before‖. On a CPU they must be the same to the last bit."""
    if difference <= tolerance:
        return None
    return Finding(
        Weight.STOP,
        "Gradients changed by sampling",
        f"the gradients of one fixed batch were off by {difference:.1%} of themselves after the model had answered a "
        "prompt, while no weight had changed",
        "sampling left the model in another state",
        "report this with the versions in tui-lab doctor, and set sample_every above steps until then",
    )
