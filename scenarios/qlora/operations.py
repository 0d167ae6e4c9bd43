"""The operations of a step as the inspector tells them."""

from typing import TYPE_CHECKING

from tui_lab.lab.scenario import OperationLine

if TYPE_CHECKING:
    from .scenario import QLoRA


def operation_lines(scenario: "QLoRA") -> list[OperationLine]:
    """One for each moment of a step, in order."""
    return []
