"""What the lab's keys do: each sends one request, or turns something in a pane."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import ScenarioCard, Value
from tui_lab.run.client import TrainerGone
from tui_lab.run.directory import RunDirectory
from tui_lab.run.launch import TrainerFailed, launch, wake
from tui_lab.run.manifest import source_of
from tui_lab.run.messages import (
    AnyRequest,
    Checked,
    CheckGradients,
    Frame,
    GoTo,
    Pause,
    Play,
    SetValue,
    Step,
    Stop,
)
from tui_lab.ui.feed import RunFeed
from tui_lab.ui.lab_keys import LAB_KEYS
from tui_lab.ui.messages import LeaveRun, NextRun, OpenRun, Refusal
from tui_lab.ui.pace import Pace

if TYPE_CHECKING:
    from textual.signal import Signal


class LabActions(Screen[None]):
    """The verbs of the lab. The screen below composes the panes and takes what comes back."""

    BINDINGS = LAB_KEYS

    run_directory: RunDirectory
    card: ScenarioCard | None
    feed: RunFeed
    pace: Pace
    frame: Frame | None = None
    """What is shown, None before the first frame."""
    frames: "Signal[Frame]"
    """Tells close-ups of every frame that is shown."""
    lost: bool = False
    """Whether the run has no trainer."""

    def pace_changed(self) -> None:
        """Show the pace."""
        raise NotImplementedError

    # Time

    def action_play(self) -> None:
        if self.feed.busy or (self.frame is not None and self.frame.status == "running"):
            self.interrupt(Pause())
        else:
            self.send(self._play())

    def action_step(self) -> None:
        self.send(Step(grain=self.pace.grain))

    def action_back(self) -> None:
        self.send(Step(grain=self.pace.grain, back=True))

    def action_reset(self) -> None:
        self.send(GoTo(0))

    def action_grain(self, by: int) -> None:
        self.pace.coarsen(by)
        self._play_on()

    def action_speed(self, by: int) -> None:
        self.pace.hasten(by)
        self._play_on()

    @work
    async def action_go_to(self) -> None:
        from tui_lab.ui.go_to import GoToStep

        if self.frame is None:
            return
        step = await self.app.push_screen_wait(GoToStep(self.frame))
        if step is None:
            return
        # Forward as playing: it shows where it is, and space pauses it.
        forward = self.frame is not None and step > self.frame.step
        self.send(Play(speed=None, until=step) if forward else GoTo(step))

    def _play(self) -> Play:
        return Play(speed=self.pace.speed, grain=self.pace.grain)

    def _play_on(self) -> None:
        self.pace_changed()
        if self.frame is not None and self.frame.status == "running":
            self.send(self._play())

    # Trying things

    @work
    async def action_edit(self) -> None:
        from tui_lab.ui.change_form import ChangeForm

        if self.frame is None or self.card is None:
            return
        start = partial(self._launch_another, self.card)
        answer = await self.app.push_screen_wait(ChangeForm(self.card, self.frame, start))
        if isinstance(answer, RunDirectory):
            self.post_message(NextRun(answer))
        elif answer is not None:
            for name, text in answer.items():
                self.send(SetValue(name, text))

    def action_check_gradients(self) -> None:
        self.send(CheckGradients())

    def action_next_seed(self) -> None:
        if self.card is None:
            self.post_message(Refusal("The scenario of this run is not installed here: it cannot be started anew."))
            return
        seed = self.run_directory.manifest().seed + 1
        self.notify(f"Starting a run with new initial weights, from seed {seed} …", markup=False)
        self._start_next_seed(self.card)

    @work(thread=True, exclusive=True, group="launch")
    def _start_next_seed(self, card: ScenarioCard) -> None:
        try:
            run = self._launch_another(card, self.run_directory.manifest().settings, next_seed=True)
        except (BadInput, TrainerFailed, OSError) as error:
            self.post_message(Refusal(str(error)))
            return
        self.post_message(NextRun(run))

    def _launch_another(
        self, card: ScenarioCard, settings: Mapping[str, Value], *, next_seed: bool = False
    ) -> RunDirectory:
        """A run like this one with other settings or the next seed. Raises BadInput, TrainerFailed and OSError."""
        manifest = self.run_directory.manifest()
        init = manifest.init.unchanged("initial parameters") if manifest.init is not None else None
        return launch(card, settings, manifest.seed + next_seed, source_of(manifest.data), init)

    async def on_next_run(self, message: NextRun) -> None:
        if not self.lost:
            await self._stop()
        self.post_message(OpenRun(message.run))

    # Looking closer

    def action_parameters(self) -> None:
        from tui_lab.ui.parameters_screen import ParametersScreen

        if self.frame is not None:
            self.app.push_screen(ParametersScreen(self))

    def action_entry(self) -> None:
        from tui_lab.ui.entry_screen import EntryScreen

        if self.frame is not None:
            self.app.push_screen(EntryScreen(self))

    def action_write(self) -> None:
        from tui_lab.ui.looks import can_write
        from tui_lab.ui.writing_screen import WritingScreen

        if self.frame is None:
            return
        if self.card is not None and can_write(self.card):
            self.app.push_screen(WritingScreen(self, self.card))
        else:
            self.post_message(Refusal("This scenario does not write text token by token: there is no prompt to type."))

    # Leaving, stopping, killing

    def action_leave(self) -> None:
        self.post_message(LeaveRun())

    @work
    async def action_stop(self) -> None:
        if self.lost:
            self.post_message(Refusal("This run has no trainer: there is nothing to stop."))
        else:
            await self._stop()

    @work
    async def action_kill(self) -> None:
        from tui_lab.ui.confirm import Confirm

        if self.lost:
            self.post_message(Refusal("This run has no trainer: there is nothing to kill."))
            return
        name = self.run_directory.run
        question = f"Kill the trainer of {name} without saving? Q stops it and saves instead."
        if await self.app.push_screen_wait(Confirm(question, "Kill it")):
            self.feed.kill()

    async def _stop(self) -> None:
        try:
            await self.feed.interrupt(Stop())
        except (BadInput, TrainerGone) as error:
            self.post_message(Refusal(str(error)))

    # Talking to the trainer

    @work
    async def send(self, request: AnyRequest) -> bool:
        """Ask in order, waking a trainer first if there is none; what comes of it is seen in frames. Whether it was
        done is what the worker returns."""
        try:
            await self._reach_trainer()
            reply = await self.feed.ask(request)
        except (BadInput, TrainerFailed, OSError) as error:
            if not isinstance(error, TrainerGone):  # of that the feed tells
                self.post_message(Refusal(str(error)))
            return False
        if isinstance(reply, Checked):
            self.show_gradient_check(reply)
        return reply is not None

    async def _reach_trainer(self) -> None:
        try:
            await self.feed.reach()
        except TrainerGone:
            await asyncio.to_thread(wake, self.run_directory)
            await self.feed.reach()

    @work
    async def interrupt(self, request: AnyRequest) -> None:
        """Ask ahead of everything that waits for its answer."""
        try:
            await self.feed.interrupt(request)
        except BadInput as refusal:
            self.post_message(Refusal(str(refusal)))
        except TrainerGone:
            self.feed.hurry()

    def show_gradient_check(self, checked: Checked) -> None:
        """The result in a table."""
        from tui_lab.ui.gradient_check import GradientCheckTable

        self.app.push_screen(GradientCheckTable(checked.entries))
