"""The colours a drawing uses. The viewer makes a palette from its theme."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as 0xRRGGBB. `series` are told apart by colour-blind readers too (Okabe and Ito, 2008)."""

    text: int = 0xE0E0E0
    muted: int = 0x808890
    grid: int = 0x3A4048
    accent: int = 0xF0E442
    good: int = 0x009E73
    bad: int = 0xD55E00
    positive: int = 0x56B4E9
    negative: int = 0xE69F00
    background: int = 0x121820
    series: tuple[int, ...] = (0x56B4E9, 0xE69F00, 0x009E73, 0xCC79A7, 0xF0E442, 0xD55E00, 0x0072B2)
