"""What becomes vectors: the words of a text, or the patches of a picture."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from tui_lab.lab.optimizer import Optimizer
from tui_lab.lab.scenario import Array, State
from tui_lab.lab.tape import Tape
from tui_lab.lab.views import View


class Subject(ABC):
    """What the scenario needs of either, besides what its model reads. `per_epoch` is how many steps one pass takes."""

    per_epoch: int

    @abstractmethod
    def initial_values(self, seed: int) -> dict[str, Array]:
        """What the parameters are before the first step, by name."""

    @abstractmethod
    def draw(self, step: int) -> None:
        """Fill the buffers of the model with what it learns from in the step after `step` steps."""

    @abstractmethod
    def change(self, name: str, value: Any) -> None:
        """Take a look: something that is only shown. Raises BadInput."""

    @abstractmethod
    def views(self, tape: Tape) -> Iterator[View]:
        """The pictures, where the parameters of the latest step's tape stand."""

    @abstractmethod
    def sentences(self, tape: Tape, optimizer: Optimizer) -> Iterator[str]:
        """What there is to say about it."""

    def pass_by(self, step: int, parameters: dict[str, Array]) -> None:  # noqa: B027 - a picture remembers no way
        """The parameters after `step` steps, for what is remembered of the way."""

    def judge(self, step: int, loss: float) -> None:  # noqa: B027 - of a picture nothing is held out
        """The held-out loss after `step` steps, for what is remembered of it."""

    def state(self) -> State:
        """Copies of what is remembered."""
        return {}

    def restore(self, state: State) -> None:  # noqa: B027
        """Remember what a `state` tells."""
