"""A fine-tune in real trainer processes: stopped and woken, walked back, and done by two processes as by one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenarios.qlora_models import CARD, folder, reviews
from tests.trainer.test_trainer import report_of, wait_until
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.launch import launch, wake
from tui_lab.run.messages import GoTo, SetValue, Step, Stop
from tui_lab.run.settings import settings_of

Begin = Callable[..., RunDirectory]
PATIENCE = 120.0


@pytest.fixture
def begin(home: Path) -> Begin:
    """Starts a small fine-tune; it stands paused at step 0."""

    def begin(*words: str) -> RunDirectory:
        settings = settings_of(CARD, [f"model={folder('llama')}", "batch_size=4", "device=cpu", "dropout=0.1", *words])
        return launch(CARD, settings, 3, reviews())

    return begin


def test_stopped_and_continued_is_uninterrupted_to_the_last_bit(begin: Begin) -> None:
    """The second process continues what the first one saved, and then does all of it by itself, from step 0."""
    run = begin("optimizer=paged_adamw_8bit")
    with Client(run) as client:
        client.ask(SetValue("learning_rate", "0.002"))
        client.ask(Step(4), timeout=PATIENCE)
        client.ask(Stop(), timeout=PATIENCE)
    wait_until(lambda: run.trainer() is None, PATIENCE)
    wake(run)
    reports = []
    with Client(run) as client:
        client.ask(Step(5), timeout=PATIENCE)
        reports.append(report_of(run))
        for beginning in (2, 0):
            client.ask(GoTo(beginning), timeout=PATIENCE)
            assert report_of(run).step == beginning
            client.ask(GoTo(9), timeout=PATIENCE)
            reports.append(report_of(run))
    assert len({report.state_hash for report in reports}) == 1
    assert len({report.metrics["loss"] for report in reports}) == 1


def test_two_processes_are_one_with_twice_the_accumulation(begin: Begin) -> None:
    one, two = begin("accumulation=2"), begin("accumulation=1", "processes=2")
    reports = []
    for run in (one, two):
        with Client(run) as client:
            for _ in range(3):
                client.ask(Step(1), timeout=PATIENCE)
                reports.append(report_of(run).metrics)
            client.ask(Stop(), timeout=PATIENCE)
    for alone, together in zip(reports[:3], reports[3:], strict=True):
        assert together["loss"] == pytest.approx(alone["loss"], abs=1e-5)
        assert together["grad_norm"] == pytest.approx(alone["grad_norm"], rel=1e-4)
    assert reports[0]["loss"] != reports[1]["loss"]
