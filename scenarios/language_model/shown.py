"""What the lab asks of a language model besides training it: to be shown, checked, edited by hand and saved."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.scenario import GradientCheck, OperationLine, Parameter, Scenario
from tui_lab.lab.views import View
from tui_lab.torch_lab.parameters import Trainables

from . import huggingface
from .chain import Chain
from .checking import check_gradients
from .comparison import Comparison
from .counts import Counting
from .course import Course, Leg
from .model import LanguageModel, Network
from .operations import Operations
from .pictures import Pictures
from .record import Record
from .remarks import Remarks
from .tokens import Tokens
from .transformer import Transformer


class ShownModel(Scenario):
    """The attributes are those that `build` and the latest step of the scenario have left."""

    settings: Mapping[str, Any]
    looks: Mapping[str, Any]
    seed: int
    device: torch.device
    tokens: Tokens
    training: Tensor
    held_out: Tensor
    lengths: Tensor
    window: int
    course: Course
    leg: Leg
    records: list[Record]
    done: int
    model: LanguageModel
    trainables: Trainables
    chain: Chain
    equations: Operations
    inputs: Tensor
    targets: Tensor

    @property
    def size(self) -> int:
        """How many numbers the model consists of."""
        return sum(int(np.prod(parameter.shape)) for parameter in self.parameters())

    def parameters(self) -> list[Parameter]:
        return self.model.described() if isinstance(self.model, Counting) else self.trainables.described()

    def operations(self) -> list[OperationLine]:
        return self.equations.lines()

    def entry(self, operation: int, index: tuple[int, ...]) -> OperationLine:
        return self.equations.entry(operation, index)

    def check_gradients(self) -> list[GradientCheck]:
        if not isinstance(self.model, Network):
            return []  # counts are not found by going downhill
        return check_gradients(self.model, self.inputs, self.targets, self.seed)

    def save(self, format: str, folder: Path) -> None:  # noqa: A002 - what the command line calls it
        if format not in self.formats or not isinstance(self.model, Transformer):
            raise BadInput(f"This scenario's model cannot be saved as '{format}': {nearest(format, self.formats)}")
        huggingface.save(self.model, self.tokens, folder)

    @property
    def formats(self) -> Mapping[str, str]:
        if not isinstance(self.model, Transformer):
            return {}
        return {"huggingface": "a folder that AutoModelForCausalLM and AutoTokenizer load"}

    def views(self) -> list[View]:
        # The first text is the one that the present model writes: it is what the writing screen shows.
        return [*self.comparison.views(), *self.pictures.views(), *self.comparison.samples()]

    def notes(self) -> list[str]:
        return [*self.comparison.sentences(), *self.remarks.sentences()]

    @cached_property
    def comparison(self) -> Comparison:
        """What lays the models of a run beside each other."""
        return Comparison(self)

    @cached_property
    def pictures(self) -> Pictures:
        """What draws the present model."""
        return Pictures(self)

    @cached_property
    def remarks(self) -> Remarks:
        """What there is to say about it."""
        return Remarks(self, self.pictures.observer)
