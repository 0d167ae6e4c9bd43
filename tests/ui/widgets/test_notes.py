"""The notes."""

from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.ui.widgets.frames import OnePane, frame, shown
from tui_lab.ui.widgets.notes import Notes

LONG = "The loss grew in the last 12 steps, from 0.5 to 812: the largest stable learning rate is 0.31, yours 0.4."


async def test_without_anything_to_say_there_are_no_notes() -> None:
    pane = Notes()
    async with OnePane(pane).run_test(size=(80, 22)) as pilot:
        pane.show(frame())
        await pilot.pause()
        assert not pane.display
        pane.show(frame(notes=["a note"]))
        await pilot.pause()
        assert shown(pane) == "a note"
        pane.show(frame())
        await pilot.pause()
        assert not pane.display


async def test_the_reason_comes_first_and_all_is_wrapped() -> None:
    pane = Notes()
    async with OnePane(pane).run_test(size=(60, 22)) as pilot:
        pane.show(frame(status="failed", reason="The loss is not finite.", notes=[LONG]))
        await pilot.pause()
        lines = shown(pane).splitlines()
        assert lines[0] == "The loss is not finite."
        assert " ".join(lines[1:]) == LONG
        assert len(lines) == 3


async def test_too_much_is_cut_and_says_so() -> None:
    pane = Notes()
    async with OnePane(pane).run_test(size=(20, 22)) as pilot:
        pane.show(frame(notes=[LONG]))
        await pilot.pause()
        lines = shown(pane).splitlines()
        assert len(lines) == 5
        assert lines[-1].endswith("…")


class TwoPanes(App[None]):
    """The notes under something else."""

    def compose(self) -> ComposeResult:
        yield Static("above", id="above")
        yield Notes()

    CSS = "#above { height: 1fr; }"


async def test_notes_of_changing_length_do_not_move_what_is_above() -> None:
    app = TwoPanes()
    async with app.run_test(size=(60, 22)) as pilot:
        notes, above = app.query_one(Notes), app.query_one("#above")
        notes.show(frame(notes=[LONG]))
        await pilot.pause()
        assert above.size.height == 20
        notes.show(frame(notes=["short"]))
        await pilot.pause()
        assert above.size.height == 20
        notes.show(frame(notes=["short", "another"]))
        await pilot.pause()
        assert above.size.height == 20
        notes.show(frame(notes=["short"]))
        await pilot.pause()
        assert above.size.height == 21
