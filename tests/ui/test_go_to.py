"""Going to a step or to the end of an epoch, and playing by the grain."""

from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from textual.widgets import Input

from tests.ui.conftest import frame_of, lab_of, resting, until_frame, until_step, until_text, wait_until
from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Frame
from tui_lab.ui import feed
from tui_lab.ui.app import LabApp
from tui_lab.ui.go_to import GoToStep

Start = Callable[..., RunDirectory]
REGRESSION = "linear-regression"


@pytest.fixture
def at_step_47() -> Frame:
    """A run of 300 steps, in epochs of 40."""
    return msgspec.structs.replace(feed.frame_of(resting(step=47).report()), steps_per_epoch=40)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("120", 120),
        ("0", 0),
        ("1_0", 10),
        ("+10", 57),
        ("- 7", 40),
        ("-47", 0),
        ("e5", 200),
        ("E5", 200),
        ("e0", 0),
        ("epoch 2", 80),
        ("e", 80),
        ("epoch", 80),
        ("e7", 280),
    ],
)
async def test_what_is_typed_names_a_step(at_step_47: Frame, text: str, step: int) -> None:
    assert GoToStep(at_step_47).read(text) == step


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("301", "'301' is no step of this run: the nearest is 300."),
        ("+300", "'+300' is no step of this run: the nearest is 300."),
        ("-48", "'-48' is no step of this run: the nearest is 0."),
        ("e8", "'e8' ends at step 320, after the end of this run: the nearest is e7."),
        ("", "'' is no step of this run: type 120, +10, e5 or e."),
        ("5e", "'5e' is no step of this run: type 120, +10, e5 or e."),
        ("½", "'½' is no step of this run: type 120, +10, e5 or e."),
        ("1.5", "'1.5' is no step of this run: type 120, +10, e5 or e."),
        ("e-1", "'e-1' is no step of this run: type 120, +10, e5 or e."),
    ],
)
async def test_what_is_no_step_is_refused_with_the_nearest(at_step_47: Frame, text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refusal:
        GoToStep(at_step_47).read(text)
    assert str(refusal.value) == sentence


async def test_an_end_of_an_epoch_that_does_not_come_says_where_the_run_ends(at_step_47: Frame) -> None:
    one_long_epoch = msgspec.structs.replace(at_step_47, steps_per_epoch=1000)
    with pytest.raises(BadInput, match="its only epoch ends with the run, at 300"):
        GoToStep(one_long_epoch).read("e")
    last = msgspec.structs.replace(at_step_47, step=290)
    with pytest.raises(BadInput, match="the nearest is e7"):
        GoToStep(last).read("e")


async def asked(app: LabApp) -> Input:
    await wait_until(lambda: isinstance(app.screen, GoToStep) and app.screen.query(Input), "the question")
    return app.screen.query_one(Input)


async def test_epochs_are_gone_to_by_keys(start: Start) -> None:
    app = LabApp(start(REGRESSION, "batch_size=10"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        for typed, step in (("e3", 15), ("e", 20), ("+2", 22), ("-20", 2), ("e", 5), ("e0", 0)):
            await pilot.press("G")
            (await asked(app)).value = typed
            await pilot.press("enter")
            await until_step(app, step)


async def test_the_form_says_what_may_be_typed(start: Start) -> None:
    app = LabApp(start(REGRESSION, "batch_size=10"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("G")
        await until_text(app, "now 0, in epoch 1; the run ends at 300")
        for example in ("120       step 120", "e5        the end of epoch 5", "the next end of an epoch"):
            await until_text(app, example)


def stands_at(operation: int, frame: Frame) -> bool:
    return frame.operation == operation


async def test_playing_goes_by_the_grain_as_fast_as_was_chosen(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_step(app, 0)
        await pilot.press("down", "down", *["minus"] * 2)
        assert (lab_of(app).pace.grain, lab_of(app).pace.speed) == ("operation", 2)
        await pilot.press("space")
        passed = []
        for operation in range(4):
            frame = await until_frame(app, partial(stands_at, operation), f"operation {operation}")
            passed.append((frame.step, frame.inside, frame.status))
        assert passed == [(0, True, "running")] * 4
        await pilot.press("space")
        await until_frame(app, lambda frame: frame.status == "paused", "the pause")
        assert frame_of(app).step == 0
