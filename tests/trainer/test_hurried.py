"""A scenario is told whether training goes on while its pictures are made."""

from pathlib import Path

import pytest

from tests.trainer.test_driver import Bench
from tui_lab.lab.views import View
from tui_lab.run.catalogue import scenario
from tui_lab.run.launch import create
from tui_lab.run.messages import Frame, GetFrame, Pause, Play
from tui_lab.run.settings import settings_of


def test_pictures_are_hurried_while_the_run_plays_and_only_then(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = scenario("bowl")
    bench = Bench(create(card, settings_of(card, ["steps=1000000"])))
    seen: list[bool] = []

    def views() -> list[View]:
        seen.append(bench.scenario.hurried)
        return []

    monkeypatch.setattr(bench.scenario, "views", views)
    replies = bench.drive(GetFrame(), Play(), GetFrame(), Pause(), GetFrame())
    statuses = [reply.status for reply in replies if isinstance(reply, Frame)]
    assert statuses == ["paused", "running", "paused"] and seen == [False, True, False]
