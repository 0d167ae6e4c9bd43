"""The lab: one run, watched and steered."""

import gc
from typing import Protocol

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.signal import Signal

from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import ScenarioCard, scenario
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Frame
from tui_lab.ui.charts import ChartReader
from tui_lab.ui.feed import RunFeed, without_trainer
from tui_lab.ui.key_hints import KeyHints
from tui_lab.ui.lab_actions import LabActions
from tui_lab.ui.messages import FrameArrived, HistoryRead, Refusal, TrainerLost
from tui_lab.ui.pace import Pace
from tui_lab.ui.pane_tabs import PANES, PaneTabs
from tui_lab.ui.plain import plain
from tui_lab.ui.widgets.code import Code
from tui_lab.ui.widgets.inspector import Inspector
from tui_lab.ui.widgets.lesson import Lesson
from tui_lab.ui.widgets.loss_chart import LossChart
from tui_lab.ui.widgets.notes import Notes
from tui_lab.ui.widgets.parameter_table import ParameterTable
from tui_lab.ui.widgets.status_line import StatusLine
from tui_lab.ui.widgets.view_pane import ViewPane

_LESSON, _CODE = PANES.index("Lesson") + 1, PANES.index("Code") + 1
_WIDTHS: list[tuple[int, str]] | None = [(0, "-tabs"), (110, "-grid"), (170, "-wide")]
_FEWEST_BINS = 120


class _LivePane(Protocol):
    def show(self, frame: Frame) -> None: ...


class LabScreen(LabActions):
    """Composes the panes and has one handler for each message; the keys are in `LabActions`."""

    CSS_PATH = "lab.tcss"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    AUTO_FOCUS = ""

    def __init__(self, run: RunDirectory) -> None:
        """Raises BadInput if the run is damaged."""
        super().__init__()
        self.run_directory = run
        manifest = run.manifest()
        self._scenario, self._seed = manifest.scenario, manifest.seed
        self.card = _card(self._scenario)
        self.frames: Signal[Frame] = Signal(self, "frames")
        self.pace = Pace(speed=self.card.speed if self.card else None)
        self._pane_before = 1

    def compose(self) -> ComposeResult:
        self._status, self._tabs, self._notes = StatusLine(), PaneTabs(), Notes()
        self._views = [ViewPane(0, classes="pane pane-1"), ViewPane(1, classes="pane second")]
        self._code = Code(self.card.folder if self.card else "", classes="pane pane-6")
        self._inspector = Inspector(classes="pane pane-3")
        self._loss = LossChart(classes="pane pane-2")
        self._parameters = ParameterTable(classes="pane pane-4")
        yield self._status
        yield self._tabs
        with Container(id="panes"):
            yield from self._views
            yield Lesson(self.card.lesson if self.card else "", classes="pane pane-5")
            yield self._code
            yield self._inspector
            yield self._loss
            yield self._parameters
        yield self._notes
        yield KeyHints()

    def on_mount(self) -> None:
        self._status.run, self._status.scenario = self.run_directory.run, self._scenario
        self._status.seed = self._seed
        self.add_class("pane-1-chosen")
        self.pace_changed()
        self._charts = ChartReader(self.run_directory, self)
        self.feed = RunFeed(self.run_directory, self)

    async def on_unmount(self) -> None:
        await self.feed.close()
        await self._charts.close()

    # What comes back

    def on_frame_arrived(self, message: FrameArrived) -> None:
        if self.frame is None:
            self.call_after_refresh(_settle_garbage)
        self.lost = False
        self._show(message.frame)

    def on_trainer_lost(self, message: TrainerLost) -> None:
        self.lost = True
        frame = without_trainer(self.frame, message.report, plain(message.sentence))
        if frame is None:
            self.post_message(Refusal(message.sentence))
        else:
            self._show(frame)

    def on_history_read(self, message: HistoryRead) -> None:
        self._loss.show_columns(message.columns, message.head)
        for pane in self._views:
            pane.show_path(message.paths)

    def on_refusal(self, message: Refusal) -> None:
        self.notify(plain(message.sentence), severity="warning", markup=False)

    def on_resize(self, _: events.Resize) -> None:
        self._read_charts()

    def _show(self, frame: Frame) -> None:
        self.frame = frame
        live: list[_LivePane] = [
            self._status,
            *self._views,
            self._inspector,
            self._loss,
            self._parameters,
            self._code,
            self._notes,
        ]
        for pane in live:
            pane.show(frame)
        self.frames.publish(frame)
        self._read_charts()

    def _read_charts(self) -> None:
        if self.frame is not None:
            width = self._loss.content_size.width
            self._charts.want(self.frame, max(2 * width, _FEWEST_BINS))

    # What the keys turn in the panes

    def pace_changed(self) -> None:
        self._status.grain, self._status.speed = self.pace.grain, self.pace.speed

    def action_pane(self, number: int) -> None:
        self.remove_class(f"pane-{self._tabs.chosen}-chosen")
        self._pane_before, self._tabs.chosen = self._tabs.chosen, number
        self.add_class(f"pane-{number}-chosen")

    def action_lesson(self) -> None:
        """The code gives the lesson its place back."""
        if self.has_class("-tabs"):
            self._toggle_pane(_LESSON)
        elif self.has_class("code"):
            self.remove_class("code", "no-lesson")
            self.add_class("grid-lesson")
        else:
            self.toggle_class("grid-lesson" if self.has_class("-grid") else "no-lesson")

    def action_code(self) -> None:
        """The code takes the lesson's place."""
        if self.has_class("-tabs"):
            self._toggle_pane(_CODE)
        else:
            self.toggle_class("code")

    def _toggle_pane(self, number: int) -> None:
        shown = self._tabs.chosen == number
        self.action_pane(self._pane_before if shown else number)

    def action_next_file(self, by: int) -> None:
        self._code.next_file(by)

    def action_read(self, pages: int) -> None:
        if self._code.display:
            self._code.scroll_pages(pages)
            return
        lesson = self.query_one(Lesson)
        lesson.scroll_relative(y=pages * max(lesson.size.height - 2, 1), animate=False)

    def action_next_view(self, by: int) -> None:
        for pane in self._views:
            pane.next_view(by)

    def action_relief(self) -> None:
        for pane in self._views:
            pane.toggle_relief()

    def action_turn(self, degrees: int) -> None:
        for pane in self._views:
            pane.turn(degrees)

    def action_next_metric(self) -> None:
        self._loss.next_metric()

    def action_log_axis(self) -> None:
        self._loss.toggle_log()


def _settle_garbage() -> None:
    """Take what is there to stay out of the collector's sight: a full collection looks at all of it, for 80 to 100 ms,
    and would do so in the middle of somebody's key press."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _card(name: str) -> ScenarioCard | None:
    try:
        return scenario(name)
    except BadInput:
        return None
