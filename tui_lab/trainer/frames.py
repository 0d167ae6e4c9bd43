"""Frames and reports: what a trainer says about its run."""

from dataclasses import dataclass
from typing import Any

from tui_lab.lab.scenario import OperationLine
from tui_lab.run.catalogue import ScenarioCard
from tui_lab.run.messages import Frame, Report, Status
from tui_lab.run.settings import hyperparameter_of, parse
from tui_lab.trainer.figures import parameter_rows, state_hash
from tui_lab.trainer.position import Position
from tui_lab.trainer.scenery import Scenery


@dataclass(slots=True)
class Facts:
    """What the driver knows of a run besides where it stands."""

    run: str
    card: ScenarioCard
    pid: int
    settings: dict[str, Any]
    last_step: int
    steps_per_epoch: int
    status: Status = "paused"
    reason: str = ""
    speed: float | None = None
    steps_per_second: float = 0.0
    version: int = 1


def frame_of(facts: Facts, position: Position, recorded: int, scenery: Scenery) -> Frame:
    """Everything a viewer paints of this moment, in front of scenery that may be a little older."""
    phase, operation = _place(position, scenery.operations)
    return Frame(
        version=facts.version,
        status=facts.status,
        reason=facts.reason,
        step=position.step,
        head=position.head,
        last_step=facts.last_step,
        epoch=position.epoch,
        phase=phase,
        operation=operation,
        inside=position.moment is not None,
        speed=facts.speed,
        steps_per_second=facts.steps_per_second if facts.status == "running" else 0.0,
        recorded=recorded,
        metrics=position.metrics,
        settings=_settings(facts, position),
        operations=scenery.operations,
        parameters=scenery.parameters,
        views=list(scenery.views),
        notes=scenery.notes,
        steps_per_epoch=facts.steps_per_epoch,
        threads=position.scenario.threads,
        scenery=scenery.number,
    )


def report_of(facts: Facts, position: Position, brief: bool = False) -> Report:
    """What `tui-lab show` prints; a brief one has no parameters and no hash."""
    parameters = [] if brief else position.scenario.parameters()
    phase, _ = _place(position, [])
    return Report(
        run=facts.run,
        scenario=facts.card.name,
        status=facts.status,
        step=position.step,
        epoch=position.epoch,
        metrics=position.metrics,
        state_hash=None if brief else state_hash(parameters),
        phase=phase,
        reason=facts.reason,
        head=position.head,
        last_step=facts.last_step,
        pid=facts.pid,
        settings=_settings(facts, position),
        formats=dict(position.scenario.formats),
        parameters=parameter_rows(parameters),
    )


def _settings(facts: Facts, position: Position) -> dict[str, Any]:
    typed = {
        name: parse(hyperparameter_of(facts.card, name), text)
        for name, text in position.settings().items()
        if name in facts.settings
    }
    return {**facts.settings, **typed, "steps": facts.last_step}


def _place(position: Position, operations: list[OperationLine]) -> tuple[str, int]:
    """The phase and operation just done; at a boundary they are the last of the step before it."""
    if position.moment is not None:
        return position.moment.phase, position.moment.operation
    return ("update", len(operations) - 1) if position.step else ("", -1)
