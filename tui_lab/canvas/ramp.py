"""A colour ramp for numbers: from dark blue to pale yellow, even in lightness so that more always looks like more."""

import numpy as np

from tui_lab.canvas.arrays import Array, ColourArray

_ANCHORS = np.array(
    [
        (0x10, 0x1C, 0x3F),
        (0x1B, 0x38, 0x6B),
        (0x1F, 0x5A, 0x87),
        (0x25, 0x7F, 0x8F),
        (0x49, 0xA0, 0x84),
        (0x8C, 0xB9, 0x6F),
        (0xD3, 0xC9, 0x6B),
    ],
    float,
)
STEPS = 24
"""How many colours a ramp has: neighbouring cells of one colour cost fewer bytes on the wire."""


def ramp(fractions: Array, steps: int = STEPS) -> Array:
    """Red, green and blue, each 0..255, for fractions 0..1 in `steps` colours, of shape (…, 3). NaN is the first."""
    levels = np.nan_to_num(np.clip(np.floor(fractions * steps) / max(steps - 1, 1), 0, 1))
    positions = np.linspace(0, 1, len(_ANCHORS))
    return np.stack([np.interp(levels, positions, _ANCHORS[:, part]) for part in range(3)], axis=-1)


def colours(channels: Array) -> ColourArray:
    """Red, green and blue of shape (…, 3) as 0xRRGGBB of shape (…)."""
    parts = np.clip(np.rint(channels), 0, 255).astype(np.int32)
    return (parts[..., 0] << 16) | (parts[..., 1] << 8) | parts[..., 2]


def channels(colour: int) -> Array:
    """One 0xRRGGBB as red, green and blue of shape (3,)."""
    return np.array([colour >> 16 & 255, colour >> 8 & 255, colour & 255], float)
