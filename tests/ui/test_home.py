"""Home: what it lists, and what one can do to it."""

import os
import shutil
from collections.abc import Callable

import pytest
from textual.widgets import OptionList

from tests.ui.conftest import lab_of, resting, screen_text, until_frame, until_text, wait_until
from tui_lab.run.catalogue import scenarios
from tui_lab.run.directory import RunDirectory
from tui_lab.ui.app import LabApp
from tui_lab.ui.confirm import Confirm
from tui_lab.ui.home import HomeScreen
from tui_lab.ui.run_list import RunList
from tui_lab.ui.run_rows import RunRows, age

Start = Callable[..., RunDirectory]


async def test_scenarios_come_in_learning_order_and_the_chosen_one_with_its_summary() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await until_text(app, "A weighted sum and an activation")
        cards = app.screen.query_one("#scenarios", OptionList)
        assert [option.id for option in cards.options] == [card.name for card in scenarios()]
        assert cards.highlighted == 0
        await pilot.press("down")
        await until_text(app, "Fit a line to points")


async def test_the_scenarios_that_come_with_the_lab_are_all_in_sight_on_a_small_terminal() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)):
        own = [card for card in scenarios() if "tests" not in card.folder]
        await wait_until(lambda: all(f"{card.title}  {card.name}" in screen_text(app) for card in own), "every title")
        await until_text(app, "no runs yet")


async def test_a_wide_terminal_shows_every_summary_whichever_way_it_became_wide() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 40)) as pilot:
        await until_text(app, "A weighted sum and an activation")
        assert "Fit a line to points" not in screen_text(app)
        await pilot.resize_terminal(130, 40)
        await until_text(app, "Fit a line to points")
        await pilot.resize_terminal(80, 40)
        await wait_until(lambda: "Fit a line to points" not in screen_text(app), "short rows")


async def test_an_empty_home_says_what_to_do_and_what_the_machine_has() -> None:
    app = LabApp()
    async with app.run_test(size=(80, 24)):
        await until_text(app, "no runs yet: choose a scenario")
        await until_text(app, "GiB memory free")


@pytest.mark.parametrize(("width", "side_by_side"), [(80, False), (119, False), (120, True), (200, True)])
async def test_lists_stand_side_by_side_where_there_is_room(width: int, side_by_side: bool) -> None:
    app = LabApp()
    async with app.run_test(size=(width, 24)):
        cards, found = app.screen.query_one("#scenarios"), app.screen.query_one(RunList)
        await wait_until(lambda: cards.region.width > 0, "the layout")
        await wait_until(lambda: (cards.region.y == found.region.y) == side_by_side, "the arrangement")


async def test_every_run_is_listed_with_its_state_step_loss_and_age() -> None:
    finished, lost = resting("finished", 300), resting("running", 41)
    app = LabApp()
    async with app.run_test(size=(120, 24)):
        await until_text(app, finished.run)
        text = screen_text(app)
        assert "finished     300 of 300" in text
        assert lost.run in text
        assert "lost          41 of 300" in text
        assert "loss 2.5    just now" in text


async def test_a_damaged_run_is_listed_as_damaged_and_opening_it_says_why() -> None:
    run = resting()
    (run.path / "report.json").write_text("{")
    app = LabApp()
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await until_text(app, "damaged")
        await pilot.press("tab", "enter")
        await until_text(app, "its report.json cannot be read")
        assert isinstance(app.screen, HomeScreen)


async def test_names_from_outside_are_neither_markup_nor_control_characters() -> None:
    run = resting()
    shutil.move(run.path, run.path.with_name("[red]x\x1b[31m\u202ey"))
    app = LabApp()
    async with app.run_test(size=(120, 24)):
        await until_text(app, "[red]x·[31m·y")
        assert "\x1b[31m" not in screen_text(app)


async def test_deleting_asks_first_and_then_deletes() -> None:
    run, kept = resting(), resting()
    app = LabApp()
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await until_text(app, run.run)
        runs = app.screen.query_one(RunList)
        runs.highlighted = [option.id for option in runs.options].index(run.run)
        await pilot.press("delete")
        await until_text(app, f"Delete the run {run.run}")
        await pilot.press("escape")
        await wait_until(lambda: isinstance(app.screen, HomeScreen), "Home")
        assert run.path.exists()
        await pilot.press("r")
        await wait_until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("y")
        await wait_until(lambda: run.run not in screen_text(app), "the row to go")
        assert not run.path.exists()
        assert kept.path.exists()
        assert kept.run in screen_text(app)


async def test_a_run_with_a_trainer_is_not_deleted(start: Start) -> None:
    run = start()
    app = LabApp()
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await until_text(app, run.run)
        await pilot.press("delete")
        await until_text(app, "stop it first")
        assert run.path.exists()


async def test_enter_on_a_run_opens_the_lab_and_q_comes_back_and_says_how_to_return(start: Start) -> None:
    run = start("linear-regression")
    app = LabApp()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until_text(app, run.run)
        await pilot.press("tab", "enter")
        await until_frame(app, lambda frame: frame.status == "paused", "the first frame")
        assert lab_of(app).run_directory == run
        await pilot.press("q")
        await until_text(app, f"tui-lab attach {run.run.partition('-')[0]}")
        assert isinstance(app.screen, HomeScreen)
        assert run.trainer() is not None


async def test_a_click_on_a_run_opens_it() -> None:
    run = resting()
    app = LabApp()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until_text(app, run.run)
        await wait_until(lambda: app.screen.query_one(RunList).region.x > 0, "the lists beside each other")
        await pilot.click(RunList, offset=(6, 1))
        await until_frame(app, lambda frame: frame.status == "finished", "the report")


async def test_a_run_that_appears_while_home_is_open_is_listed() -> None:
    app = LabApp()
    async with app.run_test(size=(120, 24)):
        await until_text(app, "no runs yet")
        run = resting()
        await until_text(app, run.run)


def test_a_run_at_rest_is_not_read_again() -> None:
    run = resting()
    rows = RunRows()
    first = rows.read()
    report = run.path / "report.json"
    before, content = report.stat(), report.read_bytes()
    report.write_bytes(content.replace(b"2.5", b"9.5"))
    os.utime(report, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rows.read() == first, "the same stamp stands for the same content"
    os.utime(report, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert rows.read()[0].loss == 9.5


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "just now"), (0, "just now"), (59, "just now"), (60, "1 min ago"), (7199, "1 h ago"), (3e7, "347 d ago")],
)
def test_age(seconds: float, said: str) -> None:
    assert age(seconds) == said
