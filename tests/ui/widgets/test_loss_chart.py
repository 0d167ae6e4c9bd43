"""The chart of a run's metrics."""

import pytest

from tests.ui.widgets.frames import OnePane, columns, frame, shown
from tui_lab.ui.widgets.loss_chart import LossChart

METRICS = {
    "a": columns([1.0, 2.0, 3.0]),
    "held_out_loss": columns([5.0, 4.0, 3.0]),
    "loss": columns([4.0, 2.0, 1.0]),
}


async def test_the_loss_comes_first_with_the_held_out_one_over_it() -> None:
    pane = LossChart()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show_columns(METRICS, head=3)
        await pilot.pause()
        assert pane.border_title == "loss 1/2"
        assert "loss" in shown(pane)
        assert "held_out_loss" in shown(pane)


async def test_metrics_are_shown_in_turn() -> None:
    pane = LossChart()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show_columns(METRICS, head=3)
        await pilot.pause()
        pane.next_metric()
        assert pane.border_title == "a 2/2"
        assert "loss" not in shown(pane)
        pane.next_metric()
        assert pane.border_title == "loss 1/2"


@pytest.mark.parametrize(("head", "end"), [(0, "16"), (3, "16"), (16, "16"), (17, "32"), (1000, "1024")])
async def test_the_axis_ends_at_a_power_of_two(head: int, end: str) -> None:
    pane = LossChart()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show_columns({"loss": columns([1.0] * head)}, head=head)
        await pilot.pause()
        before = shown(pane).splitlines()[-2:]
        pane.show_columns({"loss": columns([1.0] * int(end))}, head=int(end))
        assert shown(pane).splitlines()[-2:] == before


async def test_a_cursor_shows_where_a_run_that_has_gone_back_stands() -> None:
    pane = LossChart()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show_columns(METRICS, head=3)
        await pilot.pause()
        assert "┊" not in shown(pane)
        pane.show(frame(step=1, head=3))
        assert "┊" in shown(pane)
        pane.show(frame(step=3, head=3))
        assert "┊" not in shown(pane)


async def test_the_vertical_axis_can_be_logarithmic() -> None:
    pane = LossChart()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show_columns({"loss": columns([1e4, 1.0, 1e-4])}, head=3)
        await pilot.pause()
        linear = shown(pane)
        pane.toggle_log()
        assert pane.border_title == "loss 1/1 · log"
        assert shown(pane) != linear
        pane.toggle_log()
        assert shown(pane) == linear


async def test_a_run_without_metrics_says_so() -> None:
    pane = LossChart()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.next_metric()
        pane.show_columns({}, head=0)
        await pilot.pause()
        assert "no data yet" in shown(pane)
