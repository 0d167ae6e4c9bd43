"""Mini-batches: every point once an epoch, in an order that follows from the seed alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.lab.batches import Batches


@given(points=st.integers(1, 60), size=st.integers(1, 60), shuffle=st.booleans(), seed=st.integers(0, 2**40))
def test_an_epoch_has_every_point_once(points: int, size: int, shuffle: bool, seed: int) -> None:
    batches = Batches(points, min(size, points), shuffle, seed)
    for epoch in range(3):
        rows = [batches.rows(epoch * batches.per_epoch + batch) for batch in range(batches.per_epoch)]
        assert sorted(np.concatenate(rows).tolist()) == list(range(points))
        assert {len(batch) for batch in rows} == batches.sizes


def test_the_rows_of_a_step_do_not_depend_on_what_was_asked_before() -> None:
    onward, back = Batches(10, 3, True, 7), Batches(10, 3, True, 7)
    there = [onward.rows(step).tolist() for step in range(12)]
    assert [back.rows(step).tolist() for step in reversed(range(12))] == there[::-1]


def test_epochs_and_seeds_differ() -> None:
    def epoch(seed: int, number: int) -> list[int]:
        batches = Batches(30, 15, True, seed)
        return np.concatenate([batches.rows(2 * number), batches.rows(2 * number + 1)]).tolist()  # type: ignore[no-any-return]

    assert len({tuple(epoch(seed, number)) for seed in range(3) for number in range(3)}) == 9


def test_without_shuffling_the_points_come_in_their_order() -> None:
    batches = Batches(5, 2, False, 0)
    assert [batches.rows(step).tolist() for step in range(4)] == [[0, 1], [2, 3], [4], [0, 1]]
    assert Batches(5, 5, True, 0).rows(3).tolist() == [0, 1, 2, 3, 4]
