"""The timeline: snapshots of a run, in memory within a budget and a few of them on disk."""

import json
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import psutil
from safetensors import safe_open
from safetensors.numpy import save

from tui_lab.lab.scenario import State
from tui_lab.run.files import write_whole

MEMORY_BUDGET = 64 * 2**20
"""Bytes of snapshots kept in memory; past it, every second one is forgotten."""
LEAST_KEPT = 24
"""Snapshots for which there is to be room in memory even if they are large, unless they would take a ..."""
MEMORY_SHARE = 16
"""... sixteenth of the machine's memory."""
DISK_LIMIT = 32
"""Snapshots kept on disk; past it, every second one is forgotten."""
DISK_BUDGET = 2 * 2**30
"""Bytes of snapshots kept on disk; past it likewise."""
_OVERHEAD = 200


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything needed to continue bit for bit from the boundary after `step` steps, when the first `changes` of the
    run's changes had been made; `metrics` are those that the step before it left."""

    step: int
    changes: int
    metrics: dict[str, float]
    state: State

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return sum(array.nbytes + _OVERHEAD for array in self.state.values())


class Timeline:
    """The snapshots of one run. The one at step 0 is never forgotten: from it, every step can be computed again."""

    def __init__(self, folder: Path, budget: int = MEMORY_BUDGET, disk_budget: int = DISK_BUDGET) -> None:
        self._folder = folder
        self._budget, self._disk_budget = budget, disk_budget
        self._size = 0
        self._memory: dict[int, Snapshot] = {}
        folder.mkdir(exist_ok=True)
        self._disk = {int(path.stem): path.stat().st_size for path in folder.glob("*.safetensors")}
        self._steps = sorted(self._disk)

    def add(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, in place of an earlier one of the same step."""
        before = self._memory.get(snapshot.step)
        self._size += snapshot.size - (before.size if before else 0)
        self._memory[snapshot.step] = snapshot
        if self._size > self._budget and self._size > _room_for(snapshot):
            self._forget_every_second()
        self._index()

    def save(self, snapshot: Snapshot) -> None:
        """Keep a snapshot on disk too. Raises OSError when the disk is full."""
        about = {"step": snapshot.step, "changes": snapshot.changes, "metrics": snapshot.metrics}
        content = save(snapshot.state, metadata={"about": json.dumps(about)})
        write_whole(self._path(snapshot.step), content)
        self._disk[snapshot.step] = len(content)
        if len(self._disk) > DISK_LIMIT or sum(self._disk.values()) > self._disk_budget:
            for step in sorted(self._disk)[1:-1:2]:
                self._path(step).unlink(missing_ok=True)
                del self._disk[step]
        self._index()

    def nearest(self, step: int) -> Snapshot | None:
        """The latest snapshot at or before `step`; None when there is none yet."""
        place = bisect_right(self._steps, step)
        if place == 0:
            return None
        found = self._steps[place - 1]
        return self._memory.get(found) or self._load(found)

    def _load(self, step: int) -> Snapshot:
        with safe_open(self._path(step), framework="numpy") as file:
            about = json.loads(file.metadata()["about"])
            return Snapshot(**about, state={name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118

    def _forget_every_second(self) -> None:
        for step in sorted(self._memory)[1:-1:2]:
            self._size -= self._memory.pop(step).size

    def _index(self) -> None:
        self._steps = sorted(self._disk.keys() | self._memory.keys())

    def _path(self, step: int) -> Path:
        return self._folder / f"{step}.safetensors"


def _room_for(snapshot: Snapshot) -> int:
    return min(LEAST_KEPT * snapshot.size, psutil.virtual_memory().total // MEMORY_SHARE)
