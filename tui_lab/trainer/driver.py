"""The driver: owns a run's time. It plays, pauses, steps and goes back as it is told, and keeps the run on disk."""

import sqlite3
import sys
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from tui_lab.lab.errors import BadInput, Halt
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import (
    AnyReply,
    Checked,
    CheckGradients,
    Done,
    Entry,
    GetEntry,
    GetFrame,
    GetReport,
    GetScript,
    GoTo,
    Pause,
    Play,
    Refused,
    Report,
    SaveModel,
    Script,
    SetValue,
    Status,
    Step,
    Stop,
)
from tui_lab.run.recorder import Recorder
from tui_lab.run.settings import hyperparameter_of, is_look, parse
from tui_lab.trainer.audience import Audience
from tui_lab.trainer.frames import Facts, report_of
from tui_lab.trainer.keeper import Keeper
from tui_lab.trainer.mailbox import Letter, Mailbox
from tui_lab.trainer.move import Move
from tui_lab.trainer.position import Diverged, Position
from tui_lab.trainer.rhythm import Rhythm
from tui_lab.trainer.saving import save_model
from tui_lab.trainer.server import Server
from tui_lab.trainer.timeline import Timeline

_LOOKING = CheckGradients, GetEntry, GetScript
"""Requests that change nothing: training goes on if a scenario fails at them."""
_LINGER = 2.0
"""Seconds that the trainer of a run which has ended waits for a viewer who may want to go back."""


