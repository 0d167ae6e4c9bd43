"""Test what is counted while a step computes: against a rehearsal, against no count at all, and when it is done."""

from collections.abc import Iterator
from dataclasses import fields

import pytest

from tests.scenarios import qlora_models
from tui_lab.lab.scenario import Moment
from tui_lab.scenarios.qlora.ledger_tables import ledger_table, moments_table
from tui_lab.scenarios.qlora.needs import Needs
from tui_lab.scenarios.qlora.rehearsal import rehearse
from tui_lab.scenarios.qlora.tally import Tally
from tui_lab.trainer.figures import state_hash


@pytest.mark.parametrize(
    "words",
    [
        ("dropout=0.1",),
        ("gradient_checkpointing=true", "accumulation=2"),
        ("quantisation=int8",),
        ("dora=true",),
        ("compute_dtype=bf16", "packing=true"),
    ],
)
def test_a_step_needs_what_a_rehearsal_of_its_size_says(words: tuple[str, ...]) -> None:
    scenario = qlora_models.build(*words)
    qlora_models.train(scenario, 3)
    counted, books = scenario.tally.counted, scenario.bookkeeping
    said = rehearse(scenario.base, scenario.method, scenario.dtype, counted.sizes, books.census, gpu=False)
    for moment in fields(Needs):
        real, rehearsed = getattr(counted.needs, moment.name), getattr(said, moment.name)
        assert real == pytest.approx(rehearsed, rel=0.08), moment.name
    found, fullest = books.found(), books.ledger.moments.fullest
    assert sum(found.passing.values()) == found.moments.seen_needs[fullest]
    assert found.passing["activations"] == counted.needs.kept


def test_counting_changes_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = qlora_models.build("dropout=0.1")
    history = qlora_models.train(counted, 3)

    def uncounted(_: Tally, moments: Iterator[Moment]) -> Iterator[Moment]:
        return moments

    monkeypatch.setattr(Tally, "over", uncounted)
    plain = qlora_models.build("dropout=0.1")
    for mine, its in zip(history, qlora_models.train(plain, 3), strict=True):
        assert {**mine, "tokens_per_second": 0} == {**its, "tokens_per_second": 0}
    assert state_hash(counted.parameters()) == state_hash(plain.parameters())
    assert counted.tally.counted is not None and plain.tally.counted is None


def test_only_what_is_larger_than_all_before_is_counted() -> None:
    scenario = qlora_models.build()
    most = 0
    for step in range(1, 9):
        qlora_models.train(scenario, 1)
        tokens = scenario.micro_batches[0].input_ids.numel()
        assert (scenario.tally.counted.step == step) == (tokens > most)
        most = max(most, tokens)
        assert scenario.tally.counted.sizes.tokens == most


def test_a_step_that_is_left_in_the_middle_counts_nothing_and_leaves_no_hook() -> None:
    scenario = qlora_models.build()
    moments = scenario.step()
    while next(moments).phase != "loss":
        pass
    assert any(module._forward_hooks for module in scenario.model.modules())
    moments.close()
    assert scenario.tally.counted is None
    assert not any(module._forward_hooks for module in scenario.model.modules())


def test_what_was_measured_stands_beside_what_was_predicted() -> None:
    scenario = qlora_models.build()
    books = scenario.bookkeeping
    before = ledger_table("memory ledger", books.ledger, books.found())
    qlora_models.train(scenario, 1)
    after = ledger_table("memory ledger", books.ledger, books.found())
    names = [row[0] for row in after.rows]
    assert names == [row[0] for row in before.rows]
    held = next(row for row in after.rows if row[0] == "between two steps")
    assert held[1] == pytest.approx(held[2], rel=1e-2), "tensors; what else the process has is not explained"
    peak = next(row for row in after.rows if str(row[0]).startswith("at the peak"))
    sizes, largest = scenario.tally.counted.sizes, books.ledger.moments.sizes
    assert sizes.tokens < largest.tokens, "the first batch does not happen to be the largest"
    said = f"{largest} predicted, at most {sizes} measured so far, in step 1"
    assert peak[3] == said and str(largest).endswith(f" × {largest.length} tokens")
    for part in books.ledger.passing:
        rows = [next(row for row in table.rows if row[0] == part.name) for table in (before, after)]
        assert rows[0][2] == "" and float(rows[1][2]) > 0
    table = moments_table(books.ledger, books.found())
    assert table.title == f"memory of a step: {largest.shape} predicted, {sizes.shape} in step 1"
    assert all(row[2] != "" for row in table.rows[:-1]) and table.rows[-1][2] == ""
