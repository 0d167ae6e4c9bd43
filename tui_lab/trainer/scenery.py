"""The scenery of a frame: what is dear in it, and need not be new in each while a run trains."""

import sys
import traceback
from dataclasses import dataclass, replace

from tui_lab.lab.scenario import OperationLine
from tui_lab.lab.views import View
from tui_lab.run.messages import ParameterRow
from tui_lab.trainer.figures import parameter_rows
from tui_lab.trainer.position import Position


@dataclass(frozen=True, slots=True)
class Scenery:
    """The operations and parameters of one moment, its pictures, and what there is to say about it; numbered, so that
    viewers are not sent again what they have."""

    number: int
    operations: list[OperationLine]
    parameters: list[ParameterRow]
    views: list[View]
    notes: list[str]


def scenery_of(position: Position, number: int, hurried: bool) -> Scenery:
    """Made now; `hurried` while training goes on."""
    position.scenario.hurried = hurried
    views, notes = _pictures(position)
    return Scenery(number, _operations(position), parameter_rows(position.scenario.parameters()), views, notes)


def _pictures(position: Position) -> tuple[list[View], list[str]]:
    """Views and notes. A scenario that fails to tell them still trains: a note then says why nothing is to be seen."""
    try:
        return position.scenario.views(), position.scenario.notes()
    except Exception as error:  # noqa: BLE001 - whatever it is, it goes to the log and is shown
        traceback.print_exc(file=sys.stderr)
        return [], [f"The views cannot be shown: {type(error).__name__}: {error}. The run's log says more."]


def _operations(position: Position) -> list[OperationLine]:
    """Before the first step nothing has been computed, so there are no numbers to show."""
    lines = position.scenario.operations()
    untouched = position.step == 0 and position.moment is None
    return [replace(line, numbers="") for line in lines] if untouched else lines
