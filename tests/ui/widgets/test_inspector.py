"""The step inspector."""

from rich.color import Color
from textual import events
from textual.widget import Widget

from tests.ui.widgets.frames import OPERATIONS, OnePane, frame, shown
from tui_lab.lab.scenario import OperationLine
from tui_lab.ui.widgets.inspector import Inspector

WIDE, NARROW = (80, 14), (30, 14)


def inside(operation: int, **changes: object) -> dict[str, object]:
    """A frame inside of step 13, right after an operation."""
    return {"inside": True, "operation": operation, "phase": OPERATIONS[operation].phase, **changes}


async def text(size: tuple[int, int], **changes: object) -> str:
    pane = Inspector()
    async with OnePane(pane).run_test(size=size) as pilot:
        pane.show(frame(**changes))
        await pilot.pause()
        return shown(pane)


def colours(pane: Widget, row: int) -> list[Color | None]:
    """The colours of the words in a row, from left to right."""
    return [part.style.color for part in pane.render_line(row) if part.text.strip() and part.style]


async def test_symbols_stand_left_of_numbers_with_each_phase_named_once() -> None:
    lines = (await text(WIDE, **inside(3))).splitlines()
    assert lines[0].startswith("forward → loss → backward → update")
    assert lines[0].endswith("in step 13 · 4 of 8")
    assert lines[2].split("  ")[0] == "forward"
    assert lines[3].startswith(" " * 11 + "ŷ = u + b")
    assert lines[3].endswith("ŷ₀ = 1 + 3 = 4")
    assert sum(line.startswith("backward") for line in lines) == 1


async def test_the_operation_just_done_is_marked() -> None:
    lines = (await text(WIDE, **inside(3))).splitlines()
    assert [line for line in lines if "▸" in line] == [lines[5]]
    assert "L = Σr²/n" in lines[5]


async def test_done_current_and_coming_operations_look_different() -> None:
    pane = Inspector()
    async with OnePane(pane).run_test(size=WIDE) as pilot:
        pane.show(frame(**inside(3)))
        await pilot.pause()
        done, current, coming = (colours(pane, row) for row in (3, 5, 7))
        assert done[0] != coming[0]
        assert current[-1] not in (done[-1], coming[-1])


async def test_a_boundary_says_which_step_is_done_and_marks_nothing() -> None:
    shown_text = await text(WIDE, inside=False, step=12)
    assert "step 12 done" in shown_text
    assert "▸" not in shown_text


async def test_before_the_first_step() -> None:
    shown_text = await text(WIDE, inside=False, step=0, head=0, operation=-1, phase="")
    assert "before the first step" in shown_text
    assert "u = a·x" in shown_text


async def test_without_operations_the_phases_are_left() -> None:
    lines = (await text(WIDE, inside=True, phase="backward", operations=[], operation=-1)).splitlines()
    assert lines[0].endswith("in step 13")
    assert not any(lines[1:])


async def test_a_narrow_pane_puts_numbers_below_symbols() -> None:
    lines = (await text(NARROW, **inside(1))).splitlines()
    assert lines[0] == "forward    in step 13 · 2 of 8"
    place = lines.index("▸ ŷ = u + b")
    assert lines[place + 1].strip() == "1 + 3 = 4"


async def test_the_current_operation_is_always_in_sight() -> None:
    for size in ((80, 3), (80, 5), (30, 4), (30, 9), (200, 50)):
        pane = Inspector()
        async with OnePane(pane).run_test(size=size) as pilot:
            for operation in range(len(OPERATIONS)):
                pane.show(frame(**inside(operation)))
                await pilot.pause()
                assert "▸" in shown(pane), (size, operation)


async def test_forty_rows_show_every_operation() -> None:
    lines = await text((80, 40), **inside(0))
    assert all(operation.symbols in lines for operation in OPERATIONS)


async def test_long_numbers_keep_their_result_and_the_current_ones_are_whole() -> None:
    long = "s₀ = " + " + ".join(f"{place}.5·{place}.25" for place in range(12)) + " = 1234.5"
    operations = [OperationLine("forward", "s = Σ w·x", long), OPERATIONS[1]]
    lines = (await text(WIDE, **inside(1, operations=operations))).splitlines()
    assert lines[2].endswith("… = 1234.5")
    whole = " ".join((await text(WIDE, **inside(0, operations=operations))).split())
    assert " ".join(long.split()[-5:]) in whole


async def test_a_phase_without_an_operation_means_its_last() -> None:
    lines = (await text(WIDE, inside=True, phase="loss", operation=-1)).splitlines()
    assert "L = Σr²/n" in next(line for line in lines if "▸" in line)


async def test_the_wheel_looks_at_other_operations_until_the_run_moves_on() -> None:
    pane = Inspector()
    async with OnePane(pane).run_test(size=(80, 5)) as pilot:
        pane.show(frame(**inside(0)))
        await pilot.pause()
        assert "u = a·x" in shown(pane)
        for _ in range(10):
            pane.post_message(events.MouseScrollDown(pane, 1, 1, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert "b ← b" in shown(pane)
        assert "u = a·x" not in shown(pane)
        pane.show(frame(**inside(1)))
        assert "▸ ŷ = u + b" in shown(pane)
