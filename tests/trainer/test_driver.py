"""The driver in the test's own process: letters in, answers out."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from tui_lab.run.catalogue import scenario
from tui_lab.run.directory import RunDirectory
from tui_lab.run.launch import create
from tui_lab.run.messages import (
    AnyReply,
    AnyRequest,
    Done,
    Frame,
    GetFrame,
    GetReport,
    GoTo,
    Pause,
    Play,
    Refused,
    Report,
    SetValue,
    Step,
    Stop,
)
from tui_lab.run.recorder import Recorder
from tui_lab.run.settings import settings_of
from tui_lab.trainer.changes import Changer
from tui_lab.trainer.driver import Driver
from tui_lab.trainer.frames import Facts
from tui_lab.trainer.loading import load
from tui_lab.trainer.mailbox import Letter, Mailbox
from tui_lab.trainer.position import Position
from tui_lab.trainer.server import Server
from tui_lab.trainer.timeline import Timeline


class Bench:
    """A driver with its parts in reach."""

    def __init__(self, run: RunDirectory) -> None:
        manifest = run.manifest()
        card = scenario(manifest.scenario)
        self.scenario = load(card, manifest)
        self.run, self.mailbox = run, Mailbox()
        self.recorder, timeline = Recorder(run.history), Timeline(run.snapshots)
        position = Position(self.scenario, timeline, self.recorder, manifest.settings, Changer(card))
        last, epoch = int(manifest.settings["steps"]), self.scenario.steps_per_epoch
        self.facts = Facts(run.run, card, 1, dict(manifest.settings), last, epoch)
        self.server = Server(run.socket, self.mailbox)
        self.driver = Driver(run, self.facts, position, timeline, self.recorder, self.mailbox, self.server)

    def drive(self, *requests: AnyRequest, between: Callable[[AnyReply], None] = lambda reply: None) -> list[AnyReply]:
        """The answers to requests that come one after the other, each when the one before is answered."""
        replies: list[AnyReply] = []
        waiting = iter([*requests, Stop()])

        def answer(reply: AnyReply) -> None:
            replies.append(reply)
            between(reply)
            request = next(waiting, None)
            if request is not None:
                self.mailbox.put(Letter(request, answer))

        self.server.start()
        self.mailbox.put(Letter(next(waiting), answer))
        self.driver.drive()
        self.server.close()
        return replies[:-1]


@pytest.fixture
def bench(home: Path) -> Bench:
    card = scenario("bowl")
    return Bench(create(card, settings_of(card, ["steps=100"])))


def test_every_request_gets_its_answer(bench: Bench) -> None:
    replies = bench.drive(
        Step(3), Step(1, back=True), GoTo(50), GetReport(), GoTo(1000), Step(1, "epoch"), SetValue("w", "x")
    )
    assert [type(reply) for reply in replies] == [Done, Done, Done, Report, Refused, Done, Refused]
    assert [reply.step for reply in replies if isinstance(reply, Done)] == [3, 2, 50, 60]


def test_steps_that_come_together_are_all_done(bench: Bench) -> None:
    replies: list[AnyReply] = []
    for request in (Step(10), Step(2), Step(1, "epoch")):
        bench.mailbox.put(Letter(request, replies.append))

    def stop_after_the_last(reply: AnyReply) -> None:
        replies.append(reply)
        bench.mailbox.put(Letter(Stop(), replies.append))

    bench.mailbox.put(Letter(Step(1), stop_after_the_last))
    bench.server.start()
    bench.driver.drive()
    bench.server.close()
    assert [reply.step for reply in replies if isinstance(reply, Done)] == [10, 12, 20, 21, 21]


def test_a_pause_calls_off_the_steps_that_wait(bench: Bench) -> None:
    replies: list[AnyReply] = []
    for request in (Step(100), Step(2), Pause(), Stop()):
        bench.mailbox.put(Letter(request, replies.append))
    bench.server.start()
    bench.driver.drive()
    bench.server.close()
    assert [reply.step for reply in replies if isinstance(reply, Done)] == [0, 0, 0, 0]


def test_numbers_appear_with_the_first_operation(bench: Bench) -> None:
    replies = bench.drive(GetFrame(), Step(1, "operation"), GetFrame())
    before, after = (reply for reply in replies if isinstance(reply, Frame))
    assert {line.numbers for line in before.operations} == {""}
    assert "" not in {line.numbers for line in after.operations}


def test_a_full_disk_pauses_the_run_and_loses_nothing(bench: Bench) -> None:
    connection: sqlite3.Connection = bench.recorder._connection
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    before = bench.recorder.recorded

    def free_some_space(reply: AnyReply) -> None:
        if isinstance(reply, Frame):
            connection.execute("PRAGMA max_page_count = 1000000")

    replies = bench.drive(
        SetValue("steps", "60000"), Step(50_000), GetFrame(), Play(), Step(60_000), between=free_some_space
    )
    refused, frame = replies[1], replies[2]
    assert isinstance(refused, Refused)
    assert "disk is full" in refused.sentence
    assert isinstance(frame, Frame)
    assert (frame.status, frame.recorded) == ("paused", before)
    report = bench.run.report()
    assert (report.step, report.status, report.reason) == (60_000, "finished", "")


def test_a_change_that_cannot_be_written_has_not_happened(bench: Bench) -> None:
    connection: sqlite3.Connection = bench.recorder._connection
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute("CREATE TABLE filler AS SELECT zeroblob(3000)")
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    replies = bench.drive(
        *(SetValue("w" if n % 2 else "learning_rate", "0." + "7" * 400) for n in range(60)), GetReport()
    )
    done = sum(isinstance(reply, Done) for reply in replies)
    assert done < 60, "the disk was never full"
    assert len(bench.recorder.changes()) == done


def test_a_report_on_disk_is_always_whole(bench: Bench) -> None:
    bench.drive(Step(10))
    assert bench.run.report().status == "stopped"
    assert sorted(path.name for path in bench.run.path.glob(".*")) == []


def test_playing_by_epoch_does_a_whole_epoch_at_a_time(bench: Bench) -> None:
    def follow(reply: AnyReply) -> None:
        if isinstance(reply, Frame):
            bench.mailbox.put(Letter(Stop() if reply.step >= 10 else GetFrame(reply.version), follow))

    began = monotonic()
    bench.server.start()
    for request in (Play(speed=0.5, grain="epoch"), GetFrame()):
        bench.mailbox.put(Letter(request, follow))
    bench.driver.drive()
    bench.server.close()
    assert bench.run.report().step == 10
    assert monotonic() - began < 10, "ten steps one by one would have taken 18 s"
