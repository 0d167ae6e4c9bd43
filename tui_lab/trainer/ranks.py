"""Several processes that train one run: rank 0 is the trainer that viewers see, the others do as it does.

All were started by torchrun, each has built the same scenario, and each computes its share of every step; inside a
step the scenario itself adds up gradients by `torch.distributed`. Commands travel as msgpack, never as pickles.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
import torch.distributed as dist

from tui_lab.lab.scenario import GradientCheck, Moment, OperationLine, Parameter, Scenario, State
from tui_lab.lab.views import View
from tui_lab.trainer.processes import RanksBroken

_RANKS = "the other processes of this run"
_PATIENCE = timedelta(days=365)
"""How long the others wait for a command: a run may be paused for as long as a person likes."""


def join() -> None:
    """Meet the other processes, over gloo for the CPU and NCCL for GPUs."""
    rank_here = int(os.environ.get("LOCAL_RANK", "0"))
    if rank_here < torch.cuda.device_count():  # if not, it computes on the CPU, or the scenario says what is wrong
        torch.cuda.set_device(rank_here)
    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo", timeout=_PATIENCE)


class LeadingScenario(Scenario):
    """Rank 0's scenario: whatever changes it is told to the other ranks first."""

    def __init__(self, inner: Scenario) -> None:
        super().__init__(steps_per_epoch=inner.steps_per_epoch, threads=inner.threads * dist.get_world_size())
        self.inner = inner

    @property
    def metrics(self) -> dict[str, float]:
        """The inner scenario's."""
        return self.inner.metrics

    @metrics.setter
    def metrics(self, _: dict[str, float]) -> None:
        """The dataclass sets its default; the inner scenario has its own."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        raise NotImplementedError("every rank builds its own")

    def step(self) -> Iterator[Moment]:
        _tell("step")
        walk = self.inner.step()
        while True:
            _tell("next", self.stop_at_operations)
            self.inner.stop_at_operations = self.stop_at_operations
            try:
                moment = next(walk)
            except StopIteration:
                return
            except Exception as error:
                raise RanksBroken(f"{type(error).__name__}: {error}; {_RANKS} were ended") from error
            yield moment

    def state(self) -> State:
        return self.inner.state()

    def restore(self, state: State) -> None:
        _tell("restore", {name: _packed(array) for name, array in state.items()})
        self.inner.restore(state)

    def change(self, name: str, value: Any) -> None:
        self.inner.change(name, value)  # may refuse; then the others never hear of it
        _tell("change", name, value)

    def assign(self, name: str, index: tuple[int, ...], value: float) -> None:
        _tell("write", name, list(index), value)
        self.inner.assign(name, index, value)

    def refresh(self) -> None:
        self.inner.refresh()

    def parameters(self) -> list[Parameter]:
        return self.inner.parameters()

    def views(self) -> list[View]:
        self.inner.hurried = self.hurried
        return self.inner.views()

    def operations(self) -> list[OperationLine]:
        return self.inner.operations()

    def entry(self, operation: int, index: tuple[int, ...]) -> OperationLine:
        return self.inner.entry(operation, index)

    def notes(self) -> list[str]:
        return self.inner.notes()

    def script(self) -> str:
        return self.inner.script()

    def save(self, format: str, folder: Path) -> None:  # noqa: A002 - the base class's name for it
        self.inner.save(format, folder)

    @property
    def formats(self) -> Mapping[str, str]:
        return self.inner.formats

    def check_gradients(self) -> list[GradientCheck]:
        return self.inner.check_gradients()

    def dismiss(self) -> None:
        """Let the other ranks end."""
        _tell("end")


def follow(scenario: Scenario) -> None:
    """What a rank other than 0 does: the same as rank 0, until that ends."""
    walk: Iterator[Moment] = iter(())
    while True:
        verb, *words = _hear()
        match verb:
            case "step":
                walk = scenario.step()
            case "next":
                scenario.stop_at_operations = words[0]
                next(walk, None)
            case "restore":
                scenario.restore({name: _unpacked(packed) for name, packed in words[0].items()})
            case "change":
                scenario.change(words[0], words[1])
            case "write":
                scenario.assign(words[0], tuple(words[1]), words[2])
            case "end":
                return


def _tell(*words: Any) -> None:
    content = msgspec.msgpack.encode(words)
    dist.broadcast(torch.tensor([len(content)]), 0)
    dist.broadcast(torch.frombuffer(bytearray(content), dtype=torch.uint8), 0)


def _hear() -> list[Any]:
    length = torch.zeros(1, dtype=torch.long)
    dist.broadcast(length, 0)
    content = torch.zeros(int(length), dtype=torch.uint8)
    dist.broadcast(content, 0)
    words: list[Any] = msgspec.msgpack.decode(content.numpy().tobytes())
    return words


def _packed(array: np.ndarray[Any, Any]) -> tuple[str, tuple[int, ...], bytes]:
    return array.dtype.str, array.shape, np.ascontiguousarray(array).tobytes()


def _unpacked(packed: list[Any]) -> np.ndarray[Any, Any]:
    dtype, shape, data = packed
    return np.frombuffer(bytearray(data), dtype=dtype).reshape(shape)
