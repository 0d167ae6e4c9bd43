"""Small pictures beside each other, as pixels; and one picture beside its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, ColourArray
from tui_lab.canvas.axis import rough_label
from tui_lab.canvas.cells import BOLD, DEFAULT, Cells
from tui_lab.canvas.figure import figure
from tui_lab.canvas.frame import Key, heading
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pixels import half_blocks
from tui_lab.canvas.shades import diverging, legible, neutral, shaded, usable
from tui_lab.canvas.text import clipped, text_width

GAP = 2
"""Cells between two pictures."""
MOST_CAPTION = 12
"""Cells that a caption may take from a narrower picture's neighbours."""
ARROW = 5
"""Cells between a picture and its numbers."""
MOST_SCALE = 8
"""Pixels of the screen for one of a picture."""
LEAST_SIDE = 8
"""Pixels that a picture keeps where it is drawn smaller so that all fit."""
GREYS = 17
"""Shades of a picture without negative numbers: one for each ink level of the 8 × 8 digits, 0 to 16."""


def pictures(
    captions: Sequence[str],
    images: Array,
    low: float,
    high: float,
    numbers: bool,
    width: int,
    height: int,
    palette: Palette,
    *,
    title: str = "",
) -> Cells:
    """images (n, h, w) on the scale low..high, row 0 at the top, each with its caption below: as large as all fit, or
    as many as fit and how many more there are. One picture with `numbers` has them beside it."""
    images = np.asarray(images, float)
    images = images if images.ndim == 3 and images.size else np.zeros((0, 1, 1))
    low, high = usable(low, high, (0.0, 1.0))
    cells = Cells.blank(width, height)
    top = int(height > 2 and bool(title))
    if top:
        heading(cells, title, _keys(low, high, palette), palette)
    area = cells.part(top, 0, cells.width, cells.height - top)
    if not (len(images) and area.width and area.height):
        return cells
    colours = picture_colours(images, low, high, palette)
    if not (numbers and len(images) == 1 and beside(area, images[0], colours[0], captions[:1], palette)):
        _draw_all(area, captions, colours, palette)
    return cells


def picture_colours(images: Array, low: float, high: float, palette: Palette) -> ColourArray:
    """Colours of both signs where the scale has both, else shades from the background to the text's colour."""
    known = np.isfinite(images)
    if low < 0 < high:
        most = max(-low, high)
        return diverging(np.where(known, np.clip(images, -most, most), np.nan) / most, palette)
    parts = (np.clip(images, low, high) / 2 - low / 2) / (high / 2 - low / 2)
    return np.where(known, shaded(neutral(palette), palette.text, parts, GREYS), palette.bad).astype(np.int32)


def _keys(low: float, high: float, palette: Palette) -> list[Key]:
    ends = picture_colours(np.array([low, high]), low, high, palette).tolist()
    return [("■", rough_label(value), colour) for value, colour in zip((low, high), ends, strict=True)]


