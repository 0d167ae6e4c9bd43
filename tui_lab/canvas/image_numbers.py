"""The numbers of a colour image: those of one pixel, and the vector of all of them."""

import numpy as np
from numpy.typing import NDArray

from tui_lab.canvas.bar import bar
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.ramp import colours
from tui_lab.canvas.shades import mixed
from tui_lab.canvas.text import clipped

CHANNELS = {"R": 0xE0503C, "G": 0x2FA84F, "B": 0x4A86E8}
"""Red, green and blue, and the colours that they are written in."""
INK = 0.2
"""How far those are moved towards the text's colour."""
LEAST_BARS, CAPTION_FROM = 8, 11
"""The heights from which on a pixel's numbers have a row each, and from which on the caption is written."""
LONGEST_BAR = 32
"""Cells of the bar of 255."""
ENTRY = 4
"""Cells of an entry of the vector."""

Bytes = NDArray[np.uint8]


def write_numbers(area: Cells, pixels: Bytes, here: tuple[int, int] | None, caption: str, palette: Palette) -> None:
    """The caption, the numbers of the pixel (row, column), and as many of the vector's first entries as fit: those of
    pixels (h, w, 3) row by row, each pixel's red, green, blue."""
    inks = [mixed(colour, palette.text, INK) for colour in CHANNELS.values()]
    row = 0
    if caption and area.height >= CAPTION_FROM:
        area.write(0, 0, clipped(caption, area.width), palette.text, BOLD)
        row = 1
    if here:
        row = _write_pixel(area, row, pixels[here], here, inks, palette)
    high, wide, _ = pixels.shape
    texts = f"{high} × {wide} × 3 = {pixels.size} numbers", f"{pixels.size} numbers"
    said = next((text for text in texts if len(text) <= area.width), clipped(texts[-1], area.width))
    area.write(row, 0, said, palette.text)
    marked = (here[0] * wide + here[1]) * 3 if here else -1
    _write_vector(area.part(row + 1, 0, area.width, max(area.height - row - 1, 0)), pixels, marked, inks, palette)


def _write_pixel(area: Cells, row: int, pixel: Bytes, here: tuple[int, int], inks: list[int], palette: Palette) -> int:
    """Where the pixel is and its three numbers, as bars too where rows are enough; the row after them."""
    area.write(row, 0, "██", int(colours(np.asarray(pixel, float))))
    tall = area.height >= LEAST_BARS
    where = f"row {here[0]}, column {here[1]}" if tall else f"{here[0]}, {here[1]}:"
    column = area.write(row, 3, where, palette.text if tall else palette.muted) + 1
    for place, (name, ink, value) in enumerate(zip(CHANNELS, inks, pixel.tolist(), strict=True), 1):
        if tall:
            area.write(row + place, 0, f"{name} {value:>3}", ink, BOLD)
            room = min(area.width - 6, LONGEST_BAR)
            area.write(row + place, 6, "┈" * room, palette.grid)
            area.write(row + place, 6, bar(value / 255, room).rstrip(), ink)
        else:
            column = area.write(row, column, f"{name} {value}", ink, BOLD) + 1
    return row + (5 if area.height >= CAPTION_FROM else 4 if tall else 1)


def _write_vector(area: Cells, pixels: Bytes, marked: int, inks: list[int], palette: Palette) -> None:
    """Entries in rows of whole pixels, the three from number `marked` on standing out; in a last row, where there are
    more of them, those or how many more."""
    vector, across = pixels.ravel(), max(area.width // (3 * ENTRY), 1) * 3
    rows = min(-(-len(vector) // across), area.height)
    rows -= int(rows * across < len(vector) and rows > 0)
    ink = np.array(inks, np.int32)[np.arange(across * ENTRY)[: area.width] // ENTRY % 3]
    for row in range(rows):
        entries = vector[row * across : (row + 1) * across].tolist()
        end = min(area.write(row, 0, "".join(f"{entry:>{ENTRY - 1}} " for entry in entries)), area.width)
        area.colours[row, :end] = ink[:end]
    if 0 <= marked < rows * across:
        row, column = divmod(marked, across)
        part = area.part(row, column * ENTRY, 3 * ENTRY - 1, 1)
        part.styles[:], part.backgrounds[:] = BOLD, palette.grid
    elif marked >= 0 and area.height:
        _write_far(area, rows, marked, vector[marked : marked + 3], inks, palette)
    elif rows * across < len(vector):
        area.write(rows, 0, clipped(f"… {len(vector) - rows * across} more", area.width), palette.muted)


def _write_far(area: Cells, row: int, marked: int, entries: Bytes, inks: list[int], palette: Palette) -> None:
    """The entries of the pixel, which stand further on in the vector, with the number of the first."""
    column = area.write(row, 0, f"… [{marked}] ", palette.muted)
    for entry, ink in zip(entries.tolist(), inks, strict=True):
        column = area.write(row, column, f"{entry} ", ink, BOLD)
    area.write(row, column, "…", palette.muted)
