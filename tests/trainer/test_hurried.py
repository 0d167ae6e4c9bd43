"""A scenario is told whether training goes on while its pictures are made, and dear ones are made less often."""

from pathlib import Path
from time import perf_counter

import pytest

from tests.trainer.test_driver import Bench
from tui_lab.lab.views import View
from tui_lab.run.catalogue import scenario
from tui_lab.run.launch import create
from tui_lab.run.messages import AnyReply, Frame, GetFrame, Pause, Play, Step, Stop
from tui_lab.run.settings import settings_of
from tui_lab.trainer.mailbox import Letter


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


@pytest.mark.parametrize("go", [Play(), Step(900_000)], ids=["play", "steps"])
def test_dear_pictures_are_made_less_often_than_frames(
    home: Path, monkeypatch: pytest.MonkeyPatch, go: Play | Step
) -> None:
    card = scenario("bowl")
    bench = Bench(create(card, settings_of(card, ["steps=1000000"])))
    late, seen = 0.0, list[bool]()

    def views() -> list[View]:
        nonlocal late
        late += 1.0  # they take a second
        seen.append(bench.scenario.hurried)
        return []

    monkeypatch.setattr(bench.scenario, "views", views)
    for module in ("audience", "driver", "position", "rhythm"):
        monkeypatch.setattr(f"tui_lab.trainer.{module}.perf_counter", lambda: perf_counter() + late)
    frames = running(bench, go, 5)
    assert len({frame.step for frame in frames}) == 5, "each is of a moment of its own"
    assert seen.count(True) == 2, "the first tells nothing of what the next will cost"
    assert [frame.scenery for frame in frames][1:] == [frames[1].scenery] * 4, "the others are in front of the same one"
    assert [bool(frame.operations) for frame in frames] == [True, True, False, False, False], "which is sent once"


def running(bench: Bench, go: Play | Step, count: int) -> list[Frame]:
    """So many frames of a run on its way: the first that somebody sees, and later ones."""
    frames: list[Frame] = []

    def look(frame: AnyReply) -> None:
        assert isinstance(frame, Frame) and frame.status == "running"
        frames.append(frame)
        following = (
            Letter(GetFrame(frame.version, frame.scenery), look) if len(frames) < count else Letter(Stop(), ignore)
        )
        bench.mailbox.put(following)

    def ignore(_: AnyReply) -> None:
        pass

    bench.mailbox.put(Letter(go, ignore))
    bench.mailbox.put(Letter(GetFrame(), look))
    bench.server.start()
    bench.driver.drive()
    bench.server.close()
    return frames


def test_dear_pictures_of_a_run_that_stands_do_not_put_off_those_of_its_training(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = scenario("bowl")
    bench = Bench(create(card, settings_of(card, ["steps=1000000"])))
    late, seen, frames = 0.0, list[bool](), list[Frame]()

    def views() -> list[View]:
        nonlocal late
        late += 0.0 if bench.scenario.hurried else 1.0
        seen.append(bench.scenario.hurried)
        return []

    def look(frame: AnyReply) -> None:
        assert isinstance(frame, Frame)
        frames.append(frame)
        if frame.status == "paused":
            bench.mailbox.put(Letter(Play(), lambda _: None))
        following = GetFrame(frame.version, frame.scenery) if len(frames) < 4 else Stop()
        bench.mailbox.put(Letter(following, look if len(frames) < 4 else lambda _: None))

    monkeypatch.setattr(bench.scenario, "views", views)
    for module in ("audience", "driver", "position", "rhythm"):
        monkeypatch.setattr(f"tui_lab.trainer.{module}.perf_counter", lambda: perf_counter() + late)
    bench.mailbox.put(Letter(GetFrame(), look))
    bench.server.start()
    bench.driver.drive()
    bench.server.close()
    assert [frame.status for frame in frames] == ["paused", "running", "running", "running"]
    assert seen[:2] == [False, True]