@dataclass(frozen=True, slots=True)
class _Slots:
    """Places for pictures in a rectangle of cells: each `width` by `height` with its gap, `columns` in each of `rows`.
    A pixel is drawn `scale` times, or only one of `every`."""

    scale: int
    every: int
    width: int
    height: int
    columns: int
    rows: int

    @property
    def count(self) -> int:
        return self.columns * self.rows

    @classmethod
    def of(cls, area: Cells, scale: int, every: int, shape: tuple[int, ...], caption: int) -> "_Slots":
        """The places of pictures of `shape` (h, w) with captions of so many cells."""
        high, wide = (-(-side // every) * scale for side in shape)
        width = max(wide, min(caption, MOST_CAPTION)) + GAP
        height = (high + 1) // 2 + (caption > 0)
        return cls(scale, every, width, height, (area.width + GAP) // width, area.height // height)


def _slots(area: Cells, colours: ColourArray, caption: int) -> _Slots:
    """The largest places in which all pictures fit, or else the smallest."""
    count, *shape = colours.shape
    # A picture must not lose so much that nothing of it can be recognised, unless not even one would fit.
    most = max(
        min(shape) // LEAST_SIDE, -(-shape[1] // area.width), -(-shape[0] // (2 * area.height - 2 * (caption > 0)))
    )
    sizes = [(scale, 1) for scale in range(MOST_SCALE, 0, -1)] + [(1, every) for every in range(2, most + 1)]
    slots = [_Slots.of(area, scale, every, tuple(shape), caption) for scale, every in sizes]
    return next((size for size in slots if size.count >= count), slots[-1])


def _draw_all(area: Cells, captions: Sequence[str], colours: ColourArray, palette: Palette) -> None:
    """The pictures in rows; in the last place how many more there are."""
    caption = max((text_width(text) for text in captions), default=0) if area.height > 1 else 0
    count, slots = len(colours), _slots(area, colours, caption)
    colours = colours[:, :: slots.every, :: slots.every]
    shown = count if count <= slots.count else max(slots.count - 1, 1)
    for place in range(shown):
        row, column = place // max(slots.columns, 1) * slots.height, place % max(slots.columns, 1) * slots.width
        area.paste(enlarged(colours[place], slots.scale), row, column)
        if caption and place < len(captions):
            text = clipped(captions[place], min(slots.width - 1, area.width - column))
            area.write(row + slots.height - 1, column, text, palette.muted)
    if shown < count and slots.count > 1:
        row, column = divmod(shown, slots.columns)
        row = row * slots.height + (slots.height - (caption > 0)) // 2
        area.write(row, column * slots.width, f"… {count - shown} more", palette.muted)


def enlarged(colours: ColourArray, scale: int) -> Cells:
    """A picture (h, w) with `scale` × `scale` pixels of the screen for each of its own."""
    pixels = np.repeat(np.repeat(colours, scale, axis=0), scale, axis=1)
    return half_blocks(np.pad(pixels, ((0, len(pixels) % 2), (0, 0)), constant_values=DEFAULT))


def beside(area: Cells, image: Array, colours: ColourArray, captions: Sequence[str], palette: Palette) -> bool:
    """One picture, and right of it its numbers on the same colours, row by row. False, and nothing drawn, where there
    is no room for both."""
    high, wide = image.shape
    texts = [[figure(value, 5) for value in row] for row in image.tolist()]
    longest = max(len(text) for row in texts for text in row)
    field = longest + 1
    captioned = int(area.height > high)
    # Two pixels of the screen for each make a row of the picture a row of cells, beside its row of numbers.
    fits = [scale for scale in (8, 6, 4, 2) if _needs(scale, high, wide, field, area.height - captioned, area.width)]
    if not fits:
        return False
    scale = fits[0]
    tall, left = scale // 2, wide * scale + ARROW
    field = max(field, min(scale, (area.width - left) // wide))
    area.paste(enlarged(colours, scale), 0, 0)
    area.write(high * tall // 2, wide * scale + ARROW // 2 - 1, "→", palette.text, BOLD)
    for j, row in enumerate(texts):
        for i, text in enumerate(row):
            shade = int(colours[j, i])
            area.part(j * tall, left + i * field, field, tall).backgrounds[:] = shade
            area.write(
                j * tall + (tall - 1) // 2,
                left + (i + 1) * field - len(text) - (field - longest) // 2,
                text,
                legible(shade),
            )
    if captioned:
        area.write(high * tall, 0, clipped(captions[0] if captions else "", wide * scale), palette.muted)
        area.write(high * tall, left, f"{high} × {wide} = {high * wide} numbers", palette.muted)
    return True


def _needs(scale: int, high: int, wide: int, field: int, rows: int, columns: int) -> bool:
    return wide * scale + ARROW + wide * field <= columns and high * scale // 2 <= rows
