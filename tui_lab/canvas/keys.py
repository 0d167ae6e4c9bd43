"""Keys that are too long for a heading: in rows, or beside what they tell of."""

from collections.abc import Sequence

from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.frame import Key
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import text_width

GAP = 2
"""Cells between two entries of a row."""
BESIDE = 4
"""Cells that a label has beside a vertical axis for certain."""


def upward(label: str, title: str, keys: Sequence[Key], width: int, palette: Palette) -> tuple[str, list[Key]]:
    """What the vertical axis tells and the heading's key: a label too long to stand beside the axis goes into the key,
    if there is room for all of it."""
    longer: list[Key] = [("↑", label, palette.muted), *keys]
    fits = text_width(title) + sum(text_width(f"{sign} {name}") + GAP for sign, name, _ in longer) <= width
    return ("", longer) if text_width(label) > BESIDE and fits else (label, [*keys])


def packed(widths: Sequence[int], room: int) -> list[list[int]]:
    """Entries of so many cells in rows of `room` cells, as their indices; each row has at least one."""
    rows: list[list[int]] = []
    free = -1
    for place, width in enumerate(widths):
        if free < width:
            rows.append([])
            free = room
        rows[-1].append(place)
        free -= width + GAP
    return rows


def write_keys(cells: Cells, row: int, most: int, keys: Sequence[Key], palette: Palette) -> int:
    """The key in rows from `row` on, at most so many; of too many entries the first ones and how many more there are.
    The number of rows that it took."""
    entries, rows = _fitting(keys, cells.width, most, palette)
    for place, row_entries in enumerate(rows):
        column = 0
        for sign, name, colour in (entries[entry] for entry in row_entries):
            end = cells.write(row + place, column, sign, colour, BOLD)
            column = cells.write(row + place, end + 1, name, palette.text) + GAP
    return len(rows)


def _fitting(keys: Sequence[Key], room: int, most: int, palette: Palette) -> tuple[list[Key], list[list[int]]]:
    """The entries that fit into `most` rows, and their rows; no entry has fewer cells than its sign and its gaps."""
    if most < 1 or room < 1:
        return [], []
    for count in range(min(len(keys), most * room), 0, -1):
        left = len(keys) - count
        entries = [*keys[:count], *([("…", f"{left} more", palette.muted)] if left else [])]
        rows = packed([text_width(f"{sign} {name}") for sign, name, _ in entries], room)
        if len(rows) <= most:
            return entries, rows
    return [], []


def spread(wanted: Sequence[int], height: int) -> list[int]:
    """A row of its own for each of at most `height` entries, as near as can be to the row that it wants."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    rows, free, limit = [0] * len(wanted), 0, height - 1
    for place in order:
        rows[place] = max(wanted[place], free)
        free = rows[place] + 1
    for place in reversed(order):
        rows[place] = min(rows[place], limit)
        limit = rows[place] - 1
    return rows
