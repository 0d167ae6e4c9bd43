"""A close-up of numbers: a list to choose from, and the equations of what is chosen, asked of the trainer."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from tui_lab.run.messages import GetEntry
from tui_lab.ui.close_up import CloseUp
from tui_lab.ui.entry_reader import NO_TRAINER, EntryReader
from tui_lab.ui.messages import EntriesRead
from tui_lab.ui.widgets.passages import Passages

if TYPE_CHECKING:
    from tui_lab.ui.lab_actions import LabActions

NOT_YET = "(the present step has not come to it)"


class EntryCloseUp(CloseUp):
    """Shows a list above and what is to be said of the chosen thing below."""

    def __init__(self, lab: "LabActions") -> None:
        super().__init__(lab)
        self.reader = EntryReader(lab.run_directory, self)

    def list_pane(self) -> Widget:
        """What is to choose from."""
        raise NotImplementedError

    def tell(self, message: EntriesRead) -> None:
        """Show the entries."""
        raise NotImplementedError

    def panes(self) -> Iterator[Widget]:
        self.passages = Passages()
        yield self.list_pane()
        yield self.passages

    async def on_unmount(self) -> None:
        await self.reader.close()

    def want(self, asked: Sequence[GetEntry]) -> None:
        """Ask for these entries of the frame that is shown."""
        if self.lab.lost:
            self.tell(EntriesRead([], NO_TRAINER))
        elif asked:
            self.reader.want(asked)
        else:
            self.tell(EntriesRead([], "This scenario does not tell its operations entry by entry."))

    def on_entries_read(self, message: EntriesRead) -> None:
        self.tell(message)

    def action_scroll(self, by: int) -> None:
        self.passages.scroll_by(by)
