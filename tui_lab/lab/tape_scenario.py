"""A scenario that computes on a tape: what every such scenario tells in the same way."""

from abc import abstractmethod

import numpy as np

from tui_lab.lab.scenario import OperationLine, Scenario
from tui_lab.lab.tape import Tape


class TapeScenario(Scenario):
    """`tape` is the one of the latest step; it says what was computed, so nothing is told twice."""

    tape: Tape

    @abstractmethod
    def measured(self) -> dict[str, float]:
        """What the tape has computed, as metrics."""

    def operations(self) -> list[OperationLine]:
        """The tape's operations with the numbers of this moment."""
        return self.tape.lines()

    def entry(self, operation: int, index: tuple[int, ...]) -> OperationLine:
        """One entry of what an operation computes. Raises BadInput for an index that is not there."""
        return self.tape.entry(operation, index)

    def refresh(self) -> None:
        """Run the tape where the parameters stand now."""
        with np.errstate(all="ignore"):
            self.tape.run()
        self.metrics = self.measured()
