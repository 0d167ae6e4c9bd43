"""The pane of a scenario's views."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.ui.widgets.frames import OnePane, frame, shown, surface
from tui_lab.ui.widgets.view_pane import ViewPane

TITLES = ["Data 1/4", "Squared error 2/4", "Gradient 3/4", "Closed form 4/4"]


@pytest.mark.parametrize("index", range(8))
async def test_views_are_counted_around(index: int) -> None:
    pane = ViewPane(index)
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame())
        await pilot.pause()
        assert pane.border_title == TITLES[index % 4]
        pane.next_view()
        assert pane.border_title == TITLES[(index + 1) % 4]


async def test_without_a_border_the_title_is_in_the_picture() -> None:
    pane = ViewPane(3)
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame())
        await pilot.pause()
        assert shown(pane).startswith("Closed form 4/4")
        pane.styles.border = ("round", "gray")
        await pilot.pause()
        assert "Closed form" not in shown(pane)


async def test_a_table_formats_its_numbers() -> None:
    pane = ViewPane(3)
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame())
        await pilot.pause()
        assert ["b", "0.250", "nan"] in [line.split() for line in shown(pane).splitlines()]


async def test_a_surface_turns_as_a_relief() -> None:
    pane = ViewPane(1)
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame())
        await pilot.pause()
        contour = picture(pane)
        pane.turn(15)
        assert picture(pane) == contour
        pane.toggle_relief()
        relief = picture(pane)
        assert relief != contour
        pane.turn(30)
        assert picture(pane) != relief
        pane.turn(-30)
        assert picture(pane) == relief
        pane.toggle_relief()
        pane.turn(-15)
        assert picture(pane) == contour


async def test_the_way_ends_where_the_model_stands() -> None:
    pane = ViewPane(1)
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame(step=2, views=[surface((0.5, 0.5)), surface((0.5, 0.5))]))
        await pilot.pause()
        alone = shown(pane)
        samples = {
            "step": np.array([0.0, 1.0, 2.0, 3.0]),
            "a": np.array([-1.5, 0.0, 0.5, 1.9]),
            "b": np.array([-1.5, 0.0, 0.5, 1.9]),
        }
        pane.show_path(samples)
        way = shown(pane)
        assert way != alone
        pane.show_path({name: values[:3] for name, values in samples.items()})
        assert shown(pane) == way


async def test_a_path_of_other_metrics_is_left_out() -> None:
    pane = ViewPane(1)
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame())
        await pilot.pause()
        alone = shown(pane)
        pane.show_path({"step": np.arange(3.0), "other": np.arange(3.0)})
        assert shown(pane) == alone


async def test_a_view_that_did_not_change_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pane = ViewPane(1)
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame(step=1))
        await pilot.pause()
        drawn: list[Sequence[object]] = []
        monkeypatch.setattr(pane, "draw", lambda *place: drawn.append(place))
        pane.show(frame(step=2))
        assert drawn == []


async def test_a_run_that_has_no_views_yet_says_so() -> None:
    pane = ViewPane()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.next_view()
        pane.show(frame(views=[]))
        await pilot.pause()
        assert shown(pane).startswith("no views yet")


def picture(pane: ViewPane) -> list[object]:
    """Text and colours of every row."""
    return [list(pane.render_line(row)) for row in range(pane.content_size.height)]
