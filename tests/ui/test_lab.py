"""The lab, driven by keys, with real trainers."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from textual.widgets import Input

from tests.ui.conftest import (
    frame_of,
    lab_of,
    resting,
    screen_text,
    until_frame,
    until_step,
    until_text,
    wait_until,
)
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Frame
from tui_lab.ui.app import LabApp
from tui_lab.ui.confirm import Confirm
from tui_lab.ui.farewell import farewell
from tui_lab.ui.go_to import GoToStep
from tui_lab.ui.gradient_check import GradientCheckTable
from tui_lab.ui.lab import LabScreen
from tui_lab.ui.widgets.loss_chart import LossChart

Start = Callable[..., RunDirectory]
REGRESSION = "linear-regression"


def numbers(frame: Frame) -> tuple[object, ...]:
    """Everything that must be the same when one comes back to a step."""
    return frame.step, frame.metrics, frame.operations, [(row.name, row.values) for row in frame.parameters]


async def test_stepping_forward_and_back_shows_exactly_the_same_numbers(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        seen = []
        for step in range(1, 6):
            await pilot.press("right" if step % 2 else "n")
            seen.append(numbers(await until_step(app, step)))
        for step in range(4, 0, -1):
            await pilot.press("left" if step % 2 else "b")
            assert numbers(await until_step(app, step)) == seen[step - 1]
        for step in range(2, 6):
            await pilot.press("right")
            assert numbers(await until_step(app, step)) == seen[step - 1]


async def test_a_held_arrow_key_loses_no_step(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(200, 50)) as pilot:
        await until_step(app, 0)
        await pilot.press(*["right"] * 40)
        await until_step(app, 40)
        await pilot.press(*["left"] * 15, *["right"] * 5)
        await until_step(app, 30)


async def test_space_plays_and_pauses(start: Start) -> None:
    app = LabApp(start(REGRESSION, "steps=1000000"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("space")
        await until_frame(app, lambda frame: frame.status == "running" and frame.step > 3, "playing")
        await pilot.press("space")
        frame = await until_frame(app, lambda frame: frame.status == "paused", "the pause")
        await pilot.press("right")
        await until_step(app, frame.step + 1)


async def test_grains_go_from_operation_to_epoch_and_no_further(start: Start) -> None:
    app = LabApp(start(REGRESSION, "batch_size=10"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("down")
        await until_text(app, "by phase")
        await pilot.press("right")
        frame = await until_frame(app, lambda frame: frame.inside, "a phase")
        assert frame.phase == "forward"
        await pilot.press("down", "down", "down")
        await until_text(app, "by operation")
        before = frame.operation
        await pilot.press("right")
        await until_frame(app, lambda frame: frame.operation == before + 1, "an operation")
        await pilot.press("left")
        await until_frame(app, lambda frame: frame.operation == before, "the operation before")
        await pilot.press("up", "up", "up", "up", "up")
        await until_text(app, "by epoch")
        await pilot.press("right")
        await until_step(app, 5)


async def test_speed_climbs_to_flat_out_and_down_to_one(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        pace = lab_of(app).pace
        assert pace.speed == 10, "the card's speed"
        climbed = []
        for key in ["plus"] * 5 + ["minus"] * 8:
            await pilot.press(key)
            climbed.append(pace.speed)
        assert climbed == [30, 100, 1000, None, None, 1000, 100, 30, 10, 5, 2, 1, 1]


async def test_a_new_speed_holds_while_the_run_plays(start: Start) -> None:
    app = LabApp(start(REGRESSION, "steps=1000000"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("space", "plus", "plus", "plus", "plus")
        await until_frame(app, lambda frame: frame.step > 500, "flat out")
        await pilot.press("minus")
        await until_frame(app, lambda frame: frame.speed == 1000, "the lower speed")


async def test_reset_goes_back_to_the_same_initial_weights(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        first = numbers(await until_step(app, 0))
        await pilot.press("right", "right", "right")
        await until_step(app, 3)
        await pilot.press("r")
        assert numbers(await until_step(app, 0)) == first
        assert frame_of(app).head == 3


async def test_going_to_a_step_back_and_forward(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        for typed, step in (("120", 120), ("30", 30), ("0", 0), ("300", 300)):
            await pilot.press("G")
            await wait_until(lambda: isinstance(app.screen, GoToStep), "the question")
            await pilot.press(*typed, "enter")
            await until_step(app, step)
        assert frame_of(app).status == "finished"


async def test_a_step_that_is_not_there_is_refused_where_it_was_typed(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("G")
        await wait_until(lambda: isinstance(app.screen, GoToStep), "the question")
        await pilot.press(*"301", "enter")
        await until_text(app, "'301' is no step of this run")
        await pilot.press("escape")
        await wait_until(lambda: isinstance(app.screen, LabScreen), "the lab")


async def test_a_refused_request_is_a_notice_and_the_lab_goes_on(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until_step(app, 0)
        await pilot.press("left")
        await until_text(app, "Step 0 is the beginning of the run.")
        await pilot.press("right")
        await until_step(app, 1)


async def test_the_gradient_check_marks_the_worst_entry(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "g")
        await wait_until(lambda: isinstance(app.screen, GradientCheckTable), "the table")
        await until_text(app, "The gradients agree with central differences")
        assert screen_text(app).count("▸") == 1
        await pilot.press("escape", "right")
        await until_step(app, 2)


async def test_new_weights_are_a_new_run_and_the_old_one_is_saved(start: Start) -> None:
    old = start(REGRESSION, "learning_rate=0.2", seed=4)
    app = LabApp(old)
    async with app.run_test(size=(120, 40)) as pilot:
        before = numbers(await until_step(app, 0))
        await pilot.press("right")
        await until_step(app, 1)
        await pilot.press("R")
        await wait_until(lambda: lab_of(app).run_directory != old, "the new run")
        after = numbers(await until_step(app, 0))
        manifest = lab_of(app).run_directory.manifest()
        assert (manifest.seed, manifest.settings["learning_rate"]) == (5, 0.2)
        assert after != before
        await wait_until(lambda: old.trainer() is None, "the old trainer to end")
        assert (old.report().status, old.report().step) == ("stopped", 1)


async def test_leaving_an_attached_lab_ends_the_app_and_not_the_run(start: Start) -> None:
    run = start(REGRESSION, "steps=1000000")
    app = LabApp(run)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("space")
        await until_frame(app, lambda frame: frame.status == "running", "playing")
        await pilot.press("q")
    assert farewell(run).startswith(f"{run.run} goes on: tui-lab attach {run.run.partition('-')[0]} comes back")


async def test_stopping_saves_ends_the_trainer_and_space_wakes_it_where_it_was(start: Start) -> None:
    run = start(REGRESSION, "steps=1000000")
    app = LabApp(run)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("right", "right", "Q")
        await until_frame(app, lambda frame: frame.status == "stopped" and frame.step == 2, "the stop")
        await wait_until(lambda: run.trainer() is None, "the trainer to end")
        await pilot.press("space")
        await until_frame(app, lambda frame: frame.status == "running" and frame.step > 2, "going on")


async def test_killing_asks_first(start: Start) -> None:
    run = start(REGRESSION)
    app = LabApp(run)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("K")
        await wait_until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("n")
        await wait_until(lambda: isinstance(app.screen, LabScreen), "the lab")
        assert run.trainer() is not None
        await pilot.press("K")
        await wait_until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("y")
        await until_frame(app, lambda frame: frame.status == "lost", "the loss")


async def test_a_trainer_that_is_killed_is_said_to_be_lost_within_2_s_and_a_step_wakes_it(start: Start) -> None:
    run = start(REGRESSION, "steps=100000000")
    app = LabApp(run)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("plus", "plus", "plus", "plus", "space")
        await until_frame(app, lambda frame: frame.step > 2000, "playing")
        trainer = run.trainer()
        assert trainer is not None
        killed = time.monotonic()
        os.kill(trainer.pid, signal.SIGKILL)
        lost = await until_frame(app, lambda frame: frame.status == "lost", "the loss")
        assert time.monotonic() - killed < 2
        assert lost.views, "what was there last is still shown"
        await until_text(app, "The trainer died")
        await until_text(app, "┴")
        saved = run.report().step
        await pilot.press("right")
        woken = await until_frame(app, lambda frame: frame.status == "paused", "the step")
        assert 0 < woken.step <= saved + 1


async def test_a_second_viewer_sees_what_the_first_one_does(start: Start) -> None:
    run = start(REGRESSION)
    first, second = LabApp(run), LabApp(run)
    async with first.run_test(size=(80, 24)) as pilot, second.run_test(size=(120, 40)):
        await until_step(first, 0)
        await until_step(second, 0)
        await pilot.press("right", "right")
        here, there = await until_step(first, 2), await until_step(second, 2)
        assert numbers(here) == numbers(there)


async def test_a_trainer_that_somebody_else_wakes_is_found(start: Start) -> None:
    run = start(REGRESSION)
    first, second = LabApp(run), LabApp(run)
    async with first.run_test(size=(80, 24)) as pilot, second.run_test(size=(120, 40)) as other:
        await until_step(first, 0)
        await pilot.press("Q")
        await until_frame(first, lambda frame: frame.status == "stopped", "the stop")
        await until_frame(second, lambda frame: frame.status == "stopped", "the stop")
        await other.press("right")
        await until_step(second, 1)
        await until_step(first, 1)


async def test_a_finished_run_opens_from_disk_and_a_step_back_wakes_it(start: Start) -> None:
    run = start(REGRESSION, "steps=40")
    app = LabApp(run)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("plus", "plus", "plus", "plus", "space")
        end = numbers(await until_frame(app, lambda frame: frame.status == "finished", "the end"))
        await pilot.press("Q")
        await wait_until(lambda: run.trainer() is None, "the trainer to end")
    again = LabApp(run)
    async with again.run_test(size=(120, 40)) as pilot:
        frame = await until_frame(again, lambda frame: frame.status == "finished", "the report")
        assert lab_of(again).lost
        assert (frame.step, frame.metrics) == (40, end[1])
        await wait_until(lambda: len(again.screen.query_one(LossChart).metric) > 0, "the chart")
        await pilot.press("left")
        await until_step(again, 39)
        await pilot.press("right")
        assert numbers(await until_step(again, 40)) == end


@pytest.mark.parametrize("status", ["finished", "stopped", "failed"])
async def test_a_run_that_nobody_trained_any_further_shows_its_report(status: str) -> None:
    run = resting(status, 12, reason="[b]why\x1b[31m")  # type: ignore[arg-type]
    app = LabApp(run)
    async with app.run_test(size=(120, 40)):
        await until_text(app, "12/300")
        await until_text(app, status)
        await until_text(app, "[b]why")


async def test_a_run_without_a_trainer_can_be_neither_stopped_nor_killed() -> None:
    app = LabApp(resting())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until_frame(app, lambda frame: frame.status == "finished", "the report")
        await pilot.press("Q")
        await until_text(app, "there is nothing to stop")
        await pilot.press("K")
        await until_text(app, "there is nothing to kill")


async def test_a_run_whose_directory_goes_away_is_said_and_crashes_nothing(start: Start) -> None:
    run = start(REGRESSION)
    app = LabApp(run)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until_step(app, 0)
        (run.path / "report.json").unlink()
        trainer = run.trainer()
        assert trainer is not None
        os.kill(trainer.pid, signal.SIGKILL)
        await until_text(app, "is damaged")
        await pilot.press("right", "space", "g")
        await until_text(app, "is damaged")


async def test_a_scenario_that_is_not_installed_is_still_watched(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    run = resting()
    content = (run.path / "run.json").read_text()
    (run.path / "run.json").write_text(content.replace("linear-regression", "[i]gone", 2))
    app = LabApp(run)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until_frame(app, lambda frame: frame.status == "finished", "the report")
        await pilot.press("e")
        await pilot.press("R")
        await until_text(app, "is not installed here")


async def test_every_key_may_be_pressed_before_the_first_frame(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("v", "t", "y", "m", "up", "down", "plus", "minus", "G", "e", "escape", "right")
        await until_frame(app, lambda frame: True, "a frame")


async def test_a_slow_step_can_be_paused_and_what_was_still_to_do_is_forgotten(start: Start) -> None:
    app = LabApp(start("bowl", "work=3000000000"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press(*["right"] * 5)
        await until_frame(app, lambda frame: frame.step > 0, "the first step")
        await pilot.press("space")
        await wait_until(lambda: not lab_of(app).feed.busy, "the pause")
        assert frame_of(app).step < 5
        await pilot.press("r")
        await until_step(app, 0)


async def test_inputs_keep_their_keys(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("e")
        await wait_until(lambda: app.screen.query("#field-learning_rate Input"), "the form")
        line = app.screen.query_one("#field-learning_rate Input", Input)
        line.focus()
        await pilot.press("q", "r", "n", "left", "x")
        assert line.value == "0.05qrxn"
        assert frame_of(app).step == 0
