"""Who looks cannot end the training: what a scenario fails to tell is said, and the run goes on."""

from pathlib import Path

import pytest

from tests.trainer.test_driver import Bench
from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import scenario
from tui_lab.run.launch import create
from tui_lab.run.messages import CheckGradients, Done, Frame, GetEntry, GetFrame, GetScript, Refused, Step
from tui_lab.run.settings import settings_of


@pytest.fixture
def bench(home: Path) -> Bench:
    card = scenario("bowl")
    return Bench(create(card, settings_of(card, ["steps=100"])))


def fail(*_: object) -> None:
    raise ZeroDivisionError("the bowl has no picture")


@pytest.mark.parametrize("what", ["views", "notes"])
@pytest.mark.parametrize("error", [ZeroDivisionError, BadInput])
def test_views_that_cannot_be_made_are_told_in_a_note(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], what: str, error: type[Exception]
) -> None:
    def failing() -> None:
        raise error("there is no such character")

    monkeypatch.setattr(bench.scenario, what, failing)
    frame, done = bench.drive(GetFrame(), Step(3))
    assert isinstance(frame, Frame) and isinstance(done, Done) and done.step == 3
    sentence = f"The views cannot be shown: {error.__name__}: there is no such character. The run's log says more."
    assert (frame.views, frame.notes) == ([], [sentence])
    assert "Traceback" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("method", "request_"), [("check_gradients", CheckGradients()), ("entry", GetEntry(0, [])), ("script", GetScript())]
)
def test_a_question_that_crashes_is_refused_and_training_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, method: str, request_: CheckGradients | GetEntry | GetScript
) -> None:
    monkeypatch.setattr(bench.scenario, method, fail)
    refused, done = bench.drive(request_, Step(3))
    assert isinstance(refused, Refused) and isinstance(done, Done) and done.step == 3
    assert refused.sentence.startswith("This crashed with ZeroDivisionError: the bowl has no picture. See ")