class Driver:
    """Does what the letters in the mailbox say until it is told to stop. Runs in the trainer's main thread."""

    def __init__(
        self,
        run: RunDirectory,
        facts: Facts,
        position: Position,
        timeline: Timeline,
        recorder: Recorder,
        mailbox: Mailbox,
        server: Server,
    ) -> None:
        self._run, self._facts = run, facts
        self._position = position
        self._keeper = Keeper(run, facts, position, timeline, recorder)
        self._mailbox, self._server = mailbox, server
        self._move: Move | None = None
        self._later: deque[Letter] = deque()
        self._rhythm = Rhythm()
        self._audience = Audience(facts, position, self._keeper, self._rhythm)
        self._over = False
        self._handlers: dict[type, Callable[[Letter, Any], None]] = {
            Play: self._play,
            Pause: self._pause,
            Step: self._step,
            GoTo: self._go_to,
            SetValue: self._change,
            CheckGradients: self._check_gradients,
            GetEntry: self._entry,
            GetScript: lambda letter, _: letter.answer(Script(self._position.scenario.script())),
            SaveModel: self._save_model,
            GetFrame: self._frame,
            GetReport: lambda letter, asked: letter.answer(self.report(asked.brief)),
            Stop: self._stop,
        }

    def drive(self) -> None:
        """Until told to stop, or until a run that has ended has no viewers left."""
        self._rest("failed" if self._facts.status == "failed" else self._standing(), self._facts.reason)
        while not self._over:
            self._serve()
            if self._move is not None:
                self._go_on(self._move)
            self._show()

    def report(self, brief: bool = False) -> Report:
        """The run as it stands."""
        return report_of(self._facts, self._position, brief)

    def _serve(self) -> None:
        letter = self._mailbox.take(self._patience())
        if letter is None and self._move is None and not self._server.viewers:
            self._over = True
        while letter is not None:
            self._handle(letter)
            letter = None if self._over else self._mailbox.take()

    def _handle(self, letter: Letter) -> None:
        try:
            self._handlers[type(letter.request)](letter, letter.request)
        except BadInput as error:
            letter.answer(Refused(str(error)))
        except (OSError, sqlite3.OperationalError) as error:
            self._cannot_write(error)
            letter.answer(Refused(self._facts.reason))
        except Exception as error:
            if not isinstance(letter.request, _LOOKING):
                raise
            traceback.print_exc(file=sys.stderr)
            letter.answer(Refused(f"This crashed with {type(error).__name__}: {error}. See {self._run.log}."))

    def _patience(self) -> float | None:
        if self._move is not None:
            return self._move.wait()
        return _LINGER if self._facts.status in ("finished", "failed") else None

    # What letters ask for

    def _play(self, letter: Letter, play: Play) -> None:
        self._demand_room()
        until = self._facts.last_step if play.until is None else play.until
        if until <= self._position.step:
            raise BadInput(f"The run already stands at step {self._position.step}.")
        self._call_off()
        interval = None if play.speed is None else 1 / play.speed
        self._start(Move(play.grain, min(until, self._facts.last_step), interval=interval), play.speed)
        self._facts.version += 1
        self._keep()
        self._show()
        letter.answer(Done(self._position.step))

    def _pause(self, letter: Letter, _: Pause) -> None:
        if self._move is not None:
            self._rest("paused")
        self._call_off()
        letter.answer(Done(self._position.step))

    def _step(self, letter: Letter, step: Step) -> None:
        if step.back:
            if self._position.step == 0 and self._position.moment is None:
                raise BadInput("Step 0 is the beginning of the run.")
            self._call_off()
            self._rest("paused")
            self._guard(lambda: self._position.retreat(step.grain, step.count))
            self._rest(self._facts.status, self._facts.reason)
            letter.answer(Done(self._position.step))
            return
        if self._move is not None and self._move.answer is not None:
            self._later.append(letter)  # somebody else's step is on its way: this one comes after it
            return
        self._demand_room()
        here, end, length = self._position.step, self._facts.last_step, self._facts.steps_per_epoch
        match step.grain:
            case "step":
                move = Move("step", min(here + step.count, end), answer=letter.answer)
            case "epoch":
                move = Move("epoch", min((here // length + step.count) * length, end), answer=letter.answer)
            case _:
                move = Move(step.grain, end, count=step.count, answer=letter.answer)
        self._start(move, None)

    def _go_to(self, letter: Letter, target: GoTo) -> None:
        if not 0 <= target.step <= self._facts.last_step:
            raise BadInput(f"There is no step {target.step}: this run has steps 0 to {self._facts.last_step}.")
        self._call_off()
        if target.step > self._position.step:
            self._start(Move("step", target.step, answer=letter.answer), None)
            return
        self._guard(lambda: self._position.go_to(target.step))
        self._rest(self._standing())
        letter.answer(Done(self._position.step))

    def _change(self, letter: Letter, change: SetValue) -> None:
        if change.name == "steps":
            self._change_end(change)
        elif is_look(self._facts.card, change.name):
            self._look(change)
            letter.answer(Done(self._position.step))
            return
        else:
            self._demand_present()
            self._position.change(change.name, change.value)
        if self._move is None:
            self._rest(self._standing())
        letter.answer(Done(self._position.step))

    def _look(self, change: SetValue) -> None:
        """What is only shown may change wherever the run stands, and belongs to no step. It is seen at once, also while
        the run trains; on disk only the settings differ, and those are written with the next report at the latest."""
        value = parse(hyperparameter_of(self._facts.card, change.name), change.value)
        self._position.scenario.change(change.name, value)
        self._facts.settings[change.name] = value
        self._facts.version += 1
        if self._move is None:
            self._keeper.keep_settings()
        self._rhythm.frame_wanted()
        self._show()

    def _change_end(self, change: SetValue) -> None:
        """Where the run ends is no part of its mathematics: it may change wherever the run stands."""
        last = int(parse(hyperparameter_of(self._facts.card, "steps"), change.value))
        if last < self._position.head:
            raise BadInput(f"steps cannot be {last}: this run has already done {self._position.head}.")
        self._facts.last_step = last
        if self._move is not None and self._move.answer is None:
            self._move.until = last

    def _check_gradients(self, letter: Letter, _: CheckGradients) -> None:
        letter.answer(Checked(self._position.scenario.check_gradients()))

    def _entry(self, letter: Letter, asked: GetEntry) -> None:
        operations = self._position.scenario.operations()
        if not 0 <= asked.operation < len(operations):
            raise BadInput(f"There is no operation {asked.operation}: a step has {len(operations)}.")
        letter.answer(Entry(self._position.scenario.entry(asked.operation, tuple(asked.index))))

    def _save_model(self, letter: Letter, asked: SaveModel) -> None:
        save_model(self._position.scenario, asked.format, Path(asked.path), asked.replace)
        letter.answer(Done(self._position.step))

    def _frame(self, letter: Letter, asked: GetFrame) -> None:
        self._audience.admit(asked, letter)
        self._show()

    def _stop(self, letter: Letter, _: Stop) -> None:
        status: Status = self._facts.status if self._facts.status in ("finished", "failed") else "stopped"
        self._rest(status, self._facts.reason)
        self._call_off()
        self._save()
        self._server.stop_listening()
        letter.answer(Done(self._position.step))
        self._over = True

    def _demand_room(self) -> None:
        if self._position.step >= self._facts.last_step:
            raise BadInput(f"The run ends at step {self._facts.last_step}: set steps to a larger number to go on.")

    def _demand_present(self) -> None:
        here, head = self._position.step, self._position.head
        if here < head:
            raise BadInput(
                f"Step {here} is in the past of this run, which has reached step {head}: go there to change it."
            )

    # Moving

    def _start(self, move: Move, speed: float | None) -> None:
        if self._move is not None:
            self._rest("paused")
        self._move = move
        self._facts.status, self._facts.reason, self._facts.speed = "running", "", speed
        self._rhythm.begin(self._position.step)

    def _go_on(self, move: Move) -> None:
        before = self._position.place
        if move.whole_steps:
            self._guard(lambda: self._position.train(move.until, self._mailbox.empty, self._rhythm.next_chore))
        elif move.wait() == 0.0:
            self._tick(move)
        else:
            return
        self._facts.version += self._position.place != before  # a chore that was due may have come before any step
        if self._move is None:
            return
        if self._position.step >= self._facts.last_step:
            self._rest("finished")
            self._save()
        elif self._position.step >= move.until or move.count == 0:
            self._rest("paused")
        else:
            self._do_chores()
            return
        if self._later:
            self._show()  # each step that somebody asked for is seen, however fast they ask
            self._handle(self._later.popleft())

    def _tick(self, move: Move) -> None:
        """One move of its grain; an epoch in as many goes as it takes to stay attentive."""
        if move.grain != "epoch":
            self._guard(lambda: self._position.advance(move.grain))
            move.tick()
            return
        length = self._facts.steps_per_epoch
        end = min((self._position.step // length + 1) * length, move.until)
        self._guard(lambda: self._position.train(end, self._mailbox.empty, self._rhythm.next_chore))
        if self._position.step >= end:
            move.tick()

    def _guard(self, work: Callable[[], object]) -> None:
        """Divergence and crashes of the scenario are states of the run; it then stands where it was last sound."""
        try:
            work()
        except Diverged as error:
            self._position.go_to(self._position.step)
            self._fail(" ".join([str(error), *self._position.scenario.notes()]))
        except Halt as error:
            traceback.clear_frames(error.__traceback__)  # they may hold what filled the memory
            self._position.go_to(self._position.step)
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a scenario raises is shown as the run's state
            traceback.print_exc(file=sys.stderr)
            self._position.go_to(self._position.step)
            self._fail(
                f"Step {self._position.step + 1} crashed with {type(error).__name__}: {error}. See {self._run.log}."
            )

    def _fail(self, reason: str) -> None:
        self._rest("failed", reason)
        self._call_off()
        self._save()

    def _rest(self, status: Status, reason: str = "") -> None:
        """Stand still: everything up to here goes to disk, and whoever waits for the move is told."""
        move, self._move = self._move, None
        self._facts.status, self._facts.reason = status, reason
        self._facts.version += 1
        self._position.remember()
        self._keep()
        if move is not None and move.answer is not None:
            self._tell(move.answer)

    def _call_off(self) -> None:
        """Whoever waits for a step of their own is told that it will not come."""
        while self._later:
            self._tell(self._later.popleft().answer)

    def _standing(self) -> Status:
        return "finished" if self._position.step >= self._facts.last_step else "paused"

    def _tell(self, answer: Callable[[AnyReply], None]) -> None:
        failed = self._facts.status == "failed"
        answer(Refused(self._facts.reason) if failed else Done(self._position.step))

    # Keeping

    def _do_chores(self) -> None:
        now = perf_counter()
        if self._rhythm.snapshot_due(now):
            self._position.remember()
            self._rhythm.snapshot_done(now)
        if self._rhythm.flush_due(now):
            self._facts.steps_per_second = self._rhythm.speed(self._position.step)
            began = perf_counter()
            self._keep()
            self._rhythm.flush_done(began)
        if self._rhythm.save_due(now):
            began = perf_counter()
            self._save()
            self._rhythm.save_done(began)

    def _keep(self) -> None:
        """Bring history and report up to date on disk. A full disk pauses the run: nothing is lost, nothing goes on."""
        try:
            self._keeper.keep()
        except (OSError, sqlite3.OperationalError) as error:
            self._cannot_write(error)

    def _save(self) -> None:
        """Put the present boundary on disk, so that the run can be continued from it."""
        try:
            self._keeper.save()
        except OSError as error:
            self._cannot_write(error)

    def _cannot_write(self, error: Exception) -> None:
        move, self._move = self._move, None
        self._facts.reason = (
            f"Nothing can be written to {self._run.path} ({error}): the run is paused and nothing is lost; "
            "free some space and play."
        )
        if self._facts.status == "running":
            self._facts.status = "paused"
        self._facts.version += 1
        if move is not None and move.answer is not None:
            move.answer(Refused(self._facts.reason))

    def _show(self) -> None:
        """Answer the viewers that wait for news."""
        move = self._move
        self._audience.show(busy=move is not None and move.wait() == 0.0)
