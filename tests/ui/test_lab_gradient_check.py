"""The gradient check's table, whatever the figures are."""

import math

import pytest
from textual.app import App

from tests.ui.conftest import wait_until
from tui_lab.lab.scenario import GradientCheck
from tui_lab.ui.gradient_check import GradientCheckTable


async def text_of(entries: list[GradientCheck]) -> str:
    app: App[None] = App()
    async with app.run_test(size=(100, 30)):
        table = GradientCheckTable(entries)
        app.push_screen(table)
        await wait_until(lambda: table.query("Static"), "the table")
        return "\n".join(str(line.render()) for line in table.query("Static"))


async def test_the_worst_entry_is_marked() -> None:
    entries = [GradientCheck("a", 1.0, 1.0), GradientCheck("W[0,1]", 2.0, 1.0), GradientCheck("b", 1.0, 1.1)]
    text = await text_of(entries)
    assert "do not agree" in text
    assert "largest relative error 0.5, at W[0,1]" in text
    assert [line.split()[1] for line in text.splitlines() if "▸" in line] == ["W[0,1]"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
async def test_a_gradient_that_is_no_number_does_not_agree(value: float) -> None:
    text = await text_of([GradientCheck("a", 1.0, 1.0), GradientCheck("b", value, 1.0)])
    assert "do not agree" in text
    assert [line.split()[1] for line in text.splitlines() if "▸" in line] == ["b"]


async def test_two_zeros_agree() -> None:
    assert "gradients agree" in await text_of([GradientCheck("a", 0.0, 0.0)])


async def test_without_entries_it_says_so() -> None:
    assert "no gradients to check" in await text_of([])


async def test_names_are_text_and_columns_stay_straight() -> None:
    text = await text_of([GradientCheck("[red]字\x1b", 1.0, 1.0), GradientCheck("b", 1.0, 1.0)])
    assert "[red]字·" in text


async def test_of_very_many_entries_the_worst_come_first() -> None:
    entries = [GradientCheck(f"w[{i}]", 1.0, 1.0 + i * 1e-9) for i in range(2000)]
    text = await text_of(entries)
    assert "the 500 worst of 2,000 entries" in text
    assert text.index("w[1999]") < text.index("w[1998]")
    assert "w[0]" not in text
