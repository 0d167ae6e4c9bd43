"""Where a run stands: every way forward and back meets the same numbers, to the bit."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Moment
from tui_lab.run.catalogue import scenario
from tui_lab.run.manifest import Manifest
from tui_lab.run.messages import GRAINS, Grain
from tui_lab.run.recorder import Recorder
from tui_lab.run.settings import settings_of
from tui_lab.trainer.changes import Changer
from tui_lab.trainer.figures import state_hash
from tui_lab.trainer.loading import load
from tui_lab.trainer.position import Diverged, Position
from tui_lab.trainer.timeline import Timeline

_folders = itertools.count()
FOREVER = float("inf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def position(folder: Path, *words: str, name: str = "bowl") -> Position:
    """A position in a run directory of its own under `folder`."""
    here = folder / str(next(_folders))
    here.mkdir()
    card = scenario(name)
    settings = settings_of(card, words)
    built = load(card, Manifest(run="test", scenario=name, settings=settings, seed=0, created=0.0))
    timeline, recorder = Timeline(here / "snapshots"), Recorder(here / "history.sqlite")
    return Position(built, timeline, recorder, settings, Changer(card))


def place(here: Position) -> tuple[Any, ...]:
    """Everything one can see of a position."""
    parameters = here.scenario.parameters()
    tensors = [array.tobytes() for p in parameters for array in (p.value, p.gradient, p.update)]
    moment = here.moment and (here.moment.phase, here.moment.operation)
    return here.step, moment, tensors, here.metrics, state_hash(parameters)


@given(st.lists(st.sampled_from(GRAINS), min_size=1, max_size=12))
def test_as_many_back_as_forward_meets_the_same_places(
    tmp_path_factory: pytest.TempPathFactory, grains: list[Grain]
) -> None:
    here = position(tmp_path_factory.mktemp("run"))
    places = [place(here)]
    for grain in grains:
        here.advance(grain)
        places.append(place(here))
    for index in range(len(grains) - 1, -1, -1):
        here.retreat("operation")
        while here.step > places[index][0]:
            here.retreat("operation")
        while place(here)[1] != places[index][1] or here.step != places[index][0]:
            here.retreat("operation")
        assert place(here) == places[index]


def test_going_back_and_forth_equals_never_having_left(folder: Path) -> None:
    there, straight = position(folder), position(folder)
    there.train(500, lambda: True, FOREVER)
    for target in (137, 20, 499, 0, 1, 250):
        if target > there.step:
            there.train(target, lambda: True, FOREVER)
        there.go_to(target)
        assert there.step == target
    there.train(600, lambda: True, FOREVER)
    straight.train(600, lambda: True, FOREVER)
    assert place(there) == place(straight)


def test_history_records_each_step_once(folder: Path) -> None:
    here = position(folder)
    here.train(30, lambda: True, FOREVER)
    here.go_to(10)
    here.train(40, lambda: True, FOREVER)
    assert here.head == 40


def test_operations_phases_and_steps_agree(folder: Path) -> None:
    by_operation, by_phase, by_step = position(folder), position(folder), position(folder)
    for _ in range(5):
        by_operation.advance("operation")
    for _ in range(4):
        by_phase.advance("phase")
    by_step.advance("step")
    assert place(by_operation) == place(by_phase) == place(by_step)


def test_a_phase_is_finished_from_its_middle(folder: Path) -> None:
    here = position(folder)
    here.advance("operation")
    here.advance("phase")
    assert here.moment is not None
    assert (here.moment.phase, here.moment.operation) == ("forward", 1)
    here.advance("step")
    assert here.step == 1
    assert here.moment is None


def test_back_by_phase_from_a_boundary_stands_after_backward(folder: Path) -> None:
    here = position(folder)
    here.advance("step")
    stops = []
    for _ in range(4):
        here.retreat("phase")
        stops.append(here.moment.phase if here.moment else "boundary")
    assert stops == ["backward", "loss", "forward", "boundary"]
    assert here.step == 0


def test_a_step_that_is_known_is_computed_once_for_a_way_back_in_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = position(folder)
    for _ in range(3):
        here.advance("operation")
    begun, step = list[int](), here.scenario.step

    def counted() -> Iterator[Moment]:
        begun.append(here.step)
        return step()

    monkeypatch.setattr(here.scenario, "step", counted)
    here.retreat("operation")
    assert begun == [0] and here.moment is not None and here.moment.operation == 1
    here.retreat("operation")
    assert begun == [0, 0] and here.moment.operation == 0


def test_the_beginning_has_nothing_before_it(folder: Path) -> None:
    here = position(folder)
    before = place(here)
    for grain in GRAINS:
        here.retreat(grain)
    assert place(here) == before


def test_epochs_end_at_their_multiples(folder: Path) -> None:
    here = position(folder)
    here.train(23, lambda: True, FOREVER)
    here.retreat("epoch")
    assert here.step == 20
    here.retreat("epoch")
    assert here.step == 10


def test_what_is_measured_now_and_then_is_known_until_the_next_time(folder: Path) -> None:
    here = position(folder)
    here.train(6, lambda: True, FOREVER)
    assert "held_out_loss" not in here.metrics
    here.train(7, lambda: True, FOREVER)
    measured = here.metrics["held_out_loss"]
    here.train(13, lambda: True, FOREVER)
    assert here.metrics["held_out_loss"] == measured != here.metrics["loss"] / 2
    there = place(here)
    here.go_to(3)
    here.go_to(13)
    assert place(here) == there


def test_changes_are_replayed_where_they_were_made(folder: Path) -> None:
    here = position(folder)
    here.train(10, lambda: True, FOREVER)
    here.change("learning_rate", "0.5")
    here.change("w", "-7")
    here.train(20, lambda: True, FOREVER)
    end = place(here)
    here.go_to(5)
    assert here.settings() == {}
    here.go_to(10)
    assert here.settings() == {"learning_rate": "0.5", "w": "-7"}
    assert float(here.scenario.parameters()[0].value) == -7
    here.train(20, lambda: True, FOREVER)
    assert place(here) == end


def test_a_parameter_set_by_hand_has_its_loss_at_once_and_no_place_in_the_history(folder: Path) -> None:
    here = position(folder)
    here.train(10, lambda: True, FOREVER)
    here.change("w", "5")
    assert (here.metrics["loss"], here.metrics["w"]) == (4.0, 5.0)
    edited = place(here)
    assert here.head == 10
    here.go_to(3)
    here.go_to(10)
    assert place(here) == edited


def test_a_change_inside_a_step_begins_it_again(folder: Path) -> None:
    here = position(folder)
    here.advance("phase")
    here.change("w", "1")
    assert here.step == 0
    assert here.moment is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("learning_rte", "1", "did you mean 'learning_rate'?"),
        ("learning_rate", "-1", "from 0 to 1000000"),
        ("noise", "0.5", "cannot change while"),
        ("w", "many", "a finite number"),
        ("w", "nan", "a finite number"),
        ("w[3]", "1", "not one of its entries"),
        ("v", "1", "neither a hyperparameter nor a parameter"),
    ],
)
def test_bad_changes_are_refused_and_leave_no_trace(folder: Path, name: str, value: str, sentence: str) -> None:
    here = position(folder)
    before = place(here)
    with pytest.raises(BadInput, match=re.escape(sentence)):
        here.change(name, value)
    assert place(here) == before
    assert here.settings() == {}


def test_divergence_stands_at_the_last_finite_step(folder: Path) -> None:
    here = position(folder, "learning_rate=1e5", "noise=0")
    with np.errstate(all="ignore"), pytest.raises(Diverged, match=r"In step \d+ the loss became inf"):
        here.train(1000, lambda: True, FOREVER)
    here.go_to(here.step)
    assert all(abs(value) < FOREVER for value in here.metrics.values())
    assert here.head == here.step


def test_a_long_step_is_left_in_its_middle_when_somebody_calls(folder: Path) -> None:
    here = position(folder, "work=300000000")
    calls = iter([True, *[False] * 10])
    here.train(3, lambda: next(calls), FOREVER)
    assert (here.step, here.moment and here.moment.phase) == (0, "forward")
    here.advance("phase")
    here.retreat("phase")
    assert here.moment is not None
    assert here.moment.phase == "forward"
