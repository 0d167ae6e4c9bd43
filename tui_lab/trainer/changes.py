"""Changes by hand: reading what a person typed, and applying it to a scenario."""

import re

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.scenario import Scenario
from tui_lab.run.catalogue import Hyperparameter, ScenarioCard
from tui_lab.run.history import Change
from tui_lab.run.settings import parse

_ENTRY = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<index>\s*\d+\s*(?:,\s*\d+\s*)*)\])?")


class Changer:
    """Applies changes to the scenario of one card. Called with a change that it has applied before, it never fails."""

    def __init__(self, card: ScenarioCard) -> None:
        self._hyperparameters = {hyperparameter.name: hyperparameter for hyperparameter in card.hyperparameters}

    def __call__(self, scenario: Scenario, change: Change) -> None:
        """Set a live hyperparameter (`learning_rate`) or a parameter's entry (`layer1.W[0,3]`). Raises BadInput."""
        hyperparameter = self._hyperparameters.get(change.name)
        if hyperparameter is not None:
            scenario.change(change.name, parse(_live(hyperparameter), change.value))
            return
        name, index = self._entry(scenario, change.name)
        scenario.assign(name, index, _number(change))

    def _entry(self, scenario: Scenario, text: str) -> tuple[str, tuple[int, ...]]:
        match = _ENTRY.fullmatch(text)
        parameters = [parameter.name for parameter in scenario.parameters()]
        if match is None or match["name"] not in parameters:
            live = [name for name, hyperparameter in self._hyperparameters.items() if hyperparameter.live]
            raise BadInput(
                f"There is neither a hyperparameter nor a parameter '{text}': {nearest(text, live + parameters)}"
            )
        index = match["index"]
        return match["name"], tuple(int(part) for part in index.split(",")) if index else ()


def _live(hyperparameter: Hyperparameter) -> Hyperparameter:
    if not hyperparameter.live:
        raise BadInput(
            f"{hyperparameter.name} cannot change while a run is running: start a new run with another value."
        )
    return hyperparameter


def _number(change: Change) -> float:
    try:
        number = float(change.value)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise BadInput(f"{change.name} cannot be '{change.value}': it is a finite number.")
    return number
