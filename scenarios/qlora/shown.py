"""What is shown and saved of a fine-tune: nothing here is what training depends on."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tui_lab.lab.scenario import GradientCheck, OperationLine, Parameter, Scenario
from tui_lab.lab.views import View

from .gradients import checks
from .operations import operation_lines
from .saving import FORMATS, save_model

if TYPE_CHECKING:
    from .scenario import QLoRA


class Shown(Scenario):
    """The half of the scenario that answers whoever looks."""

    looks: dict[str, Any]
    """The hyperparameters that only change what is shown."""

    @property
    def whole(self) -> "QLoRA":
        """The scenario that this is a half of."""
        return cast("QLoRA", self)

    @classmethod
    def plan(cls, settings: Mapping[str, Any]) -> list[View]:
        from .plan import plan

        return list(plan(settings))

    def parameters(self) -> list[Parameter]:
        return self.whole.trainables.described()

    def operations(self) -> list[OperationLine]:
        return operation_lines(self.whole)

    def views(self) -> list[View]:
        return list(self.pictures.views())

    def notes(self) -> list[str]:
        return list(self.remarks.sentences())

    def check_gradients(self) -> list[GradientCheck]:
        return checks(self.whole)

    @property
    def formats(self) -> Mapping[str, str]:
        return FORMATS

    def save(self, format: str, folder: Path) -> None:  # noqa: A002 - the base class's name for it
        save_model(self.whole, format, folder)

    def look(self, name: str, value: Any) -> None:
        """Show something else. Raises BadInput for a layer that there is not."""
        if name == "layer" and value != self.looks[name]:
            self.whole.closeup.choose(value)
            self.whole.look_again()
        self.looks[name] = value

    @cached_property
    def pictures(self) -> Any:
        """What draws this fine-tune."""
        from .pictures import Pictures

        return Pictures(self.whole)

    @cached_property
    def remarks(self) -> Any:
        """What there is to say about this fine-tune."""
        from .remarks import Remarks

        return Remarks(self.whole)
