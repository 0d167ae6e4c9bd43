"""Texts in pieces, their tokens: wrapped, each piece told from the next, with what it means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lab.canvas.arrays import ColourArray
from tui_lab.canvas.cells import BOLD, DIM, REVERSE, UNDERLINE, Cells
from tui_lab.canvas.keys import GAP, packed
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.shades import STEPS, legible, mixed, shaded
from tui_lab.canvas.strip import SHADES, strip_width, write_strip
from tui_lab.canvas.text import clipped, text_width
from tui_lab.canvas.token_text import Passage, Text, fitted

LEAST_HEIGHT, MOST_KEY = 5, 0.34
"""The height from which on title and key are written, and the part of it that they may take."""
GROUNDS, SHADED = (0.06, 0.15), (0.06, 0.11)
"""How far the grounds of even and of odd pieces stand out: without shades, and with them."""


def tokens(
    passages: Sequence[Passage],
    marks: Sequence[str],
    width: int,
    height: int,
    palette: Palette,
    *,
    shade_label: str = "",
    low: float = 0.0,
    high: float = 1.0,
    title: str = "",
) -> Cells:
    """The passages below each other, each with as many rows as the others leave it: its first ones and its last ones,
    and how many pieces are between them. The last row tells of passages without room. Neighbouring pieces stand on two
    grounds, or on their shades, from `low` to `high` in numbers; every mark has a colour and a style, and the key tells
    them."""
    cells = Cells.blank(width, height)
    looks, top = _Looks.of(len(marks), palette), 0
    if height >= LEAST_HEIGHT:
        toned = bool(shade_label) or any(np.isfinite(passage.shades).any() for passage in passages)
        label = clipped(shade_label, cells.width - strip_width("", low, high) - 1)
        key = _Key(marks, (label, low, high) if toned else None)
        top = _write_key(cells, title, key, looks, palette)
    area = cells.part(top, 0, cells.width, cells.height - top)
    texts, gap = fitted(passages, area.width, area.height)
    row = 0
    for text in texts:
        _draw(area.part(row, 0, area.width, text.height), text, looks, palette)
        row += text.height + gap
    if len(texts) < len(passages):
        left = len(passages) - len(texts)
        said = f"… {left} more {'text' if left == 1 else 'texts'}"
        area.write(area.height - 1, 0, clipped(said, area.width), palette.accent)
    return cells


@dataclass(frozen=True, slots=True, eq=False)
class _Looks:
    """How pieces look: an ink and a style for each mark, a ground for even and for odd pieces (2,), and for the shaded
    ones grounds (2, STEPS) with the inks that can be read on them."""

    inks: ColourArray
    styles: NDArray[np.uint8]
    grounds: ColourArray
    shades: ColourArray
    shade_inks: ColourArray

    @classmethod
    def of(cls, marks: int, palette: Palette) -> "_Looks":
        """Looks for so many marks, at least one; the first is plain."""
        series = palette.series
        known = [(palette.text, 0), (series[0], BOLD), (series[1], UNDERLINE), (palette.text, DIM)]
        known += [(series[2], BOLD | UNDERLINE), (series[3 % len(series)], REVERSE)]
        inks, styles = zip(*(known[place % len(known)] for place in range(max(marks, 1))), strict=True)
        grounds, weak = (
            [mixed(palette.background, palette.text, part) for part in parts] for parts in (GROUNDS, SHADED)
        )
        strong = palette.positive, mixed(palette.positive, palette.text, SHADED[1])
        steps = np.linspace(0, 1, STEPS)
        shades = np.stack([shaded(*ends, steps) for ends in zip(weak, strong, strict=True)])
        readable = np.array([[legible(shade) for shade in row] for row in shades.tolist()], np.int32)
        return cls(np.array(inks, np.int32), np.array(styles, np.uint8), np.array(grounds, np.int32), shades, readable)


@dataclass(frozen=True, slots=True)
class _Key:
    """What marks mean, and of shades the label with the numbers of their ends, where there are any."""

    marks: Sequence[str]
    shade: tuple[str, float, float] | None

    def widths(self) -> list[int]:
        """The cells of each entry, the shades' last."""
        return [text_width(mark) for mark in self.marks] + ([strip_width(*self.shade)] if self.shade else [])


def _write_key(cells: Cells, title: str, key: _Key, looks: _Looks, palette: Palette) -> int:
    """The title and the key, in one row where they fit, else the key in rows of its own; how many rows they take."""
    widths = key.widths()
    beside = cells.width - sum(widths) - GAP * max(len(widths) - 1, 0)
    one = bool(title) and text_width(title) + GAP <= beside
    top = int(bool(title) and not one)
    if title:
        cells.write(0, 0, clipped(title, cells.width), palette.text, BOLD)
    rows = packed(widths, cells.width)[: max(int(cells.height * MOST_KEY) - top, 0)]
    for row, entries in enumerate(rows):
        column = beside if one else 0
        for entry in entries:
            if entry < len(key.marks):
                name = clipped(key.marks[entry], cells.width)
                ink, style = int(looks.inks[entry]), int(looks.styles[entry])
                column = cells.write(top + row, column, name, ink, style, int(looks.grounds[0])) + GAP
            elif key.shade:
                shades = looks.shades[0, np.linspace(0, STEPS - 1, SHADES).astype(np.intp)]
                column = write_strip(cells, top + row, column, *key.shade, shades, palette) + GAP
    return top + len(rows)


def _draw(area: Cells, text: Text, looks: _Looks, palette: Palette) -> None:
    """The caption and the rows of one text, with how many pieces are left out where they are."""
    text, note = text.noted(area.width)
    top = int(bool(text.caption))
    if top:
        area.write(0, 0, clipped(text.caption, area.width), palette.muted, BOLD)
    marks = np.where((text.marks >= 0) & (text.marks < len(looks.inks)), text.marks, 0)
    parity = np.arange(len(marks)) % 2
    levels = np.rint(np.clip(np.nan_to_num(text.shades), 0, 1) * (STEPS - 1)).astype(np.intp)
    bare = np.isnan(text.shades)
    inks = np.where(bare, looks.inks[marks], looks.shade_inks[parity, levels])
    grounds = np.where(bare, looks.grounds[parity], looks.shades[parity, levels])
    styles = looks.styles[marks]
    for row, (start, stop) in enumerate(text.rows + text.tail, top):
        if stop - start <= area.width:
            pieces, place = text.flow.pieces[start:stop], (row, slice(stop - start))
            area.glyphs[place] = text.flow.glyphs[start:stop]
            area.colours[place], area.backgrounds[place] = inks[pieces], grounds[pieces]
            area.styles[place] = styles[pieces]
    said = clipped(note, area.width)
    area.write(top + len(text.rows) - 1, area.width - text_width(said), said, palette.accent)
