"""All of history in one run: one model after the other, there and back."""

import math
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.language_models import build, learned, same, short_samples, story, train
from tui_lab.lab.views import Curves, Table, Tokens
from tui_lab.scenarios.language_model.course import Course
from tui_lab.scenarios.language_model.record import Record

_ = story, short_samples
ALL = ["bigram", "ngram", "bengio", "rnn", "lstm", "gru", "attention", "transformer"]
STEPS = 24


def compare(story: Path, *words: str) -> Any:
    return build("model=compare", f"steps={STEPS}", "evaluate_every=2", "dropout=0.1", *words, data=story)


@pytest.mark.parametrize("steps", [8, 9, 24, 1000, 4001])
def test_every_model_has_its_turn(steps: int) -> None:
    legs = Course({"model": "compare", "steps": steps}).legs
    assert [leg.name for leg in legs] == ALL
    assert [leg.first for leg in legs] == [0, *(leg.last for leg in legs[:-1])]
    assert legs[-1].last == steps
    assert min(leg.steps for leg in legs) >= 1


def test_one_run_trains_all_and_keeps_what_came_of_each(story: Path) -> None:
    model = compare(story)
    train(model, STEPS)
    assert [record.name for record in model.records] == ALL
    for leg, record in zip(model.course.legs, model.records, strict=True):
        assert record.steps == leg.steps
        assert record.points[-1][0] == leg.steps, "each is measured when it is done"
        assert record.parameters > 0
        assert record.seconds > 0
        assert record.sample
    assert len({tuple(record.sample) for record in model.records}) > 1


def test_each_is_what_it_would_be_alone(story: Path) -> None:
    model = compare(story)
    lstm = model.course.legs[ALL.index("lstm")]
    train(model, lstm.last)
    together = {name: array for name, array in model.state().items() if name.startswith("model/")}
    alone = build("model=lstm", "dropout=0.1", f"steps={lstm.steps}", data=story)
    alone.course.legs = [lstm]
    alone.done = lstm.first  # the same numbers of steps, so that dropout leaves out the same
    alone.begin(lstm)
    train(alone, lstm.steps)
    assert same(together, {name: array for name, array in alone.state().items() if name in together})


def test_the_views_lay_all_over_each_other_while_it_runs(story: Path) -> None:
    model = compare(story)
    train(model, 10)
    table, seconds, steps = model.views()[:3]
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ALL
    assert table.title.startswith(f"{model.leg.number + 1} of 8: {model.leg.name}, step ")
    begun = len(model.records)
    assert all(row[-1] == "–" for row in table.rows[begun:])
    assert isinstance(seconds, Curves)
    assert isinstance(steps, Curves)
    for record, by_step in zip(model.records, steps.lines, strict=False):
        assert by_step.name == record.name
        assert by_step.y.tolist() == [bits for _, _, bits in record.points]
    train(model, STEPS - 10)
    text, *_, samples = [view for view in model.views() if isinstance(view, Tokens)]
    assert text.title.startswith("what it writes") and samples.title.startswith("what each writes")
    assert [passage.caption.split(",")[0] for passage in samples.passages] == ALL
    assert all(float(row[-1]) > 0 for row in model.views()[0].rows)


def test_an_order_unlike_history_s_is_explained_with_the_numbers(story: Path) -> None:
    model = compare(story)
    train(model, STEPS)
    for place, record in enumerate(model.records):
        record.points[-1] = (1.0, 1.0, 3.0 - place / 10)
    assert not list(model.comparison.sentences())
    model.records[ALL.index("rnn")].points[-1] = (1.0, 1.0, 2.9)
    [sentence] = model.comparison.sentences()
    assert "rnn needs 2.900 bits per character and bengio only 2.800" in sentence


def test_a_run_of_one_model_compares_nothing(story: Path) -> None:
    model = build("model=rnn", data=story)
    train(model, 5)
    assert not list(model.comparison.views())
    assert not list(model.comparison.sentences())


def test_going_back_to_another_model_is_exact(story: Path) -> None:
    model = compare(story)
    states, losses = [model.state()], []
    for _ in range(STEPS):
        losses += [each["loss"] for each in train(model, 1)]
        states.append(model.state())
    for step in (23, 3, 14, 0, 9, 17):
        model.restore(states[step])
        assert same(learned(model.state()), learned(states[step]))
        assert len(model.records) == model.leg.number + 1
        assert [each["loss"] for each in train(model, 2 if step < 22 else 1)] == losses[step : step + 2]
        assert same(learned(model.state()), learned(states[min(step + 2, STEPS)]))


def test_a_record_survives_as_arrays() -> None:
    record = Record("rnn", 123, 4, 5.5, 600, [(2.0, 1.5, 3.25), (4.0, 5.5, 3.0)], [7, 8])
    assert Record.restored("rnn", "x/", record.state("x/")) == record
    empty = Record("rnn", 0)
    assert Record.restored("rnn", "x/", empty.state("x/")) == empty
    assert math.isnan(empty.bits_per_character)
    assert record.curve().tolist() == [[2, 4], [1.5, 5.5], [3.25, 3]]
