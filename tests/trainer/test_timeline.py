"""The timeline keeps what it is told within its budget, and never its beginning's loss."""

from pathlib import Path

import numpy as np

from tui_lab.trainer.timeline import DISK_LIMIT, Snapshot, Timeline


def snapshot(step: int, size: int = 100) -> Snapshot:
    return Snapshot(step, 0, {"loss": float(step)}, {"w": np.full(size, float(step))})


def test_nearest_is_the_latest_at_or_before(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path)
    assert timeline.nearest(5) is None
    for step in (0, 10, 20):
        timeline.add(snapshot(step))
    assert [timeline.nearest(step).step for step in (0, 9, 10, 19, 20, 99)] == [0, 0, 10, 10, 20, 20]  # type: ignore[union-attr]


def test_memory_stays_within_the_budget(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path, budget=20_000)
    for step in range(1000):
        timeline.add(snapshot(step))
    kept = {timeline.nearest(step).step for step in range(1000)}  # type: ignore[union-attr]
    assert sum(snapshot(step).size for step in kept) <= 20_000
    assert {0, 999} <= kept


def test_a_replaced_snapshot_is_not_counted_twice(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path, budget=5_000)
    timeline.add(snapshot(0))
    for _ in range(100):
        timeline.add(snapshot(7))
    assert timeline.nearest(6) == timeline.nearest(0)
    assert timeline.nearest(7).step == 7  # type: ignore[union-attr]


def test_snapshots_on_disk_come_back_to_the_bit(tmp_path: Path) -> None:
    state = {"w": np.array([np.pi, -0.0, 1e-310]), "cursor": np.array(7), "random": np.array([2**64 - 1], np.uint64)}
    Timeline(tmp_path).save(Snapshot(12, 3, {"loss": 0.1}, state))
    found = Timeline(tmp_path).nearest(20)
    assert found is not None
    assert (found.step, found.changes, found.metrics) == (12, 3, {"loss": 0.1})
    assert {name: array.tobytes() for name, array in found.state.items()} == {n: a.tobytes() for n, a in state.items()}


def test_the_disk_holds_a_few_and_always_the_first_and_the_newest(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path)
    for step in range(200):
        timeline.save(snapshot(step))
    kept = sorted(int(path.stem) for path in tmp_path.glob("*.safetensors"))
    assert len(kept) <= DISK_LIMIT
    assert kept[0] == 0
    assert kept[-1] == 199
