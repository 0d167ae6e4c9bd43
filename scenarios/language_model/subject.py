"""What pictures and remarks need of the scenario that they speak about."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor

from .model import LanguageModel
from .record import Record
from .tokens import Tokens


class Subject(Protocol):
    """A language model, what it learns from, and what somebody wants to see of it."""

    done: int
    """Steps."""
    training: Tensor
    """Ids of the text that is learned from, (n,)."""
    held_out: Tensor
    """Ids of the text that is not, (m,)."""
    lengths: Tensor
    """How many characters each token stands for, (V,)."""
    window: int
    """Tokens of the windows that are learned from: no model is given more at once."""
    metrics: dict[str, float]
    hurried: bool
    """Training goes on: pictures should be quick."""

    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def looks(self) -> Mapping[str, Any]: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def model(self) -> LanguageModel: ...
    @property
    def records(self) -> Sequence[Record]:
        """What came of each model of the run so far, that of the present one last."""
        ...
