"""The writing screen: a prompt is typed, grown token by token, and the next token's bars follow."""

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.ui.conftest import lab_of, nameless, screen_text, until_frame, until_step, until_text, wait_until
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.ending import stop
from tui_lab.run.messages import SetValue
from tui_lab.ui.app import LabApp
from tui_lab.ui.lab import LabScreen
from tui_lab.ui.widgets.prompt_line import PromptLine
from tui_lab.ui.writing_screen import WritingScreen

Start = Callable[..., RunDirectory]
SIZES = [(80, 24), (120, 40), (200, 50)]


def prompt(app: LabApp) -> PromptLine:
    return app.screen.query_one(PromptLine)


async def opened(app: LabApp, pilot: Pilot[None], steps: int = 0) -> None:
    """The screen over a lab that has done so many steps, with the line that it begins in."""
    await until_step(app, 0)
    await pilot.press(*["n"] * steps)
    await until_step(app, steps)
    await pilot.press("w")
    await wait_until(lambda: isinstance(app.screen, WritingScreen) and app.screen.query(PromptLine), "the screen")
    await wait_until(lambda: prompt(app).has_focus, "the line")


async def until_set(app: LabApp, name: str, value: object) -> None:
    await until_frame(app, lambda frame: frame.settings[name] == value, f"{name}={value}")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_prompt_is_typed_and_grown(start: Start, snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    run = start("scribe", "temperature=0", "steps=60")
    app = LabApp(run)
    async with app.run_test(size=size) as pilot:
        await opened(app, pilot, steps=9)
        await pilot.press("a", "space", "c", "enter", "right", "right", "right", "left")
        await until_set(app, "prompt", "a c")
        await until_set(app, "grown", 2)
        await until_text(app, "a cat")
        await pilot.press(*["k"] * 6)
        await until_set(app, "top_k", 3)
        await wait_until(lambda: "top_k 3 " in screen_text(app), "the picture")
        await pilot.pause(0.6)
        assert nameless(screen_text(app), run) == snapshot


async def test_keys_pressed_faster_than_frames_come_all_count(start: Start) -> None:
    app = LabApp(start("scribe"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("escape", *["right"] * 12, *["left"] * 3, *["T"] * 7)
        await until_set(app, "grown", 9)
        await until_set(app, "temperature", 1.7)


async def test_a_new_prompt_begins_with_nothing_after_it_and_the_same_one_changes_nothing(start: Start) -> None:
    app = LabApp(start("scribe", "grown=5"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("enter", "right")
        await until_set(app, "grown", 6)
        await pilot.press("enter", "end", "c", "enter")
        await until_set(app, "prompt", "the c")
        await until_set(app, "grown", 0)
        await pilot.press("right", "right", "enter", "m", "enter", "right", "right", "right")
        await until_set(app, "prompt", "m")
        await until_set(app, "grown", 3)


async def test_every_key_turns_its_look(start: Start) -> None:
    app = LabApp(start("scribe"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("escape", "t", "o", "o", "O", "k", "s", "s")
        for name, value in {"temperature": 0.9, "top_p": 0.95, "top_k": 100, "sample_seed": 2}.items():
            await until_set(app, name, value)
        await until_text(app, "top_p 0.95 o O  sample_seed 2 s")
        await pilot.press("right", "right", "home", "K")
        await until_set(app, "top_k", 0)
        await until_set(app, "grown", 0)


async def test_letters_typed_are_text_and_escape_leaves_the_prompt_as_it_was(start: Start) -> None:
    app = LabApp(start("scribe"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await until_text(app, "enter writes on from this prompt")
        await pilot.press("end", "t", "k", "s", "q", "space", "question_mark", "w")
        assert prompt(app).value == "the tksq ?w" and isinstance(app.screen, WritingScreen)
        await pilot.press("escape")
        assert prompt(app).value == "the "
        await until_text(app, "→ grow")
        assert lab_of(app).frame is not None and lab_of(app).frame.settings["temperature"] == 1.0  # type: ignore[union-attr]
        await pilot.press("w")
        await wait_until(lambda: isinstance(app.screen, LabScreen), "the lab")


async def test_what_the_scenario_refuses_is_said_and_the_prompt_stays(start: Start) -> None:
    app = LabApp(start("scribe", "grown=2"))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(app, pilot)
        await pilot.press("end", "Z", "enter")
        await until_text(app, "'the Z' has a character that the text lacks.")
        await wait_until(lambda: prompt(app).value == "the ", "the old prompt")
        await pilot.press("right")
        await until_set(app, "grown", 3)


async def test_the_time_keys_work_and_the_pictures_follow_the_training(start: Start) -> None:
    app = LabApp(start("scribe", "grown=3", "steps=1000000000"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("escape")
        await until_text(app, "0.083")
        await pilot.press("n", "n")
        await until_step(app, 2)
        await wait_until(lambda: "0.083" not in screen_text(app), "other bars")
        await pilot.press("b")
        await until_step(app, 1)
        await pilot.press("space")
        await until_frame(app, lambda frame: frame.step > 5, "the training")
        await until_text(app, "▶ playing")
        await pilot.press("T")
        await until_set(app, "temperature", 1.1)


async def test_somebody_else_s_change_is_shown_but_not_over_what_is_being_typed(start: Start) -> None:
    run = start("scribe")
    app = LabApp(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        with Client(run) as client:
            client.ask(SetValue("prompt", "mat"))
            await wait_until(lambda: prompt(app).value == "mat", "the prompt")
            await pilot.press("end", "s")
            client.ask(SetValue("prompt", "hat"))
            await until_set(app, "prompt", "hat")
            assert prompt(app).value == "mats"


async def test_a_run_without_a_trainer_is_woken_by_a_key(start: Start) -> None:
    run = start("scribe")
    stop(run)
    app = LabApp(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_frame(app, lambda frame: frame.status == "stopped", "the run")
        await pilot.press("w")
        await until_text(app, "This run has no trainer")
        await pilot.press("escape", "right")
        await until_frame(app, lambda frame: frame.settings["grown"] == 1 and frame.views, "the trainer")
        await until_text(app, "the next character")


async def test_a_scenario_that_does_not_write_says_so(start: Start) -> None:
    app = LabApp(start("bowl"))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_step(app, 0)
        await pilot.press("w")
        await until_text(app, "This scenario does not write text token by token")
        assert isinstance(app.screen, LabScreen)


async def test_a_prompt_with_control_characters_is_shown_harmless_and_kept(start: Start) -> None:
    app = LabApp(start("scribe", "prompt=a\x1b[31mcat"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert prompt(app).value == "a·[31mcat"
        await pilot.press("enter", "right")
        await until_set(app, "grown", 1)
        await until_set(app, "prompt", "a\x1b[31mcat")


async def test_no_size_breaks_it(start: Start) -> None:
    app = LabApp(start("scribe"))
    async with app.run_test(size=(1, 1)) as pilot:
        await opened(app, pilot)
        for step, size in enumerate([(1, 1), (10, 4), (80, 1), (300, 100)], 1):
            await pilot.resize_terminal(*size)
            await pilot.press("enter", "c", "enter", "right", "t", "question_mark", "escape", "n")
            await until_step(app, step)
