"""Looks: what is only shown may change anywhere, is seen at once, and leaves every step as it would have been."""

from collections.abc import Callable
from time import monotonic

import pytest

from tests.trainer.test_driver import Bench
from tui_lab.lab.errors import BadInput
from tui_lab.lab.views import Tokens
from tui_lab.run.catalogue import scenario
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.ending import stop
from tui_lab.run.launch import create, wake
from tui_lab.run.messages import Frame, GetFrame, GetReport, GoTo, Play, Report, SetValue, Step, picture_of
from tui_lab.run.settings import settings_of

Start = Callable[..., RunDirectory]


def frame_of(client: Client) -> Frame:
    frame = client.ask(GetFrame())
    assert isinstance(frame, Frame)
    return frame


def report_of(client: Client, brief: bool = False) -> Report:
    report = client.ask(GetReport(brief))
    assert isinstance(report, Report)
    return report


def text_of(frame: Frame) -> str:
    (view,) = [view for view in map(picture_of, frame.views) if isinstance(view, Tokens)]
    return "".join(view.passages[0].pieces)


def test_a_look_changes_what_is_shown_and_nothing_that_is_computed(start: Start) -> None:
    run, undisturbed = start("scribe"), start("scribe")
    with Client(run) as client, Client(undisturbed) as other:
        client.ask(Step(5))
        before = report_of(client)
        client.ask(SetValue("prompt", "a cat"))
        client.ask(SetValue("grown", "7"))
        frame = frame_of(client)
        text = text_of(frame)
        assert text.startswith("a cat") and len(text) == 12
        assert (frame.settings["prompt"], frame.settings["grown"]) == ("a cat", 7)
        assert report_of(client).state_hash == before.state_hash
        client.ask(Step(5))
        other.ask(Step(10))
        assert report_of(client).state_hash == report_of(other).state_hash


def test_it_may_change_in_the_past_and_stays_when_one_goes_elsewhere(start: Start) -> None:
    with Client(start("scribe")) as client:
        client.ask(Step(9))
        client.ask(GoTo(4))
        client.ask(SetValue("prompt", "mat"))
        assert (frame_of(client).step, frame_of(client).head) == (4, 9)
        with pytest.raises(BadInput, match="in the past"):
            client.ask(SetValue("learning_rate", "0.5"))
        client.ask(GoTo(2))
        assert text_of(frame_of(client)) == "mat"


def test_a_finished_run_and_a_failed_one_stay_what_they_are(start: Start) -> None:
    run = start("scribe", "steps=5")
    with Client(run) as client:
        client.ask(Step(5))
        client.ask(SetValue("prompt", "mat"))
        assert report_of(client).status == "finished"
    stop(run)
    wake(run)
    with Client(run) as client:
        assert text_of(frame_of(client)) == "mat", "kept with the run"
        assert report_of(client).status == "finished"


def test_a_failed_run_keeps_its_reason(home: object) -> None:
    card = scenario("scribe")
    bench = Bench(create(card, settings_of(card, [])))
    bench.facts.status, bench.facts.reason = "failed", "it fell over"
    *_, report = bench.drive(SetValue("prompt", "mat"), GetReport())
    assert isinstance(report, Report)
    assert (report.status, report.reason, report.settings["prompt"]) == ("failed", "it fell over", "mat")
    assert bench.run.report().settings["prompt"] == "mat"


def test_a_look_that_the_scenario_refuses_changes_nothing(start: Start) -> None:
    with Client(start("scribe")) as client:
        with pytest.raises(BadInput, match="'Ω' has a character that the text lacks"):
            client.ask(SetValue("prompt", "Ω"))
        with pytest.raises(BadInput, match="grown cannot be '41'"):
            client.ask(SetValue("grown", "41"))
        assert (frame_of(client).settings["prompt"], frame_of(client).settings["grown"]) == ("the ", 0)


def test_it_is_seen_at_once_while_slow_steps_go_on(start: Start) -> None:
    with Client(start("scribe", "work=0.3")) as client, Client(start("scribe")) as _:
        client.ask(Play())
        seen = frame_of(client).version
        began = monotonic()
        client.ask(SetValue("prompt", "mat"))
        frame = client.ask(GetFrame(seen))
        assert isinstance(frame, Frame) and text_of(frame) == "mat"
        assert monotonic() - began < 1.0
        assert frame.status == "running"


def test_a_brief_report_leaves_out_what_takes_a_look_at_every_number(start: Start) -> None:
    with Client(start("scribe")) as client:
        client.ask(Step(3))
        brief, whole = report_of(client, brief=True), report_of(client)
        assert (brief.state_hash, brief.parameters) == (None, [])
        assert whole.state_hash is not None and len(whole.parameters) == 1
        assert (brief.step, brief.metrics, brief.settings) == (whole.step, whole.metrics, whole.settings)
