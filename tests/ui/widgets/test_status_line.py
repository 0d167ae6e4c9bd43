"""The status line."""

import pytest

from tests.ui.widgets.frames import OnePane, frame, shown
from tui_lab.ui.widgets.status_line import StatusLine


async def line(width: int, notice: str = "", **changes: object) -> str:
    """The line of `bafe-mlp` at this width."""
    pane = StatusLine()
    async with OnePane(pane).run_test(size=(width, 1)) as pilot:
        pane.run, pane.scenario, pane.speed, pane.notice = "bafe-mlp", "mlp", 10.0, notice
        pane.show(frame(**changes))
        await pilot.pause()
        return shown(pane)


async def test_a_wide_line_says_everything() -> None:
    text = await line(120)
    start = "‖ paused    bafe-mlp  step  12/300  epoch   3  loss 0.012346    by step  10/s"
    assert text.startswith(start)
    assert "━" in text.removeprefix(start)


async def test_a_line_of_80_cells_has_state_progress_and_speed() -> None:
    text = await line(80, status="running", steps_per_second=9876.0)
    for words in ("▶ playing", "bafe", "step  12/300", "loss 0.012346", "9.9k steps/s"):
        assert words in text


async def test_the_narrowest_lines_keep_state_and_step() -> None:
    assert await line(20) == "‖  step  12/300"
    assert await line(1) == "‖"


async def test_a_run_that_has_gone_back_says_how_far_it_has_been() -> None:
    assert "step   5/300  of 12 recorded" in await line(120, step=5, head=12)


@pytest.mark.parametrize(
    ("status", "mark"),
    [
        ("starting", "○ starting"),
        ("finished", "■ finished"),
        ("stopped", "■ stopped"),
        ("failed", "✗ failed"),
        ("lost", "✗ lost"),
    ],
)
async def test_each_state_has_its_mark(status: str, mark: str) -> None:
    assert (await line(80, status=status)).startswith(mark)


async def test_a_notice_takes_the_right_end() -> None:
    text = await line(60, notice="gradient check: all agree")
    assert text.endswith("gradient check: all agree")
    assert text.startswith("‖")


async def test_a_notice_that_is_too_long_is_cut_and_leaves_the_state() -> None:
    text = await line(20, notice="a notice that is longer than the line")
    assert text == "‖  a notice that is…"


async def test_fields_keep_their_columns_while_numbers_change() -> None:
    first = await line(120, status="running", metrics={"loss": 1234.5}, steps_per_second=10.0)
    second = await line(120, status="running", step=299, head=299, metrics={"loss": 1.2e-9}, steps_per_second=12000.0)
    for label in ("/300", "epoch", "loss", "by step", "━"):
        assert first.index(label) == second.index(label)


async def test_a_loss_that_is_not_a_number_is_shown() -> None:
    assert "loss nan" in await line(120, metrics={"loss": float("nan")})


async def test_setting_an_attribute_shows_at_once() -> None:
    pane = StatusLine()
    async with OnePane(pane).run_test(size=(120, 1)) as pilot:
        pane.show(frame())
        pane.grain, pane.speed = "epoch", None
        await pilot.pause()
        assert "by epoch  flat out" in shown(pane)
