"""The status line: which run this is and how it stands, in one row."""

import math
from collections.abc import Iterator

from textual.reactive import reactive

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.status import Field, status
from tui_lab.run.messages import Frame, Grain, Status
from tui_lab.ui.widgets.picture import Picture

_WORDS: dict[Status, tuple[str, str]] = {
    "starting": ("○", "starting"),
    "running": ("▶", "playing"),
    "paused": ("‖", "paused"),
    "finished": ("■", "finished"),
    "stopped": ("■", "stopped"),
    "failed": ("✗", "failed"),
    "lost": ("✗", "lost"),
}
_WORD = max(len(word) for _, word in _WORDS.values())
_LOSS, _SPEED = 10, len("9.9k steps/s")


class StatusLine(Picture):
    """One row: run, state, step, epoch, loss, speed, grain, and how much is done. Set the attributes; `show` frames."""

    DEFAULT_CSS = "StatusLine { height: 1; }"

    scenario: reactive[str] = reactive("", repaint=False)
    run: reactive[str] = reactive("", repaint=False)
    seed: reactive[int | None] = reactive[int | None](None, repaint=False)
    grain: reactive[Grain] = reactive("step", repaint=False)
    speed: reactive[float | None] = reactive[float | None](None, repaint=False)
    """The chosen play speed in moves of the grain a second, None for flat out."""
    notice: reactive[str] = reactive("", repaint=False)
    """A few words that matter right now; takes the room at the right end."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._frame: Frame | None = None

    def on_mount(self) -> None:
        """Draw again whenever an attribute is set."""
        for name in ("scenario", "run", "seed", "grain", "speed", "notice"):
            self.watch(self, name, self.redraw, init=False)

    def show(self, frame: Frame) -> None:
        """Show the state of this moment."""
        self._frame = frame
        self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The fields that fit."""
        frame = self._frame
        fields = list(self._title(palette))
        share = None
        if frame is not None:
            fields = [*_state(frame, palette), *fields, *_figures(frame, palette), *self._pace(frame)]
            share = frame.step / frame.last_step if frame.last_step > 0 else None
        return status(fields, width, palette, share=share, notice=self.notice)

    def _title(self, palette: Palette) -> Iterator[Field]:
        """The run's id: its first word is enough to name it on the command line, so the rest may go."""
        word, dash, rest = self.run.partition("-")
        if self.run and rest != self.scenario:
            word, dash, rest = self.run, " ", self.scenario
        yield Field(word or self.scenario, rank=6, colour=palette.positive)
        if word and rest:
            yield Field("", rank=9, label=dash + rest, gap=0)
        if self.seed is not None:
            yield Field(str(self.seed), rank=10, label="seed ")

    def _pace(self, frame: Frame) -> Iterator[Field]:
        yield Field(self.grain, rank=4, label="by ")
        measured = frame.steps_per_second
        if frame.status == "running" and measured > 0 and math.isfinite(measured):
            yield Field(_short(measured), rank=7, unit=" steps/s", width=_SPEED)
        elif self.speed is None:
            yield Field("flat out", rank=7, width=_SPEED)
        else:
            yield Field(_short(self.speed), rank=7, unit="/s", width=_SPEED)


def _state(frame: Frame, palette: Palette) -> Iterator[Field]:
    mark, word = _WORDS[frame.status]
    colours = {"▶": palette.good, "‖": palette.accent, "✗": palette.bad}
    colour = colours.get(mark, palette.text)
    yield Field(mark, rank=0, colour=colour)
    yield Field(word, rank=3, colour=colour, width=_WORD, gap=1)


def _figures(frame: Frame, palette: Palette) -> Iterator[Field]:
    digits = len(str(max(frame.last_step, frame.step)))
    step = f"/{frame.last_step}"
    yield Field(str(frame.step), rank=1, label="step ", unit=step, width=digits, right=True)
    if frame.head > frame.step:
        yield Field(str(frame.head), rank=5, label="of ", unit=" recorded", colour=palette.accent)
    yield Field(str(frame.epoch), rank=8, label="epoch ", width=max(len(str(frame.epoch)), 3), right=True)
    if "loss" in frame.metrics:
        loss = frame.metrics["loss"]
        colour = palette.text if math.isfinite(loss) else palette.bad
        yield Field(_steady(loss), rank=2, label="loss ", width=_LOSS, colour=colour)


def _steady(value: float) -> str:
    """Five significant digits, zeros kept: a number that changes keeps its width."""
    return f"{value:#.5g}".removesuffix(".")


def _short(value: float) -> str:
    """Two significant digits: a measured speed is not known better, and a steady one stays the same text."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.995 * size:
            return f"{value / size:.2g}{sign}" if value < 99.5 * size else f"{value / size:.0f}{sign}"
    return f"{value:.2g}" if value < 99.5 else f"{value:.0f}"
