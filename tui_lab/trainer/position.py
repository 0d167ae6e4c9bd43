"""Where a run stands, and how it gets elsewhere: forward by computing, back by a snapshot and exact replay."""

import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from typing import Any

from tui_lab.lab.scenario import Moment, Scenario
from tui_lab.run.history import Change
from tui_lab.run.messages import Grain
from tui_lab.run.recorder import Recorder
from tui_lab.trainer.timeline import Snapshot, Timeline

_LONG_STEP = 0.1
"""Seconds after which a step is too long to be waited for: attention is then paid inside it."""


_Place = tuple[int, Moment]
"""Inside a step: how many phases are done, and the moment passed."""


class Diverged(ArithmeticError):
    """A metric of the step just done is not finite."""


class Position:
    """A scenario at a step of its run. All that changes the model or moves it goes through here.

    Inside a step `moment` is the latest passed; at a boundary between steps it is None.
    """

    def __init__(
        self,
        scenario: Scenario,
        timeline: Timeline,
        recorder: Recorder,
        settings: Mapping[str, Any],
        apply: Callable[[Scenario, Change], None],
    ) -> None:
        self.scenario = scenario
        self.step = 0
        self.moment: Moment | None = None
        self.metrics: dict[str, float] = {}
        self._timeline = timeline
        self._recorder: Recorder = recorder
        self._initial = dict(settings)
        self._apply = apply
        self._changes = recorder.changes()
        self._applied = 0
        self._walk: Iterator[Moment] | None = None
        self._phases_done = 0
        self._passed: list[_Place] | None = None
        """The places of this step up to here, where all of them are known."""
        if timeline.nearest(0) is None:
            timeline.save(self.snapshot())
        timeline.add(self.snapshot())
        self._apply_due()

    @property
    def head(self) -> int:
        """The furthest step ever reached."""
        return max(self.step, self._recorder.head)

    @property
    def epoch(self) -> int:
        """Passes over the training data completed."""
        return self.step // self.scenario.steps_per_epoch

    @property
    def place(self) -> tuple[int, int, Moment | None]:
        """Where it stands: another one after every move."""
        return self.step, self._phases_done, self.moment

    def snapshot(self) -> Snapshot:
        """The present boundary. Only valid between two steps."""
        return Snapshot(self.step, self._applied, dict(self.metrics), self.scenario.state())

    def remember(self) -> None:
        """Add the present boundary to the timeline; inside a step there is nothing to remember."""
        if self._walk is None:
            self._timeline.add(self.snapshot())

    def train(self, last: int, quiet: Callable[[], bool], deadline: float) -> None:
        """Whole steps up to step `last`, as long as it stays `quiet` and until `deadline` (of perf_counter). A long
        step is left in the middle if it is no longer quiet. Raises Diverged."""
        self.scenario.stop_at_operations = False
        self._passed = None
        while self.step < last and quiet():
            began = perf_counter()
            if began >= deadline:
                return
            for count, moment in enumerate(self._walking()):
                if not quiet() and perf_counter() - began > _LONG_STEP and not _ends_step(moment):
                    self._phases_done += count
                    self._pass(moment)
                    return
            self._finish_step()

    def advance(self, grain: Grain) -> None:
        """Forward by one operation or phase, or to the end of the step. Raises Diverged."""
        self.scenario.stop_at_operations = grain in ("operation", "phase")
        if grain not in ("operation", "phase"):
            self._complete_step()
            return
        moment = self._next_moment()
        while grain == "phase" and self.moment is not None and not moment.last:
            moment = self._next_moment()

    def retreat(self, grain: Grain, count: int = 1) -> None:
        """Back by so many; the very first boundary has nothing before it."""
        begun = self.step if self.moment is not None else self.step - 1  # the latest step that has been begun
        match grain:
            case "step":
                self.go_to(max(begun - count + 1, 0))
            case "epoch":
                length = self.scenario.steps_per_epoch
                self.go_to(max(begun // length - count + 1, 0) * length)
            case _:
                for _ in range(count):
                    self._retreat_within_step(grain)

    def go_to(self, step: int) -> None:
        """To the boundary after `step` steps, exactly as it was, by replay from the nearest snapshot before it.

        At least one step is replayed, so that the numbers of its forward and backward pass are back, too.
        """
        snapshot = self._timeline.nearest(max(step - 1, 0))
        if snapshot is None:
            raise LookupError("the timeline has lost its beginning")
        self._restore(snapshot)
        self.scenario.stop_at_operations = False
        while self.step < step:
            self._complete_step()

    def change(self, name: str, value: str) -> None:
        """Change something by hand at this boundary; a step begun is begun again. Raises BadInput, and
        OSError or sqlite3.OperationalError on a full disk; nothing has changed then."""
        if self.moment is not None:
            self.go_to(self.step)
        change = Change(step=self.step, name=name, value=value)
        self._make(change)
        try:
            self._recorder.note_change(change)
        except (OSError, sqlite3.OperationalError):
            self.go_to(self.step)  # what is not on disk has not happened
            raise
        self._changes.append(change)
        self._applied += 1

    def settings(self) -> dict[str, str]:
        """What has been changed by hand up to here: the latest value of each name."""
        return {change.name: change.value for change in self._changes[: self._applied]}

    def _walking(self) -> Iterator[Moment]:
        if self._walk is None:
            self._walk = self.scenario.step()
            self._phases_done = 0
            self._passed = [] if self.scenario.stop_at_operations else None
        return self._walk

    def _next_moment(self) -> Moment:
        moment = next(self._walking())
        if _ends_step(moment):
            self._complete_step()
        else:
            self._pass(moment)
        return moment

    def _pass(self, moment: Moment) -> None:
        self.moment = moment
        self._phases_done += moment.last
        if self._passed is not None:
            self._passed.append((self._phases_done, moment))

    def _complete_step(self) -> None:
        for _ in self._walking():
            pass
        self._finish_step()

    def _finish_step(self) -> None:
        self._walk = self.moment = None
        metrics = self.scenario.metrics
        if not math.isfinite(sum(metrics.values())):
            raise Diverged(_sentence(self.step + 1, metrics))
        # Some are measured now and then only: of those the latest counts.
        self.metrics = metrics if len(metrics) >= len(self.metrics) else {**self.metrics, **metrics}
        self.step += 1
        self._recorder.record(self.step, metrics)
        if self._applied < len(self._changes):
            self._apply_due()

    def _retreat_within_step(self, grain: Grain) -> None:
        if self.moment is None and self.step == 0:
            return
        start = self.step if self.moment is not None else self.step - 1
        before = self._places_before(start)
        wanted = [place for place in before if grain == "operation" or place[1].last]
        self.go_to(start)
        if wanted:
            self._walk_finely_to(wanted[-1])

    def _places_before(self, start: int) -> list[_Place]:
        """The places between the boundary after `start` steps and here, walked once more if that is not known."""
        if self.moment is not None and self._passed is not None:
            return self._passed[:-1]
        here = None if self.moment is None else (self._phases_done, self.moment)
        self.go_to(start)
        return self._walk_finely_to(here)

    def _walk_finely_to(self, place: _Place | None) -> list[_Place]:
        """Walks to a place in the step, or to its end if that is None, and tells the places before it."""
        self.scenario.stop_at_operations = True
        before = list[_Place]()
        self._next_moment()
        while self.moment is not None:
            here = self._phases_done, self.moment
            if place is not None and _same(here, place):
                break
            before.append(here)
            self._next_moment()
        return before

    def _restore(self, snapshot: Snapshot) -> None:
        self._walk = self.moment = None
        self.scenario.restore(snapshot.state)
        self.step, self.metrics = snapshot.step, dict(snapshot.metrics)
        self._applied = snapshot.changes
        self._set_hyperparameters()
        self._apply_due()

    def _set_hyperparameters(self) -> None:
        """Every hyperparameter ever changed gets the value that it has here: snapshots hold the model, not those."""
        changed = {change.name for change in self._changes} & self._initial.keys()
        here = self.settings()
        for name in changed:
            value = here.get(name, str(self._initial[name]))
            self._apply(self.scenario, Change(step=self.step, name=name, value=value))

    def _apply_due(self) -> None:
        while self._applied < len(self._changes) and self._changes[self._applied].step <= self.step:
            self._make(self._changes[self._applied])
            self._applied += 1

    def _make(self, change: Change) -> None:
        """A parameter set by hand has another loss at once; that loss belongs to no step and is not recorded."""
        self._apply(self.scenario, change)
        if change.name not in self._initial:
            self.metrics = {**self.metrics, **self.scenario.metrics}


def _ends_step(moment: Moment) -> bool:
    return moment.phase == "update" and moment.last


def _same(here: _Place, there: _Place) -> bool:
    """The same place, whether it was reached operation by operation or phase by phase."""
    return (here[0], here[1].phase, here[1].operation) == (there[0], there[1].phase, there[1].operation)


def _sentence(step: int, metrics: Mapping[str, float]) -> str:
    name, value = next(((n, v) for n, v in metrics.items() if not math.isfinite(v)), ("sum of the metrics", math.inf))
    return f"In step {step} the {name} became {value}; the run stands at step {step - 1}, the last finite one."
