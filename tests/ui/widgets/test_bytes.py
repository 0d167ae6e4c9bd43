"""What a picture sends to a terminal: what changed and no more, and never less."""

import sys
from collections.abc import Iterator

import pytest

from tests.terminal.terminal import Terminal
from tests.ui.widgets.moving_picture import cells

COLUMNS, ROWS = 80, 24


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    command = [sys.executable, "-m", "tests.ui.widgets.moving_picture"]
    with Terminal(command, COLUMNS, ROWS) as terminal:
        terminal.wait_for("frame    0")
        # Textual paints a new screen more than once.
        while terminal.read(0.5):
            pass
        yield terminal


def picture(terminal: Terminal, number: int) -> list[str]:
    """The rows between the borders, once frame `number` is there."""
    shown = terminal.wait_for(f"frame {number:4d}")
    return [line.removeprefix("│").removesuffix("│") for line in shown.splitlines()[1 : ROWS - 1]]


def expected(number: int) -> list[str]:
    return cells(number, COLUMNS - 2, ROWS - 2).lines()


def test_a_terminal_shows_every_frame_although_only_changes_are_sent(terminal: Terminal) -> None:
    for number in range(1, 25):
        terminal.press("n")
        assert picture(terminal, number) == expected(number)


def test_a_changed_cell_costs_tens_of_bytes(terminal: Terminal) -> None:
    changed = cells(1, COLUMNS - 2, ROWS - 2).changed(cells(0, COLUMNS - 2, ROWS - 2))
    stretches = len(list(changed))
    before = terminal.sent
    terminal.press("n")
    picture(terminal, 1)
    terminal.read(0.2)
    assert 0 < terminal.sent - before < 60 * stretches + 60


def test_an_unchanged_frame_costs_nothing(terminal: Terminal) -> None:
    terminal.read(0.3)
    before = terminal.sent
    terminal.press("s")
    assert terminal.read(20.0)
    terminal.read(0.2)
    assert terminal.sent - before == len("\a")


def test_what_lay_over_the_picture_leaves_nothing_behind(terminal: Terminal) -> None:
    terminal.press("o")
    terminal.wait_for("over it")
    terminal.press("x")
    # The box lay over the rows 4 to 9 of the screen; it lies below now.
    assert picture(terminal, 1)[:12] == expected(1)[:12]
    terminal.press("n")
    assert picture(terminal, 2)[:12] == expected(2)[:12]
