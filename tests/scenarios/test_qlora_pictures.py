"""Test the pictures of a fine-tune: that they tell what is, and that looking leaves no trace."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.scenarios import qlora_models
from tui_lab.lab.views import Bars, Curves, Heat, Matrix, Table, Tokens
from tui_lab.scenarios.qlora.failures.ratios import change_ratios
from tui_lab.scenarios.qlora.merging import frozen_weight
from tui_lab.scenarios.qlora.originals import Originals, chosen
from tui_lab.scenarios.qlora.spelling import Spelling
from tui_lab.scenarios.qlora.text_views import CUT, LEARNED, PADDING, READ


@pytest.fixture(scope="module")
def trained() -> Any:
    """Three steps with room for every kind of token."""
    scenario = qlora_models.build("max_length=20", "learning_rate=0.01", "sample_every=2")
    qlora_models.train(scenario, 3)
    return scenario


def titled(scenario: Any, part: str) -> Any:
    """The only picture with these words in its title."""
    (found,) = [view for view in scenario.views() if part in view.title]
    return found


def rows_of(table: Table) -> dict[str | float, list[str | float]]:
    return {row[0]: row[1:] for row in table.rows}


def test_all_kinds_are_there_in_the_order_of_use(trained: Any) -> None:
    kinds = [type(view) for view in trained.views()]
    first = [kinds.index(kind) for kind in (Tokens, Table, Matrix, Curves, Heat, Bars)]
    assert first == sorted(first)


def test_before_the_first_step_the_coming_batch_is_shown() -> None:
    scenario = qlora_models.build()
    view = titled(scenario, "will learn from")
    coming = [scenario.sequences[row][0] for row in scenario.order.rows(0)]
    assert ["".join(passage.pieces).count("<|end|>") for passage in view.passages] == [1] * len(coming)
    assert not [each for each in scenario.views() if isinstance(each, Heat)]
    assert "before" not in titled(scenario, "adapted layers").title
    scenario.views()


def test_tokens_are_told_apart(trained: Any) -> None:
    by_length = sorted(trained.sequences, key=lambda sequence: len(sequence[0].ids))
    latest, batch = trained.micro_batches, trained.batch([by_length[0], by_length[-1]])
    trained.micro_batches = [batch]
    view = titled(trained, "learns from")
    trained.micro_batches = latest
    for passage, (example,), labels in zip(view.passages, batch.examples, batch.labels.tolist(), strict=True):
        marks = passage.marks.tolist()
        assert len(passage.pieces) == len(marks) == len(passage.shades)
        assert marks.count(LEARNED) == sum(label != -100 for label in labels)
        assert marks.count(LEARNED) + marks.count(READ) == len(example.ids)
        assert marks.count(CUT) == (example.cut > 0)
        assert marks.count(PADDING) == (len(example.ids) < batch.input_ids.shape[1])
        told = [piece for piece, mark in zip(passage.pieces, marks, strict=True) if mark in (READ, LEARNED)]
        assert "".join(told) == trained.base.tokenizer.decode(example.ids)
    short, long = view.passages
    assert short.marks.tolist().count(PADDING) == 1 and PADDING not in long.marks
    assert long.marks.tolist().count(CUT) == 1 and CUT not in short.marks


def test_the_chosen_sequence_comes_first(trained: Any) -> None:
    trained.change("sequence", 3)
    assert [p.caption for p in titled(trained, "learns from").passages[:2]] == ["sequence 3", "sequence 1"]
    trained.change("sequence", 99)
    assert titled(trained, "learns from").passages[0].caption == "sequence 4"
    trained.change("sequence", 1)


def test_an_own_prompt_is_answered_at_once(trained: Any) -> None:
    count = len(trained.views())
    trained.change("prompt", "The film was lovely.")
    table, text = titled(trained, "your own text: what it is"), titled(trained, "your own text: what it writes")
    assert len(trained.views()) == count + 2
    assert table.rows[0][0] == "?" and table.rows[0][-1] == "The film was lovely."
    assert "".join(text.passages[0].pieces).startswith("The film was lovely.")
    on = trained.sampler([trained.sampler.read("The film was lovely.")])
    assert table.rows[0][4] == pytest.approx(100 * on.likely.max(), abs=0.006)
    trained.change("prompt", "  ")
    assert len(trained.views()) == count


def test_while_training_goes_on_an_own_prompt_waits_for_the_others() -> None:
    scenario = qlora_models.build("learning_rate=0.02", "sample_every=3")
    scenario.change("prompt", "A dull film.")
    scenario.hurried = True
    shown = []
    for _ in range(3):
        shown.append(titled(scenario, "your own text: what it is").rows[0][4])
        qlora_models.train(scenario, 1)
    assert shown[0] == shown[1] == shown[2]
    assert titled(scenario, "your own text: what it is").rows[0][4] != shown[0]


def test_the_confusion_is_the_evaluations(trained: Any) -> None:
    view = titled(trained, "held out, after")
    assert view.values.tolist() == trained.evaluation.confusion.tolist()
    assert f"{trained.evaluation.accuracy:.1%} right" in view.title


def test_the_ledger_is_predicted_and_measured(trained: Any) -> None:
    view = next(view for view in trained.views() if view.title == "memory ledger")
    rows = rows_of(view)
    assert rows["4-bit codes"][0] == rows["4-bit codes"][1] != ""
    assert float(rows["activations"][1]) > 0 and float(rows["activations"][0]) > 0
    total = sum(float(row[1]) for row in view.rows[: [row[0] for row in view.rows].index("between two steps")])
    assert float(rows["between two steps"][0]) == pytest.approx(total, rel=1e-3)


def test_the_adapters_table_is_right(trained: Any) -> None:
    table = titled(trained, "adapted layers")
    parameters = {each.name: each for each in trained.parameters()}
    ratios = change_ratios(trained.layers, trained.health.frozen_norms)
    norms = trained.probe.latest(trained.done)[:, :, -1]
    assert len(table.rows) == len(trained.layers)
    for place, (layer, row) in enumerate(zip(trained.layers, table.rows, strict=True)):
        a, b = (parameters[f"{layer.name}.{which}"].norms() for which in "AB")
        dense = np.linalg.svd(layer.change().numpy(), compute_uv=False)[: layer.a.shape[0]]
        shares = dense / dense.sum()
        expected = [a[0], b[0], 100 * ratios[place], np.exp(-(shares * np.log(shares)).sum()), *norms[:, place]]
        expected += [100 * a[2] / a[0], 100 * b[2] / b[0]]
        assert row[1:] == pytest.approx(expected, rel=6e-3)
        own = layer.change().norm() / frozen_weight(layer.base).norm()
        assert row[3] == pytest.approx(100 * float(own), rel=6e-3)


def test_the_chosen_layers_singular_values_come_first(trained: Any) -> None:
    trained.change("layer", 5)
    view = titled(trained, "singular values")
    assert view.lines[0].name == "0.gate_proj"
    assert len({line.name for line in view.lines}) == len(view.lines)
    trained.change("layer", 1)


def test_gradients_over_the_steps_and_over_the_model(trained: Any) -> None:
    over_time, now = titled(trained, "over the steps"), titled(trained, "gradient norms in step 3")
    norms = trained.probe.latest(3)
    assert over_time.values == pytest.approx(np.sqrt(np.square(norms).sum(0)))
    assert over_time.columns == ["1", "", "3"]
    assert now.rows == ["0", "1"] and now.columns[:2] == ["q_proj.A", "q_proj.B"]
    assert now.values.reshape(2, 7, 2).transpose(2, 0, 1).reshape(2, -1) == pytest.approx(norms[:, :, -1])


def test_what_quantising_loses_is_measured_on_the_originals(trained: Any) -> None:
    table = titled(trained, "what quantising loses")
    rows = rows_of(table)
    for layer in trained.layers:
        original = Originals(trained.base.source).of(layer)
        assert original is not None
        off = float((frozen_weight(layer.base) - original).norm() / original.norm())
        assert rows[layer.short_name][0] == pytest.approx(100 * off, rel=6e-3)
        nf4, fp4, int8, worst, _ = (float(number) for number in rows[layer.short_name])
        assert int8 < nf4 < fp4 and nf4 < worst
    assert [row[1] for row in table.rows] == sorted((row[1] for row in table.rows), reverse=True)


def test_the_code_book_is_counted(trained: Any) -> None:
    view = titled(trained, "bits stored per weight")
    assert [float(name) for name in view.names] == sorted(float(name) for name in view.names)
    assert len(view.names) == 16
    assert view.values.sum() == pytest.approx(100) == view.compared.sum()


def test_large_models_are_measured_at_their_ends(trained: Any) -> None:
    assert chosen(trained.layers, 10**9) == trained.layers
    assert {layer.depth for layer in chosen(trained.layers, 10)} == {0, 1}


def test_looking_leaves_no_trace(trained: Any) -> None:
    trained.change("prompt", "A lovely film.")
    before, random = trained.state(), torch.get_rng_state()
    gradients = [tensor.grad.clone() for tensor in trained.trainables.tensors.values()]
    trained.views()
    after = trained.state()
    assert torch.equal(torch.get_rng_state(), random)
    assert all(np.array_equal(before[name], after[name], equal_nan=True) for name in before)
    assert all(torch.equal(a, b.grad) for a, b in zip(gradients, trained.trainables.tensors.values(), strict=True))
    assert trained.model.training
    trained.change("prompt", "")


def test_going_back_shows_what_was_shown_then(trained: Any) -> None:
    state = trained.state()
    shown = titled(trained, "over the steps").values
    qlora_models.train(trained, 2)
    assert titled(trained, "over the steps").values.shape[1] == 5
    trained.restore(state)
    assert titled(trained, "over the steps").values == pytest.approx(shown)
    assert "will learn from" in trained.views()[0].title


@pytest.mark.parametrize(
    "words", [("quantisation=none",), ("quantisation=int8",), ("dora=true",), ("packing=true", "max_length=64")]
)
def test_every_method_can_be_looked_at(words: tuple[str, ...]) -> None:
    scenario = qlora_models.build(*words)
    scenario.views()
    qlora_models.train(scenario, 1)
    has_codes = any(isinstance(view, Bars) for view in scenario.views())
    assert has_codes == (scenario.method.bits == 4)


def test_an_encoder_can_be_looked_at() -> None:
    scenario = qlora_models.build(model="encoder")
    scenario.change("prompt", "A dull film.")
    qlora_models.train(scenario, 1)
    assert "is yes" in " ".join(p.caption for p in titled(scenario, "learns from").passages)
    assert titled(scenario, "your own text").rows[0][4] >= 50
    assert not [view for view in scenario.views() if isinstance(view, Tokens) and "writes" in view.title]


def test_tokens_are_spelt_with_their_spaces() -> None:
    words = qlora_models.tokenizer()
    text = "A wonderful film.\nLovely, warm"
    ids = words(text).input_ids
    spelling = Spelling(words)
    assert "".join(spelling.pieces(ids)) == text
    assert spelling.pieces(words(" film").input_ids) == [" film"]
