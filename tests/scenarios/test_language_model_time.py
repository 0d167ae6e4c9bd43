"""Language models in time: a run goes forward, back and forward again, and meets the same numbers."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scenarios.language_models import CARD, SMALL, build, short_samples, story
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import GetFrame, GetReport, Grain, Report, SetValue, Step
from tui_lab.run.recorder import Recorder
from tui_lab.run.settings import settings_of
from tui_lab.trainer.changes import Changer
from tui_lab.trainer.figures import state_hash
from tui_lab.trainer.position import Position
from tui_lab.trainer.timeline import Timeline

_ = story, short_samples
GRAINS: Sequence[Grain] = ("operation", "phase", "operation", "operation", "phase", "operation", "step", "operation")
_folders = itertools.count()


def position(folder: Path, model: Any, words: tuple[str, ...]) -> Position:
    """The model in a run directory of its own."""
    here = folder / str(next(_folders))
    here.mkdir()
    timeline, recorder = Timeline(here / "snapshots"), Recorder(here / "history.sqlite")
    return Position(model, timeline, recorder, settings_of(CARD, words), Changer(CARD))


def place(here: Position) -> tuple[Any, ...]:
    """Everything one can see of a position, but for the time that things took."""
    parameters = here.scenario.parameters()
    tensors = [array.tobytes() for p in parameters for array in (p.value, p.gradient)]
    moment = here.moment and (here.moment.phase, here.moment.operation)
    metrics = {name: value for name, value in here.metrics.items() if name != "tokens_per_second"}
    return here.step, moment, tensors, metrics, state_hash(parameters)


@pytest.mark.parametrize("name", ["bigram", "lstm", "transformer", "compare"])
def test_as_far_back_as_forward_meets_the_same_places(name: str, story: Path, tmp_path: Path) -> None:
    words = (*SMALL, f"model={name}", "dropout=0.1", "steps=24", "evaluate_every=2")
    here = position(tmp_path, build(*words, data=story), words)
    here.train(9, lambda: True, float("inf"))  # with all models in one run, the next step begins another
    places = [place(here)]
    for grain in GRAINS:
        here.advance(grain)
        places.append(place(here))
    for before in reversed(places[:-1]):
        while place(here)[:2] != before[:2]:
            here.retreat("operation")
        assert place(here) == before


@pytest.mark.parametrize("name", ["ngram", "compare"])
def test_twenty_back_and_twenty_forward(name: str, story: Path, tmp_path: Path) -> None:
    words = (*SMALL, f"model={name}", "dropout=0.1", "steps=24", "evaluate_every=2")
    here = position(tmp_path, build(*words, data=story), words)
    places = []
    for _ in range(22):
        here.advance("step")
        places.append(place(here))
    for before in reversed(places[1:-1]):
        here.retreat("step")
        assert place(here) == before
    for after in places[2:]:
        here.advance("step")
        assert place(here) == after


def test_a_change_of_the_learning_rate_is_replayed(story: Path, tmp_path: Path) -> None:
    words = (*SMALL, "model=rnn", "steps=24", "warmup=0")
    here = position(tmp_path, build(*words, data=story), words)
    here.train(5, lambda: True, float("inf"))
    here.change("learning_rate", "0.05")
    here.train(12, lambda: True, float("inf"))
    end = place(here)
    here.go_to(2)
    here.train(12, lambda: True, float("inf"))
    assert place(here) == end
    assert here.scenario.metrics["learning_rate"] == 0.05


def test_a_trainer_s_run_by_messages(start: Callable[..., RunDirectory]) -> None:
    run = start("language-model", *SMALL, "model=transformer", "steps=6")
    with Client(run) as client:
        client.ask(Step(3))
        first = client.ask(GetReport())
        client.ask(Step(2, "operation"))
        client.ask(SetValue("prompt", "\x1b[31mA fox"))
        frame: Any = client.ask(GetFrame())
        assert (frame.phase, frame.operation) == ("forward", 1)
        assert "".join(frame.views[0]["passages"][0]["pieces"]).startswith("\x1b[31mA fox")
        client.ask(Step(3))
        client.ask(Step(3, back=True))
        again = client.ask(GetReport())
    assert isinstance(first, Report)
    assert isinstance(again, Report)
    assert again.state_hash == first.state_hash
    assert np.isfinite(again.metrics["loss"])
