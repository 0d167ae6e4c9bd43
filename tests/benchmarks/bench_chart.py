"""What a frame of a line chart costs: a million points by the canvas, 500 of them by textual-plot."""

import asyncio
from functools import cache
from statistics import median
from time import perf_counter

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual_hires_canvas import Canvas, HiResMode
from textual_plot import PlotWidget

from tests.benchmarks.figure import Figure, alternate, ratio
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.cells import DEFAULT, Cells
from tui_lab.canvas.chart import Series, chart
from tui_lab.canvas.palette import Palette

_POINTS, _CUT, _SIZE, _ROUNDS = 1_000_000, 500, (120, 30), 31
_BAR = 5.0


def figures() -> list[Figure]:
    """A frame is: new data, the drawing, every line of every widget rendered. The cut to 500 points is not counted."""
    generator = np.random.default_rng(0)
    curve = 3 * np.exp(-np.arange(_POINTS) / 2e5) + 0.3
    batches = [curve * generator.chisquare(4, _POINTS) / 4 for _ in range(2)]
    calm = [curve * generator.normal(1, 0.02, _POINTS) for _ in range(2)]
    return [
        _figure("squared errors of batches of 4", batches, _BAR),
        _figure("a calm curve", calm, None),
    ]


def _figure(data: str, curves: list[Array], bar: float | None) -> Figure:
    ours, theirs = asyncio.run(_measured(curves))
    faster = ratio(theirs, ours)
    return Figure(
        f"chart frame, 120×30, 1 M points, {data}",
        f"{median(ours) * 1e3:.1f} ms, {faster:.1f} × faster",
        f"textual-plot on {_CUT} points: {median(theirs) * 1e3:.1f} ms",
        f"≥ {bar:.0f} × faster" if bar else "report",
        faster >= bar if bar else None,
    )


class _Chart(Widget):
    """The canvas's chart as a widget, as plain as can be."""

    cells = Cells.blank(*_SIZE)

    def show(self, y: Array) -> None:
        self.cells = chart([Series.of("loss", y)], *self.size, Palette())
        self.refresh()

    def render_line(self, y: int) -> Strip:
        runs = self.cells.runs(y)
        return Strip([Segment(run.text, _style(run.colour, run.background)) for run in runs], self.cells.width)


@cache
def _style(colour: int, background: int) -> Style:
    return Style(color=_colour(colour), bgcolor=_colour(background))


def _colour(colour: int) -> Color | None:
    return None if colour == DEFAULT else Color.from_rgb(colour >> 16, colour >> 8 & 255, colour & 255)


class _Ours(App[None]):
    def compose(self) -> ComposeResult:
        yield _Chart()


class _Theirs(App[None]):
    def compose(self) -> ComposeResult:
        yield PlotWidget()


async def _measured(curves: list[Array]) -> tuple[list[float], list[float]]:
    """Seconds of each round's frame of one of the curves in turn: ours, theirs."""
    cuts = [_cut(curve) for curve in curves]
    turn = {"ours": 0, "theirs": 0}
    async with _Ours().run_test(size=_SIZE) as ours, _Theirs().run_test(size=_SIZE) as theirs:
        picture, plot = ours.app.query_one(_Chart), theirs.app.query_one(PlotWidget)

        def our_frame() -> float:
            turn["ours"] += 1
            start = perf_counter()
            picture.show(curves[turn["ours"] % len(curves)])
            _rendered(picture)
            return perf_counter() - start

        def their_frame() -> float:
            turn["theirs"] += 1
            start = perf_counter()
            plot.clear()
            plot.plot(*cuts[turn["theirs"] % len(curves)], hires_mode=HiResMode.BRAILLE)
            _rendered(plot)
            for part in plot.query(Canvas):
                _rendered(part)
            return perf_counter() - start

        our_frame(), their_frame()
        # Both must have drawn a curve: a widget that has not been laid out yet would win easily.
        assert _dots(picture) > 100 and _dots(plot.query_one("#plot")) > 100
        measured = alternate(_ROUNDS, our_frame, their_frame)
    return measured[0], measured[1]


def _cut(y: Array) -> tuple[Array, Array]:
    """The least and the largest value of each of 250 stretches, in turn."""
    starts = np.linspace(0, len(y), _CUT // 2, endpoint=False).astype(np.intp)
    x = np.repeat(starts, 2).astype(float)
    return x, np.stack([np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)], axis=1).ravel()


def _rendered(widget: Widget) -> list[Strip]:
    return widget.render_lines(Region(0, 0, *widget.size))


def _dots(widget: Widget) -> int:
    return sum("⠀" < character <= "⣿" for strip in _rendered(widget) for character in strip.text)
