"""The chart of a run's metrics over its steps."""

import math
from collections.abc import Mapping

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.chart import Series, chart
from tui_lab.canvas.palette import Palette
from tui_lab.run.history import Columns
from tui_lab.run.messages import Frame
from tui_lab.ui.plain import content
from tui_lab.ui.widgets.picture import Picture

LEAST_RANGE = 16
_TOGETHER = {"loss": "held_out_loss", "accuracy": "held_out_accuracy"}
"""What is drawn over each other: the same measure on data that training saw and on data that it did not."""


class LossChart(Picture):
    """One metric at a time over all steps, with a cursor where a run that has gone back stands. The axis ends at a
    power of two, so that the picture seldom moves."""

    DEFAULT_CSS = "LossChart { height: 1fr; }"
    BORDER_TITLE = "loss"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._columns: dict[str, Columns] = {}
        self._head = 0
        self._cursor: int | None = None
        self.metric = "loss"
        """The metric shown."""
        self.log_y = False

    def show(self, frame: Frame) -> None:
        """Follow the run with axis and cursor; the lines come with `show_columns`, read from the history."""
        before = _x_end(self._head), self._cursor
        self._head = max(self._head, frame.head)
        self._cursor = frame.step if frame.step < frame.head else None
        if before != (_x_end(self._head), self._cursor):
            self.redraw()

    def show_columns(self, columns: dict[str, Columns], head: int) -> None:
        """Show a run's metrics, known up to step `head`."""
        self._columns, self._head = columns, max(self._head, head)
        if self.metric not in columns and columns:
            self.metric = "loss" if "loss" in columns else next(iter(columns))
        self._entitle()
        self.redraw()

    def next_metric(self) -> None:
        """Show the next metric: loss, then the others by name, then loss again."""
        metrics = _choices(self._columns)
        if metrics:
            place = metrics.index(self.metric) if self.metric in metrics else -1
            self.metric = metrics[(place + 1) % len(metrics)]
        self._entitle()
        self.redraw()

    def toggle_log(self) -> None:
        """Change between a linear and a logarithmic vertical axis."""
        self.log_y = not self.log_y
        self._entitle()
        self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        """The chart."""
        names = [name for name in (self.metric, _TOGETHER.get(self.metric)) if name in self._columns]
        return chart(
            [_series(name, self._columns[name]) for name in names if name is not None],
            width,
            height,
            palette,
            x_range=(0, _x_end(self._head)),
            log_y=self.log_y,
            cursor=self._cursor,
            x_label="step",
        )

    def _entitle(self) -> None:
        metrics = _choices(self._columns)
        position = f" {metrics.index(self.metric) + 1}/{len(metrics)}" if self.metric in metrics else ""
        title = content(self.metric + position + (" · log" if self.log_y else ""))
        if self.border_title != title.markup:
            self.border_title = title


def _choices(columns: Mapping[str, Columns]) -> list[str]:
    """The metrics that are shown on their own."""
    under = set(_TOGETHER.values()) if "loss" in columns else set()
    return sorted((name for name in columns if name not in under), key=lambda name: (name != "loss", name))


def _series(name: str, columns: Columns) -> Series:
    return Series(name, columns.x, columns.low, columns.high, columns.last, columns.broken)


def _x_end(head: int) -> int:
    """The power of two that holds `head` steps."""
    return 1 << max(math.ceil(math.log2(max(head, 1))), LEAST_RANGE.bit_length() - 1)
