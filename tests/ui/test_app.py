"""The app as a whole: what it imports, what it says when it closes."""

import asyncio
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.ui.conftest import resting, until_frame, until_step, wait_until
from tui_lab.lab.errors import BadInput
from tui_lab.run.directory import RunDirectory
from tui_lab.ui.app import LabApp, run_app
from tui_lab.ui.farewell import farewell, shortest_name

Start = Callable[..., RunDirectory]
NOT_BEFORE_THE_FIRST_PAINT = (
    "numpy",
    "typer",
    "sqlite3",
    "psutil",
    "pynvml",
    "markdown_it",
    "tui_lab.canvas",
    "tui_lab.run.messages",
    "tui_lab.run.history",
    "tui_lab.ui.lab",
)
NEVER = ("torch", "tui_lab.trainer", "tui_lab.scenarios.linear_regression")


def imported_by(*modules: str) -> set[str]:
    code = f"import sys, {', '.join(modules)}; print('\\n'.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_home_is_painted_without_what_only_the_lab_needs() -> None:
    found = imported_by("tui_lab.ui.app")
    assert "tui_lab.ui.home" in found
    assert not found & {*NOT_BEFORE_THE_FIRST_PAINT, *NEVER}


def test_the_lab_never_imports_the_training_side() -> None:
    found = imported_by("tui_lab.ui.lab", "tui_lab.ui.start_form", "tui_lab.ui.change_form", "tui_lab.ui.run_rows")
    assert not found & set(NEVER)


async def test_home_shows_its_scenarios_with_the_first_paint() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)):
        assert app.animation_level == "none"
        assert app.screen.query_one("#scenarios").is_mounted
        await wait_until(lambda: "tui_lab.ui.lab" in sys.modules, "the lab to be warmed up")


def test_a_run_that_plays_is_said_to_go_on(
    start: Start, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = start("linear-regression", "steps=1000000")

    async def watch(app: LabApp) -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await until_step(app, 0)
            await pilot.press("space")
            await until_frame(app, lambda frame: frame.status == "running", "playing")
            await pilot.press("q")

    monkeypatch.setattr(LabApp, "run", lambda app: asyncio.run(watch(app)), raising=True)
    run_app(run)
    word = run.run.partition("-")[0]
    said = f"{run.run} goes on: tui-lab attach {word} comes back to it, tui-lab stop {word} ends it.\n"
    assert capsys.readouterr().out == said


def test_a_paused_run_is_said_to_wait_and_one_at_rest_is_not_mentioned(start: Start) -> None:
    run = start("linear-regression")
    assert farewell(run).startswith(f"{run.run} waits at step 0: tui-lab attach")
    assert farewell(resting()) == ""
    gone = resting()
    gone.delete()
    assert farewell(gone) == ""


def test_the_name_to_come_back_by_is_as_short_as_it_can_be() -> None:
    run = resting()
    word = run.run.partition("-")[0]
    assert shortest_name(run) == word
    twin = run.path.with_name(f"{word}-qlora")
    twin.mkdir()
    assert shortest_name(run) == run.run


def test_a_damaged_run_is_refused_before_the_app_opens() -> None:
    run = resting()
    (run.path / "run.json").unlink()
    with pytest.raises(BadInput, match="is damaged"):
        run_app(run)
