"""Many numbers as colours alone: a heat map that fills its room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, ColourArray, IntArray
from tui_lab.canvas.cells import DEFAULT, Cells
from tui_lab.canvas.figure import figure
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pixels import half_blocks
from tui_lab.canvas.shades import diverging, neutral, shaded, usable
from tui_lab.canvas.strip import SHADES, strip_heading
from tui_lab.canvas.text import clipped, text_width
from tui_lab.canvas.visible import visible

HEADS_FROM, FOOT_FROM = 6, 7
"""The height from which on the columns' names are written, and that of the map for a line about its extremes."""
MOST_NAME, MOST_COLUMN = 0.25, 6
"""The part of the width that row names may take, and the cells of a column's name where others follow it closely."""
TALLEST, WIDEST, LONGEST = 6, 12, 4
"""Pixels of one number at most, and how many times as long as wide it may be, or as wide as long."""
FULL, WEAK, STRONG = 0.65, 16, 8
"""Where on a scale of one sign the palette's colour is, and how many shades there are before and after it."""


def heat(
    row_label: str,
    column_label: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Array,
    low: float,
    high: float,
    width: int,
    height: int,
    palette: Palette,
    *,
    title: str = "",
) -> Cells:
    """values (r, c) on the scale low..high, each a block of pixels. Where a pixel stands for many numbers it shows the
    extreme among them: the largest, or on a scale with both signs the one furthest from 0, so that a lone spike is
    never lost. NaN is nothing. Names that are fewer than the rows belong to evenly spaced ones; so with columns."""
    values = np.asarray(values, float)
    values = values if values.ndim == 2 else np.zeros((0, 0))
    low, high = usable(low, high, (0.0, 1.0))
    cells = Cells.blank(width, height)
    top = int(height > 2)
    if top:
        _write_heading(cells, title, row_label, column_label, low, high, palette)
    rows, columns = ([visible(name) if name else "" for name in names] for names in (rows, columns))
    margin = min(max(map(text_width, rows), default=-1), int(cells.width * MOST_NAME)) + 1
    head = int(height >= HEADS_FROM and any(columns))
    area = cells.part(top + head, margin, max(cells.width - margin, 0), max(cells.height - top - head, 0))
    if not (values.size and area.width and area.height):
        return cells
    grid = _Grid.above_foot(values.shape, area.width, area.height)
    shades = heat_colours(extremes(values, grid.rows, grid.columns, low < 0 < high), low, high, palette)
    area.paste(half_blocks(grid.pixels(shades)), 0, 0)
    _write_rows(cells.part(top + head, 0, margin, area.height), rows, grid, palette)
    if head:
        _write_columns(cells.part(top, margin, area.width, 1), columns, grid, palette)
    if area.height > grid.height:
        said = clipped(_extremes_said(values, rows, columns, grid), cells.width)
        cells.write(cells.height - 1, 0, said, palette.muted)
    return cells


def _write_heading(
    cells: Cells, title: str, row_label: str, column_label: str, low: float, high: float, palette: Palette
) -> None:
    note = " ".join(f"{label} {arrow}" for label, arrow in ((row_label, "↓"), (column_label, "→")) if label)
    shades = heat_colours(np.linspace(low, high, SHADES), low, high, palette)
    strip_heading(cells, title, note, low, high, shades, palette)


def heat_colours(values: Array, low: float, high: float, palette: Palette) -> ColourArray:
    """A colour for each number on the scale, two colours' shades where it has both signs; nothing for NaN."""
    if low < 0 < high:
        most = max(-low, high)
        shades = diverging(np.where(np.isinf(values), values, np.clip(values, -most, most) / most), palette)
    else:
        parts = (np.clip(values, low, high) / 2 - low / 2) / (high / 2 - low / 2)
        shades = np.where(np.isinf(values), palette.bad, _rising(parts, palette))
    return np.where(np.isnan(values), DEFAULT, shades).astype(np.int32)


