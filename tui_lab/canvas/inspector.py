"""The step inspector: where in a step a run stands, the equations of the step, and the numbers in them.

The phases, one row, and the equations are drawn apart: while a run trains, the one is new with every frame and cheap,
the other seldom new and dear.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui_lab.canvas.cells import BOLD, UNDERLINE, Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.text import clipped, printable, text_width, wrapped

_PHASES = ("forward", "loss", "backward", "update")
_ARROW = " → "
_GUTTER, _MARK = 9, 2
_NARROWEST_NUMBERS = 22
"""With fewer cells than this beside the symbols, the numbers go below them."""
_BRIEF_NUMBERS = 44
"""With fewer cells than this for the numbers, they leave out what the symbols say already: the name before the first
sign."""
_NAMED = re.compile(r".*? [=←] (.* = .*)")


@dataclass(frozen=True, slots=True)
class Equation:
    """One operation: its phase, the equation in symbols, and the same with the numbers in."""

    phase: str
    symbols: str
    numbers: str


@dataclass(frozen=True, slots=True)
class _Line:
    equation: int
    symbols: str
    numbers: str


def equation_rows(
    equations: Sequence[Equation],
    current: int,
    width: int,
    height: int,
    palette: Palette,
    *,
    inside: bool,
    started: bool,
    scroll: int = 0,
) -> Cells:
    """The equations, always with the `current` one (its index) in sight.

    `inside` says whether the run stands inside a step, just behind the current one; otherwise every one is done, or
    none if not even the first step has `started`. `scroll` moves the equations by rows.
    """
    cells = Cells.blank(width, height)
    done = current if inside else (len(equations) - 1 if started else -1)
    lines = list(_lines(equations, done if inside else -1, width))
    first = _first(lines, done if inside else 0, height) + scroll
    first = max(0, min(first, len(lines) - height))
    for row, index in enumerate(range(first, min(first + max(height, 0), len(lines)))):
        before = lines[index - 1] if row else None
        _equation(cells, row, lines[index], before, equations, done, palette, inside=inside)
    return cells


def phases_of(phases: Sequence[str]) -> tuple[str, ...]:
    """The parts of a step in order, from the phases of its operations; the usual four where there are none."""
    return tuple(dict.fromkeys(phases)) or _PHASES


def phase_row(
    phases: tuple[str, ...],
    phase: str,
    width: int,
    palette: Palette,
    place: str,
    *,
    inside: bool,
    started: bool,
) -> Cells:
    """The phases in one row, those that are done told apart; `place` says in words where the run stands,
    and where it is too long, what comes after its last `·` does."""
    cells = Cells.blank(width, 1)
    final = len(phases) - 1
    reached = phases.index(phase) if inside and phase in phases else (final if started and not inside else -1)
    here = reached if inside else -1
    narrow = text_width(_ARROW.join(phases)) > cells.width
    column = 0
    for index, name in enumerate(phases):
        if narrow and index != max(here, 0):
            continue
        colour = palette.accent if index == here else palette.text if index <= reached else palette.muted
        column = cells.write(0, column, name, colour, BOLD | UNDERLINE if index == here else 0)
        if index < final and not narrow:
            column = cells.write(0, column, _ARROW, palette.muted)
    room = cells.width - column - 2
    for words in (place, place.rpartition(" · ")[2]):
        if text_width(words) <= room:
            cells.write(0, cells.width - text_width(words), words, palette.muted)
            break
    return cells


def _lines(equations: Sequence[Equation], current: int, width: int) -> Iterator[_Line]:
    """A row an equation if the numbers fit beside the symbols, else two. The current one's numbers are never cut."""
    gutter = _gutter(width)
    widest = max((text_width(equation.symbols) for equation in equations), default=0)
    beside = width - gutter - widest - 2
    for index, equation in enumerate(equations):
        symbols = printable(equation.symbols)
        if beside >= _NARROWEST_NUMBERS:
            first, *more = _numbers(equation.numbers, beside, whole=index == current)
            symbols += " " * (widest + 2 - text_width(symbols))
            yield _Line(index, symbols, first)
            yield from (_Line(index, " " * (widest + 2), each) for each in more)
        else:
            yield _Line(index, clipped(symbols, width - gutter), "")
            below = _numbers(equation.numbers, width - gutter - 2, whole=index == current)
            yield from (_Line(index, "  ", each) for each in below)


def _numbers(numbers: str, room: int, *, whole: bool) -> list[str]:
    """The numbers in rows of `room` cells; in one row, unless `whole`, that keeps what comes after the last `=`."""
    numbers = printable(numbers)
    if room < _BRIEF_NUMBERS and (named := _NAMED.fullmatch(numbers)):
        numbers = named[1]
    if text_width(numbers) <= room:
        return [numbers]
    if whole and room > 0:
        return wrapped(numbers, room)
    start, equals, result = numbers.rpartition(" = ")
    kept = f"…{equals}{result}"
    if not equals or text_width(kept) > room - 2:
        return [clipped(numbers, max(room, 0))]
    return [clipped(start, room - text_width(kept) + 1).removesuffix("…") + kept]


def _first(lines: Sequence[_Line], current: int, room: int) -> int:
    """The first line to show: it stays while the current one is in sight, then moves on by half a pane."""
    last = max((index for index, line in enumerate(lines) if line.equation == current), default=0)
    half = max(room // 2, 1)
    return max(0, -(-(last - room + 1) // half)) * half


def _gutter(width: int) -> int:
    return _MARK + (_GUTTER if width >= 40 else 0)


def _equation(
    cells: Cells,
    row: int,
    line: _Line,
    before: _Line | None,
    equations: Sequence[Equation],
    done: int,
    palette: Palette,
    *,
    inside: bool,
) -> None:
    here = inside and line.equation == done
    begins = before is None or before.equation != line.equation
    phase = equations[line.equation].phase
    gutter = _gutter(cells.width)
    if gutter > _MARK and (before is None or equations[before.equation].phase != phase):
        cells.write(row, 0, clipped(phase, _GUTTER - 1), palette.muted)
    if here and begins:
        cells.write(row, gutter - _MARK, "▸", palette.accent, BOLD)
    quiet = line.equation > done
    style = BOLD if here else 0
    column = cells.write(row, gutter, line.symbols, palette.muted if quiet else palette.text, style)
    colour = palette.accent if here else palette.grid if quiet else palette.muted
    cells.write(row, column, line.numbers, palette.muted if quiet else colour, style)
