"""A colour image beside the numbers that it is made of."""

from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, ColourArray
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.frame import heading
from tui_lab.canvas.image_numbers import Bytes, write_numbers
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pictures import enlarged
from tui_lab.canvas.ramp import colours
from tui_lab.canvas.shades import legible

NUMBERS, LEAST_PICTURE, GAP = 26, 8, 2
"""Cells of width that the numbers need, and from which on a picture is worth drawing beside them; and those between."""
BELOW_FROM, BELOW = 8, 4
"""In a narrower room the numbers stand below the picture: from which height on, and in how many rows."""
MOST_SCALE = 8
"""Pixels of the screen for one of the image."""


def image(
    pixels: Bytes,
    row: int,
    column: int,
    width: int,
    height: int,
    palette: Palette,
    *,
    caption: str = "",
    title: str = "",
) -> Cells:
    """pixels (h, w, 3) of red, green, blue in 0..255 in their own colours, as large as fits or made smaller by means;
    beside them the numbers of the pixel in `row` and `column`, which is marked, and the first ones of the vector of
    all numbers. Where there is no room for both, numbers stand below, or are left out."""
    pixels = _checked(pixels)
    cells = Cells.blank(width, height)
    top = int(height > 2 and bool(title))
    if top:
        heading(cells, title, (), palette)
    area = cells.part(top, 0, cells.width, cells.height - top)
    if not (pixels.size and area.width and area.height):
        return cells
    here = (row, column) if 0 <= row < len(pixels) and 0 <= column < pixels.shape[1] else None
    beside = area.width >= NUMBERS + GAP + LEAST_PICTURE
    below = BELOW if not beside and area.height >= BELOW_FROM else 0
    shown = _Shown.of(pixels, area.width - (NUMBERS + GAP) * beside, area.height - below)
    _draw_picture(area, shown, here, palette)
    if beside:
        left = shown.width + GAP
        write_numbers(area.part(0, left, area.width - left, area.height), pixels, here, caption, palette)
    elif below:
        write_numbers(area.part(area.height - below, 0, area.width, below), pixels, here, "", palette)
    return cells


def _checked(pixels: Bytes) -> Bytes:
    """The pixels (h, w, 3), without more channels than three; none for another shape."""
    pixels = np.asarray(pixels)
    if pixels.ndim != 3 or pixels.shape[2] < 3:
        return np.zeros((0, 0, 3), np.uint8)
    return np.clip(pixels[:, :, :3], 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """The pixels that are drawn, (h, w), each `scale` times, of an image of `shape`; `margin` is 1 where a row above
    them and a column before them are free for arrows, else 0."""

    pixels: ColourArray
    scale: int
    margin: int
    shape: tuple[int, int]

    @classmethod
    def of(cls, pixels: Bytes, width: int, height: int) -> "_Shown":
        """As large as fits, in whole pixels of the screen; the margin must not make it a whole size smaller."""
        shape = pixels.shape[0], pixels.shape[1]
        margin = int(min(width, height) > 2 and _scale(shape, width - 1, height - 1) == _scale(shape, width, height))
        width, height = width - margin, height - margin
        if scale := _scale(shape, width, height):
            return cls(colours(np.asarray(pixels, float)), scale, margin, shape)
        part = min(width / shape[1], 2 * height / shape[0])
        rows, columns = (max(int(side * part), 1) for side in shape)
        return cls(colours(_smaller(pixels, rows, columns)), 1, margin, shape)

    @property
    def width(self) -> int:
        """The cells that it is wide, with its margin."""
        return self.margin + int(self.pixels.shape[1]) * self.scale

    def place(self, row: int, column: int) -> tuple[int, int]:
        """Which of the pixels shows one of the image."""
        high, wide = self.pixels.shape
        return row * high // self.shape[0], column * wide // self.shape[1]


def _scale(shape: tuple[int, int], width: int, height: int) -> int:
    """Pixels of the screen, two in a cell, for each of an image (h, w); 0 where there are fewer."""
    return min(width // shape[1], 2 * height // shape[0], MOST_SCALE)


def _smaller(pixels: Bytes, rows: int, columns: int) -> Array:
    """The means of so many blocks of pixels, (rows, columns, 3)."""
    means: Array = np.asarray(pixels, float)
    for axis, parts in enumerate((rows, columns)):
        starts = -(-np.arange(parts) * means.shape[axis] // parts)
        counts = np.diff(np.append(starts, means.shape[axis]))
        means = np.add.reduceat(means, starts, axis=axis) / np.expand_dims(counts, (2, 1 - axis))
    return means


def _draw_picture(area: Cells, shown: _Shown, here: tuple[int, int] | None, palette: Palette) -> None:
    """The image, and a cross on one of its pixels with arrows to it from above and from the left."""
    area.paste(enlarged(shown.pixels, shown.scale), shown.margin, shown.margin)
    if here is None:
        return
    place = shown.place(*here)
    row, column = (side * shown.scale + shown.scale // 2 for side in place)
    row, column, ground = row // 2 + shown.margin, column + shown.margin, int(shown.pixels[place])
    if shown.margin:
        area.write(0, column, "▾", palette.accent, BOLD)
        area.write(row, 0, "▸", palette.accent, BOLD)
    area.write(row, column, "┼", legible(ground), BOLD, ground)
