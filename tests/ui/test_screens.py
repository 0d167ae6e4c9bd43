"""The screens as text, at the three sizes that the design names. `pytest --snapshot-update` takes them anew."""

import re
from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

import tui_lab.scenarios
from tests.conftest import TEST_SCENARIOS
from tests.ui.conftest import lab_of, nameless, screen_text, until_step, until_text, wait_until
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Step
from tui_lab.ui.app import LabApp
from tui_lab.ui.widgets.lesson import Lesson
from tui_lab.ui.widgets.loss_chart import LossChart

SIZES = [(80, 24), (120, 40), (200, 50)]
_STILL = 0.6
"""Seconds for which a screen must stay as it is to be complete."""
RUNS = {
    "neuron": ["steps=60", "activation=sigmoid", "initialisation=zero"],
    "linear-regression": ["steps=60", "initial_a=-15", "initial_b=5"],
    "chain-rule": ["steps=60"],
    "mlp": ["steps=60", "dataset=xor", "layers=2", "samples=60"],
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scenario", RUNS)
async def test_a_lab_in_the_middle_of_a_step(
    start: Callable[..., RunDirectory], snapshot: SnapshotAssertion, scenario: str, size: tuple[int, int]
) -> None:
    run = start(scenario, *RUNS[scenario])
    with Client(run) as client:
        client.ask(Step(20))
        client.ask(Step(3, "phase"))
    app = LabApp(run)
    async with app.run_test(size=size) as pilot:
        await until_step(app, 20)
        await wait_until(lambda: _all_drawn(app), "the chart and the lesson")
        before = ""
        while before != (text := screen_text(app)):
            before = text
            await pilot.pause(_STILL)
        assert nameless(text, run) == snapshot


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_home(monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    own = [folder for folder in tui_lab.scenarios.__path__ if folder != str(TEST_SCENARIOS)]
    monkeypatch.setattr(tui_lab.scenarios, "__path__", own)
    app = LabApp()
    async with app.run_test(size=size) as pilot:
        await until_text(app, "cores")
        await pilot.pause()
        text = re.sub(r"(?m)^.*\d+ cores.*$", " the machine", screen_text(app))
        assert text == snapshot


def _all_drawn(app: LabApp) -> bool:
    """Whether what comes by itself is there: the history, and the text of the lesson if that is in sight."""
    chart, lesson = lab_of(app).query_one(LossChart), lab_of(app).query_one(Lesson)
    charted = not chart.is_on_screen or "no data yet" not in screen_text(app)
    return charted and (not lesson.is_on_screen or bool(lesson.query("MarkdownParagraph")))
