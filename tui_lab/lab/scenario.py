"""What a scenario is: mathematics that one can stop anywhere.

The trainer's driver owns time (play, pause, grain, breakpoints); a scenario owns the numbers. It runs with no app
and no process: `for moment in scenario.step(): ...`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.views import View

Array = NDArray[np.float64]
State = dict[str, NDArray[Any]]
"""Everything a scenario's future depends on, by name. The arrays are copies: they do not change later."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A place inside a step where a person may stop: `operation` (its index in `Scenario.operations()`) of `phase` has
    just been done. `last` is true when the phase is complete. A scenario without operations leaves -1."""

    phase: str
    operation: int = -1
    last: bool = True


@dataclass(frozen=True, slots=True)
class OperationLine:
    """One operation as the step inspector shows it: `ŷ = u + b` and `ŷ₀ = -12.5 + 1.2 = -11.3`."""

    phase: str
    symbols: str
    numbers: str
    shape: tuple[int, ...] = ()
    """Of what it computes: `Scenario.entry` tells any of its entries; `numbers` is the first's."""
    parameter: str = ""
    """The parameter whose gradient or update it is."""
    source: str = ""
    """Where it stands in the scenario's code, as `scenario.py:42`; empty if nowhere."""


class Parameter(Protocol):
    """A trainable tensor with what the latest step computed for it; all three arrays have one shape.

    `gradient` is ∂L/∂value, `update` what the latest step added to it; both are zero before the first step. Reading an
    array may mean copying it from a GPU, asking for the norms never does.
    """

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def value(self) -> Array: ...
    @property
    def gradient(self) -> Array: ...
    @property
    def update(self) -> Array: ...

    def norms(self) -> tuple[float, float, float]:
        """Frobenius norms of value, gradient and update."""
        ...

    def write(self, values: Array) -> None:
        """Edit the model: give the parameter these values, of its shape."""
        ...

    def write_entry(self, index: tuple[int, ...], value: float) -> None:
        """Edit the model: set one entry."""
        ...


@dataclass(frozen=True, slots=True)
class ArrayParameter:
    """A parameter in numpy arrays; `value` is the live one."""

    name: str
    value: Array
    gradient: Array
    update: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def norms(self) -> tuple[float, float, float]:
        return _norm(self.value), _norm(self.gradient), _norm(self.update)

    def write(self, values: Array) -> None:
        self.value[...] = values

    def write_entry(self, index: tuple[int, ...], value: float) -> None:
        self.value[index] = value


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The analytic gradient of one parameter entry beside its central difference (L(w+h) − L(w−h)) / 2h.

    `rounding` is how far the difference may be off because the losses are rounded: about ε·|L|/h.
    """

    entry: str
    analytic: float
    numeric: float
    rounding: float = 0.0

    @property
    def relative_error(self) -> float:
        """What rounding cannot explain of |analytic − numeric|, over the larger: 0 is perfect, 1 unrelated."""
        unexplained = max(abs(self.analytic - self.numeric) - self.rounding, 0.0)
        return unexplained / max(abs(self.analytic), abs(self.numeric), 1e-300)


@dataclass
class Scenario(ABC):
    """One thing that can be trained. A subclass is found in the `scenario.py` of a folder under `scenarios/`."""

    stop_at_operations: bool = False
    """Set by the driver: whether `step` yields after each operation or only at the end of each phase."""
    hurried: bool = False
    """Set by the driver: training goes on while pictures are made, so that what is dear in them may wait or be older;
    the pictures of a run that stands still are complete."""
    steps_per_epoch: int = 1
    threads: int = 1
    """How many threads compute a step together, each waiting for the slowest of them."""
    metrics: dict[str, float] = field(default_factory=dict)
    """What the latest finished step measured, a new dict each step; `loss` is always among it. The loss of a step is
    the one that its forward pass computed, before the update."""

    @classmethod
    def plan(cls, settings: Mapping[str, Any]) -> list[View]:
        """What a run with these settings would need, told before anything is loaded. Raises BadInput for settings that
        cannot be used, and where a scenario has nothing to tell."""
        raise BadInput("This scenario has no plan to show: its runs need next to nothing.")

    @abstractmethod
    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        """Make data, model and optimizer. `settings` has a valid value for every hyperparameter of `scenario.toml`, and
        `data`: the path that `--data` gave, or a data set's id as a string, or None. Raises BadInput for what cannot be
        used."""

    @abstractmethod
    def step(self) -> Iterator[Moment]:
        """Do ONE optimizer step; yield wherever a person may stop; leave `metrics` behind."""

    @abstractmethod
    def state(self) -> State:
        """Copies of everything that the next step depends on: parameters, optimizer, random numbers, data cursor."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Continue from a `state`: every later step is the same to the last bit."""

    @abstractmethod
    def parameters(self) -> list[Parameter]:
        """The trainable tensors, in the model's order."""

    @abstractmethod
    def views(self) -> list[View]:
        """The pictures of this moment, as numbers. Only called when somebody is looking."""

    def operations(self) -> list[OperationLine]:
        """The operations of a step in order, with the numbers of this moment."""
        return []

    def entry(self, operation: int, index: tuple[int, ...]) -> OperationLine:
        """One entry of what an operation computes, its equation written out in full."""
        raise BadInput("The operations of this scenario are not told entry by entry.")

    def refresh(self) -> None:  # noqa: B027 - a scenario whose parameters cannot be set by hand has nothing to do
        """Compute loss, gradients and all that is shown anew for the latest batch, after a parameter was set by hand.
        `metrics` tells the result; nothing that training depends on changes."""

    def script(self) -> str:
        """The model as a runnable PyTorch script. Raises BadInput where there is none."""
        raise BadInput("This scenario's model cannot be exported as a script.")

    def save(self, format: str, folder: Path) -> None:  # noqa: A002 - what the command line calls it
        """Save the model as it stands into an empty folder, for other programs. Raises BadInput for a format that the
        scenario does not have; `formats` lists those that it has."""
        raise BadInput(f"This scenario's model cannot be saved as '{format}': {nearest(format, self.formats)}")

    @property
    def formats(self) -> Mapping[str, str]:
        """What `save` can write, by the format's name: a sentence that says what it is."""
        return {}

    def notes(self) -> list[str]:
        """What a person should know right now, each one sentence with its evidence."""
        return []

    def check_gradients(self) -> list[GradientCheck]:
        """Every parameter entry's gradient against a central difference, at this moment and on the latest batch."""
        return []

    def change(self, name: str, value: Any) -> None:
        """Take a new value of a hyperparameter that `scenario.toml` calls live or a look. What a look changes is only
        shown: it touches nothing that a later step depends on."""
        raise NotImplementedError(f"{type(self).__name__} has live hyperparameters but does not take {name}")

    def assign(self, name: str, index: tuple[int, ...], value: float) -> None:
        """Set one entry of a parameter by hand; `()` is a scalar's entry. Raises BadInput for what is not there."""
        found = {parameter.name: parameter for parameter in self.parameters()}
        if name not in found:
            raise BadInput(f"There is no parameter '{name}': {nearest(name, found)}.")
        target = found[name]
        if len(index) != len(target.shape) or any(i < 0 or i >= n for i, n in zip(index, target.shape, strict=True)):
            raise BadInput(f"{name} has shape {list(target.shape)}: {list(index)} is not one of its entries.")
        target.write_entry(index, value)
        self.refresh()


def _norm(array: Array) -> float:
    return float(np.sqrt(np.square(array).sum()))
