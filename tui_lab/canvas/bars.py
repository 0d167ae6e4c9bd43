"""A number for each name as bars of one scale from 0: the probabilities of the next token, say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray
from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.figure import figure
from tui_lab.canvas.frame import Key, heading
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.scale_bar import FULL, HALF, THIN, Scale, draw_bar, draw_ground
from tui_lab.canvas.shades import legible
from tui_lab.canvas.text import clipped, text_width
from tui_lab.canvas.visible import visible

NUMBER = 6
"""Cells of the longest number."""
LEAST_BAR = 3
"""Where a bar would have fewer cells, there are names and numbers alone."""
COLUMN, GAP = 44, 2
"""Bars that are more than there are rows stand in columns of at least so many cells, with a gap between."""
NAME_STEP = 4
"""Names have a multiple of so many cells: the bars stay in place while other names come."""


def bars(
    names: Sequence[str],
    values: Array,
    kept: BoolArray,
    chosen: int,
    compared: Array,
    width: int,
    height: int,
    palette: Palette,
    *,
    value_label: str = "",
    compared_label: str = "",
    title: str = "",
) -> Cells:
    """A bar and a number for each name, values (n,), in the order given; those not `kept` (n,) are thin. `compared`
    (n,) are half-high bars below the others, or ticks on them where rows are short; either may be empty. The scale ends
    at powers of two. Of more bars than fit the first ones are shown, and the `chosen` one."""
    what = _Bars.of(names, values, kept, chosen, compared)
    cells = Cells.blank(width, height)
    top = int(height > 2 and bool(title or value_label or compared_label))
    layout = _Layout.of(what, cells.width, cells.height - top)
    if top:
        heading(cells, title, _keys(what, layout, value_label, compared_label, palette), palette)
    area = cells.part(top, 0, cells.width, cells.height - top)
    for place, index in enumerate(layout.shown):
        column, row = divmod(place, layout.per)
        part = area.part(row * layout.tall, column * (layout.wide + GAP), layout.wide, layout.tall)
        _draw(part, what, index, layout, palette)
    if len(layout.shown) < len(what.names):
        _say_more(area, len(what.names) - len(layout.shown), layout, palette)
    return cells


@dataclass(frozen=True, slots=True, eq=False)
class _Bars:
    """All arrays (n,), but for `compared`, which may be empty."""

    names: list[str]
    values: Array
    kept: BoolArray
    chosen: int
    compared: Array

    @classmethod
    def of(cls, names: Sequence[str], values: Array, kept: BoolArray, chosen: int, compared: Array) -> "_Bars":
        """The arrays checked: a name without a number has NaN, and what does not belong to every bar is left out."""
        count = len(names)
        numbers = np.append(np.asarray(values, float).ravel()[:count], np.full(count, np.nan))[:count]
        compared, kept = np.asarray(compared, float).ravel(), np.asarray(kept, bool).ravel()
        compared = compared if len(compared) == count else np.empty(0)
        kept = kept if len(kept) == count else np.ones(count, bool)
        return cls([visible(name) for name in names], numbers, kept, chosen, compared)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which bars are `shown`, by index, `per` of them in a column `wide` cells wide, each `tall` rows high; and the
    cells of a bar from left to right: a mark, its name, the bar itself on its scale, its number or two."""

    shown: list[int]
    per: int
    wide: int
    tall: int
    mark: int
    name: int
    scale: Scale
    numbers: int
    ticked: bool
    """Whether what is compared is a tick on the bar, not a bar below it."""

    @classmethod
    def of(cls, what: _Bars, width: int, height: int) -> "_Layout":
        """Bars with gaps between them where there is room, without where there is less, in columns where rows end."""
        count, rows = len(what.names), 1 + (len(what.compared) > 0)
        tall = next((tall for tall in (rows + 1, rows) if count * tall <= height + tall - rows), 1)
        per = max((height + max(tall - rows, 0)) // tall, 1)
        columns = max(min(-(-count // per), width // COLUMN), 1)
        if count <= per * columns:
            per = max(-(-count // columns), 1)
        wide, ticked = max((width + GAP) // columns - GAP, 0), tall < rows
        shown = _shown(count, per * columns if height > 0 else 0, what.chosen)
        mark = 2 if 0 <= what.chosen < count else 0
        numbers = 2 if ticked and wide >= COLUMN else 1
        rest = wide - mark - numbers * (NUMBER + 1)
        widest = max((text_width(what.names[index]) for index in shown), default=0)
        name = min(-(-widest // NAME_STEP) * NAME_STEP, max(rest // 3, NAME_STEP))
        room = rest - name - 1
        if room < LEAST_BAR:
            name, room = max(rest, 0), 0
        scale = Scale.around(np.concatenate([what.values, what.compared]), room)
        return cls(shown, per, wide, tall, mark, name, scale, numbers, ticked)


def _shown(count: int, slots: int, chosen: int) -> list[int]:
    """Which bars are drawn: the first ones, and in the last place the chosen one; one slot says how many more."""
    if count <= slots:
        return list(range(count))
    first = list(range(max(slots - 1, 0)))
    if first and len(first) <= chosen < count:
        first[-1] = chosen
    return first


def _keys(what: _Bars, layout: _Layout, value_label: str, compared_label: str, palette: Palette) -> list[Key]:
    keys = [("█", value_label, palette.series[0])] if value_label or compared_label else []
    if len(what.compared):
        keys.append(("┃" if layout.ticked else "▀", compared_label, palette.series[1]))
    return keys if what.kept.all() else [*keys, ("━", "left out", palette.muted)]


def _say_more(area: Cells, count: int, layout: _Layout, palette: Palette) -> None:
    column, row = divmod(len(layout.shown), layout.per)
    said = clipped(f"… {count} more", layout.wide)
    start = min(layout.mark, layout.wide - text_width(said))
    area.write(row * layout.tall, column * (layout.wide + GAP) + start, said, palette.muted)


def _draw(part: Cells, what: _Bars, index: int, layout: _Layout, palette: Palette) -> None:
    """One bar, its name before it and its number behind."""
    kept, here, value = bool(what.kept[index]), index == what.chosen, float(what.values[index])
    ink, style = palette.accent if here else palette.text if kept else palette.muted, BOLD if here else 0
    if here:
        part.write(0, 0, "▸", ink, BOLD)
    part.write(0, layout.mark, clipped(what.names[index], layout.name), ink, style)
    room = part.part(0, layout.mark + layout.name + 1, layout.scale.width, part.height)
    draw_ground(room, layout.scale, palette.grid)
    colour = palette.bad if np.isinf(value) else palette.series[0] if kept and not here else ink
    draw_bar(room, 0, value, layout.scale, FULL if kept else THIN, colour)
    number = figure(value, min(NUMBER, layout.wide))
    part.write(0, layout.wide - (layout.numbers - 1) * (NUMBER + 1) - len(number), number, ink, style)
    if len(what.compared):
        _draw_compared(part, room, float(what.compared[index]), layout, palette)


def _draw_compared(part: Cells, room: Cells, value: float, layout: _Layout, palette: Palette) -> None:
    """A half-high bar in the row below with its number, or a tick on the bar, with its number where there is room."""
    number, colour = figure(value, min(NUMBER, layout.wide)), palette.series[1]
    if not layout.ticked:
        draw_bar(room, 1, value, layout.scale, HALF, colour)
        part.write(1, layout.wide - len(number), number, colour)
        return
    place = layout.scale.place(value)
    if place >= 0:
        ground = int(room.colours[0, place]) if room.glyphs[0, place] == ord("█") else None
        room.write(0, place, "┃", colour if ground is None else legible(ground), BOLD, ground)
    if layout.numbers > 1:
        part.write(0, layout.wide - len(number), number, colour)
