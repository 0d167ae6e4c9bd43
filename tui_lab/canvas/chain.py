"""Functions inside functions, from the input to the loss: values flow forward, gradients back."""

import math
from collections.abc import Sequence
from typing import Protocol

from tui_lab.canvas.cells import BOLD, Cells
from tui_lab.canvas.figure import figure
from tui_lab.canvas.frame import heading
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, text_width

BOX_ROWS = 7
"""Rows of a chain of boxes: value, box, slope, gradient, and the product that it is."""
LEAST_BOX, WIDEST_BOX = 11, 26
ARROW = 5
"""Cells between two boxes."""
NUMBER = 7
"""Cells of a number."""
WIDEST_COLUMN, PRODUCT = 12, 16
"""Cells of a column of the list at most, and of the product beside it."""


class Link(Protocol):
    """One function of the chain: its name, its equation, its value, its slope there and ∂L/∂value; NaN is not yet."""

    @property
    def name(self) -> str: ...
    @property
    def equation(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def slope(self) -> float: ...
    @property
    def gradient(self) -> float: ...


def chain(links: Sequence[Link], width: int, height: int, palette: Palette, *, title: str = "") -> Cells:
    """Boxes in a row where they fit, with values above them, slopes and gradients below; else a row for each link. What
    was computed last, forward or back, is in the accent's colour; numbers that are not computed yet are `·`."""
    cells = Cells.blank(width, height)
    top = int(height > 2 and bool(title))
    area = cells.part(top, 0, cells.width, cells.height - top)
    box = (area.width + ARROW) // max(len(links), 1) - ARROW
    boxed = box >= LEAST_BOX and area.height >= BOX_ROWS and len(links) > 0
    if top:
        keys = [("→", "value", palette.text), ("←", "gradient", palette.text)] if boxed else []
        heading(cells, title, keys, palette)
    if boxed:
        _draw_boxes(area, links, min(box, WIDEST_BOX), palette)
    else:
        _draw_list(area, links, palette)
    return cells


def frontier(links: Sequence[Link]) -> int | None:
    """Which link was computed last: the first with a gradient, or without gradients the last with a value; None
    before the first."""
    back = [place for place, link in enumerate(links) if not math.isnan(link.gradient)]
    if back:
        return back[0]
    forward = [place for place, link in enumerate(links) if not math.isnan(link.value)]
    return forward[-1] if forward else None


def _draw_boxes(area: Cells, links: Sequence[Link], box: int, palette: Palette) -> None:
    left = (area.width - len(links) * (box + ARROW) + ARROW) // 2
    top = (area.height - BOX_ROWS) // 2
    last = frontier(links)
    for place, link in enumerate(links):
        column = left + place * (box + ARROW)
        part = area.part(top, column, box, BOX_ROWS)
        _draw_box(part, link, place == last, palette)
        after = links[place + 1] if place + 1 < len(links) else None
        _write_numbers(part, link, after, place == last, palette)
        if after:
            _draw_arrows(area.part(top, column + box, ARROW, BOX_ROWS), link, after, palette)


def _draw_box(part: Cells, link: Link, last: bool, palette: Palette) -> None:
    known, inner = not math.isnan(link.value), part.width - 2
    edge = palette.accent if last else palette.muted if known else palette.grid
    ink = palette.text if known else palette.muted
    part.write(1, 0, "╭" + "─" * inner + "╮", edge)
    name = clipped(link.name, inner - 3)
    part.write(1, 2, f" {name} " if name else "", ink, BOLD)
    for column in (0, part.width - 1):
        part.write(2, column, "│", edge)
    _centred(part, 2, clipped(link.equation, inner), ink)
    part.write(3, 0, "╰" + "─" * inner + "╯", edge)


def _write_numbers(part: Cells, link: Link, after: Link | None, last: bool, palette: Palette) -> None:
    """The value above the box; below it the slope, the gradient, and the product that it is."""
    back = not math.isnan(link.gradient)
    _centred(part, 0, figure(link.value, NUMBER), _ink(link.value, last and not back, palette), BOLD)
    if not math.isnan(link.slope):
        _centred(part, 4, f"slope {figure(link.slope, NUMBER)}", palette.text)
    name, number = f"∂L/∂{link.name} ", figure(link.gradient, NUMBER)
    name = name if text_width(name) + len(number) <= part.width else ""
    start = max((part.width - text_width(name) - len(number)) // 2, 0)
    end = part.write(5, start, name, palette.muted)
    part.write(5, end, number, _ink(link.gradient, last and back, palette), BOLD)
    if after and back and not (math.isnan(after.slope) or math.isnan(after.gradient)):
        products = (f"= {figure(after.slope, room)} × {figure(after.gradient, room)}" for room in (6, 5, 4, 3))
        _centred(part, 6, next((text for text in products if len(text) <= part.width), ""), palette.muted)


def _product(links: Sequence[Link], place: int) -> str:
    """The gradient of a link as the product that it is; empty for the last one and while there is none."""
    if place + 1 >= len(links):
        return ""
    after = links[place + 1]
    if math.isnan(links[place].gradient) or math.isnan(after.slope) or math.isnan(after.gradient):
        return ""
    return f"= {figure(after.slope)} × {figure(after.gradient)}"


def _draw_arrows(gap: Cells, link: Link, after: Link, palette: Palette) -> None:
    """Forward from one box to the next, and back below."""
    forward = palette.grid if math.isnan(after.value) else palette.text
    back = palette.grid if math.isnan(link.gradient) else palette.text
    gap.write(2, 1, "──▶", forward)
    gap.write(5, 1, "◀──", back)


def _ink(value: float, last: bool, palette: Palette) -> int:
    """The colour of a number: not yet, new, wrong, or there."""
    if math.isnan(value):
        return palette.muted
    if math.isinf(value):
        return palette.bad
    return palette.accent if last else palette.text


def _centred(part: Cells, row: int, text: str, colour: int, style: int = 0) -> None:
    text = clipped(text, part.width)
    part.write(row, (part.width - text_width(text)) // 2, text, colour, style)


def _draw_list(area: Cells, links: Sequence[Link], palette: Palette) -> None:
    """A row for each link: what it is, cut where it must be, its numbers, and where there is room the product."""
    head = int(area.height > 2)
    shown = links if len(links) <= area.height - head else links[: max(area.height - head - 1, 0)]
    texts = [_said(link) for link in shown]
    wide = min(max(map(text_width, texts), default=0), max(area.width - 3 * (NUMBER + 1), 0))
    apart = max(NUMBER + 1, min(WIDEST_COLUMN, (area.width - wide - PRODUCT) // 3))
    stops = [wide + apart * place for place in (1, 2, 3)]
    if head:
        for stop, text in zip(stops, ("value ↓", "slope", "∂L/∂ ↑"), strict=True):
            area.write(0, stop - text_width(text), text, palette.muted)
    last = frontier(links)
    for place, link in enumerate(shown):
        part = area.part(head + place, 0, area.width, 1)
        part.write(0, 0, clipped(texts[place], wide), palette.muted if math.isnan(link.value) else palette.text)
        _list_numbers(part, link, stops, place == last, palette)
        product = _product(links, place)
        if stops[-1] + text_width(product) < area.width:
            part.write(0, stops[-1] + 1, product, palette.muted)
    if len(shown) < len(links):
        more = f"… {len(links) - len(shown)} more"
        area.write(area.height - 1, 0, clipped(more, area.width), palette.muted)
    elif last is not None and area.height > head + len(links):
        product = _product(links, last)
        if stops[-1] + text_width(product) >= area.width:
            text = f"∂L/∂{links[last].name} {product} = {figure(links[last].gradient)}"
            area.write(head + len(links), 0, clipped(text, area.width), palette.muted)


def _said(link: Link) -> str:
    """The equation, with the name of what it gives."""
    named = not link.equation or link.equation.split(" ")[0] == link.name
    return (link.equation or link.name) if named else f"{link.name} = {link.equation}"


def _list_numbers(part: Cells, link: Link, stops: Sequence[int], last: bool, palette: Palette) -> None:
    back = not math.isnan(link.gradient)
    # The input has no slope, ever: a dot would promise one.
    inputs = math.isnan(link.slope) and not math.isnan(link.value)
    columns = ((link.value, last and not back), (link.slope, False), (link.gradient, last and back))
    for stop, (value, new) in zip(stops, columns, strict=True):
        text = "" if stop == stops[1] and inputs else figure(value, NUMBER)
        part.write(0, stop - len(text), text, _ink(value, new, palette), BOLD if new else 0)
