"""The help screen and the palette say every key, from the one list there is."""

from collections.abc import Callable

import pytest
from textual.binding import Binding
from textual.widgets import Static

from tests.ui.conftest import frame_of, screen_text, until_frame, until_text, wait_until
from tui_lab.run.directory import RunDirectory
from tui_lab.ui.app import LabApp
from tui_lab.ui.help import Help
from tui_lab.ui.lab_keys import LAB_KEYS

Start = Callable[..., RunDirectory]
SENTENCES = [binding.tooltip for binding in LAB_KEYS if isinstance(binding, Binding)]


async def help_lines(app: LabApp) -> list[str]:
    await wait_until(lambda: isinstance(app.screen, Help) and app.screen.query(Static), "the help screen")
    return [str(line.render()) for line in app.screen.query(Static)]


async def test_every_key_of_the_lab_is_explained_in_its_group(start: Start) -> None:
    app = LabApp(start("linear-regression"))
    async with app.run_test(size=(120, 50)) as pilot:
        await until_frame(app, lambda frame: frame.step == 0, "the lab")
        await pilot.press("question_mark")
        lines = await help_lines(app)
        for sentence in SENTENCES:
            assert sum(line.endswith(sentence) for line in lines) == 1, sentence
        for group in ("Move in time", "Try things", "Look", "Leave, stop or kill", "Everywhere"):
            assert lines.count(group) == 1
        await until_text(app, "→ n")


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (24, 6)])
async def test_help_can_be_read_to_its_end_on_any_terminal(start: Start, size: tuple[int, int]) -> None:
    app = LabApp(start("linear-regression"))
    async with app.run_test(size=size) as pilot:
        await until_frame(app, lambda frame: frame.step == 0, "the lab")
        await pilot.press("question_mark")
        await help_lines(app)
        await pilot.press("end")
        await until_text(app, " that train go" if size[0] < 80 else "leave at once")
        await pilot.press("escape")
        await wait_until(lambda: not isinstance(app.screen, Help), "the lab")


async def test_home_has_its_own_keys() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        lines = await help_lines(app)
        assert any(line.endswith("delete the chosen run, after asking") for line in lines)
        assert not any("gradient" in line for line in lines)


async def test_the_palette_has_every_key_and_does_what_it_does(start: Start) -> None:
    app = LabApp(start("linear-regression"))
    async with app.run_test(size=(120, 50)) as pilot:
        await until_frame(app, lambda frame: frame.step == 0, "the lab")
        commands = {command.title: command.help for command in app.get_system_commands(app.screen)}
        assert set(SENTENCES) <= set(commands.values())
        await pilot.press("ctrl+p")
        await pilot.press(*"stop and")
        await until_text(app, "save and end the trainer")
        await pilot.press("enter", "enter")
        await until_frame(app, lambda frame: frame.status == "stopped", "the run to be stopped")


async def test_the_hints_at_the_bottom_keep_leave_and_keys_and_do_what_they_say(start: Start) -> None:
    app = LabApp(start("linear-regression"))
    async with app.run_test(size=(50, 24)) as pilot:
        await until_frame(app, lambda frame: frame.step == 0, "the lab")
        bottom = screen_text(app).splitlines()[-1]
        assert "q leave  ? keys" in bottom
        await pilot.click(offset=(bottom.index("→"), 23))
        await until_frame(app, lambda frame: frame.step == 1, "the step")
        await pilot.click(offset=(bottom.index("?"), 23))
        await help_lines(app)
        assert frame_of(app).step == 1