def _rising(parts: Array, palette: Palette) -> ColourArray:
    """Colours for 0..1 that stand out more and more from the ground: over the palette's positive to the text's."""
    weak = shaded(neutral(palette), palette.positive, parts / FULL, WEAK)
    strong = shaded(palette.positive, palette.text, (parts - FULL) / (1 - FULL), STRONG)
    return np.where(parts < FULL, weak, strong).astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Numbers (r, c), their `shape`, as `rows` × `columns` blocks of `tall` × `wide` pixels, each of one number or of
    many."""

    shape: tuple[int, int]
    rows: int
    columns: int
    tall: int
    wide: int

    @classmethod
    def of(cls, shape: tuple[int, ...], width: int, height: int) -> "_Grid":
        """As large as fits into so many cells, two pixels each, in whole pixels and not too long a shape."""
        high, wide = shape
        rows, columns = min(high, 2 * height), min(wide, width)
        tall, broad = min(2 * height // rows, TALLEST), min(width // columns, WIDEST)
        tall, broad = min(tall, LONGEST * broad), min(broad, LONGEST * tall)
        # Whole cells, so that names stand beside their rows.
        return cls((high, wide), rows, columns, tall if tall < 2 else tall // 2 * 2, broad)

    @classmethod
    def above_foot(cls, shape: tuple[int, ...], width: int, height: int) -> "_Grid":
        """The same, with a row of cells left free below where that makes no number smaller."""
        full = cls.of(shape, width, height)
        if height < FOOT_FROM:
            return full
        short = cls.of(shape, width, height - 1)
        return short if short.tall == full.tall and (short.rows == full.rows or full.rows < shape[0]) else full

    @property
    def height(self) -> int:
        """The cells that it is high."""
        return (self.rows * self.tall + 1) // 2

    def pixels(self, shades: ColourArray) -> ColourArray:
        """The blocks (rows, columns) as pixels of an even number of rows."""
        pixels = np.repeat(np.repeat(shades, self.tall, axis=0), self.wide, axis=1)
        return np.pad(pixels, ((0, len(pixels) % 2), (0, 0)), constant_values=DEFAULT)

    def row(self, number: int) -> int:
        """The cell row of a row of numbers: the middle of its block."""
        return (number * self.rows // self.shape[0] * self.tall + (self.tall - 1) // 2) // 2

    def column(self, number: int) -> int:
        """The first cell column of a column of numbers."""
        return number * self.columns // self.shape[1] * self.wide


def extremes(values: Array, rows: int, columns: int, signed: bool) -> Array:
    """values cut into at most as many rows × columns blocks, the extreme of each: its largest number, or with `signed`
    the one furthest from 0. NaN is left only where there is nothing else."""
    starts = _starts(values.shape[0], rows), _starts(values.shape[1], columns)
    most = np.fmax.reduceat(np.fmax.reduceat(values, starts[0], axis=0), starts[1], axis=1)
    if not signed:
        return most
    least = np.fmin.reduceat(np.fmin.reduceat(values, starts[0], axis=0), starts[1], axis=1)
    return np.where(-least > most, least, most)


def _starts(count: int, parts: int) -> IntArray:
    """Where each of the parts of so many numbers begins: number n belongs to part n·parts/count, rounded down."""
    return -(-np.arange(parts) * count // parts)


def _every(names: Sequence[str], cells: int, need: int) -> int:
    """Which names are written, every one or every so many: so that each has so many cells of them all."""
    return max(-(-len(names) * need // max(cells, 1)), 1)


def _write_rows(margin: Cells, names: Sequence[str], grid: _Grid, palette: Palette) -> None:
    """Names at the left of their rows; where rows are lower than cells, evenly spaced ones."""
    names = names[: grid.shape[0]]
    for place in range(0, len(names), _every(names, grid.rows * grid.tall // 2, 1)):
        name = clipped(names[place], margin.width - 1)
        row = grid.row(place * grid.shape[0] // len(names))
        margin.write(row, margin.width - 1 - text_width(name), name, palette.text)


def _write_columns(area: Cells, names: Sequence[str], grid: _Grid, palette: Palette) -> None:
    """Names over the first cells of their columns; where columns are narrow, evenly spaced ones."""
    names, wide = names[: grid.shape[1]], grid.columns * grid.wide
    every = _every(names, wide, min(max(map(text_width, names), default=0), MOST_COLUMN) + 1)
    room = max(wide * every // max(len(names), 1) - 1, 1)
    for place in range(0, len(names), every):
        start = grid.column(place * grid.shape[1] // len(names))
        area.write(0, start, clipped(names[place], min(room, area.width - start)), palette.text)


def _extremes_said(values: Array, rows: Sequence[str], columns: Sequence[str], grid: _Grid) -> str:
    """The largest and the least number and where they stand, and how many numbers a pixel stands for."""
    known = np.isfinite(values)
    if not known.any():
        return "no numbers"
    said = []
    for word, place in (
        ("largest", int(np.where(known, values, -np.inf).argmax())),
        ("least", int(np.where(known, values, np.inf).argmin())),
    ):
        row, column = divmod(place, values.shape[1])
        where = f"{_name(rows, row, grid.shape[0])}, {_name(columns, column, grid.shape[1])}"
        said.append(f"{word} {figure(float(values[row, column]))} at {where}")
    high, wide = -(-grid.shape[0] // grid.rows), -(-grid.shape[1] // grid.columns)
    if high * wide > 1:
        said.append(f"{high} × {wide} numbers to a pixel")
    return " · ".join(said)


def _name(names: Sequence[str], place: int, count: int) -> str:
    """The name of a row or column, its number from 0 where it has none of its own."""
    return names[place] if len(names) == count and names[place] else str(place)
