"""The entry screen: any entry of any operation, its equation written out with all the numbers."""

import math
from typing import ClassVar

import numpy as np
from textual import work
from textual.binding import BindingType

from tui_lab.canvas.passages import Passage
from tui_lab.lab.scenario import OperationLine
from tui_lab.run.messages import Frame, GetEntry
from tui_lab.ui.close_up import close_up_keys, key
from tui_lab.ui.entry_close_up import NOT_YET, EntryCloseUp
from tui_lab.ui.entry_questions import ChooseEntry
from tui_lab.ui.messages import EntriesRead
from tui_lab.ui.parameter_entries import Index
from tui_lab.ui.widgets.choice import Choice
from tui_lab.ui.widgets.operation_list import OperationList


class EntryScreen(EntryCloseUp):
    """The operations above; below them the chosen one, in symbols and with the numbers of one entry."""

    BINDINGS: ClassVar[list[BindingType]] = close_up_keys(
        [
            key("down", "move(1)", "next", "the next operation", show=False),
            key("up", "move(-1)", "previous", "the operation before", show=False),
            key("right", "along(1)", "entry", "the next entry of the row", "→"),
            key("left", "along(-1)", "entry before", "the entry before", "←", show=False),
            key("right_square_bracket", "rows(1)", "row", "the same column in the next row", "]"),
            key("left_square_bracket", "rows(-1)", "row before", "the same column in the row before", "[", show=False),
            key("home", "along(-1000000000)", "first entry", "the first entry", show=False),
            key("end", "along(1000000000)", "last entry", "the last entry", show=False),
            key("enter", "choose", "index", "go to an entry by its index", "enter"),
            key("pagedown", "scroll(4)", "scroll", "the equation further down", "pgdn"),
            key("pageup", "scroll(-4)", "scroll up", "the equation further up", show=False),
        ],
        "i",
    )

    def list_pane(self) -> Choice:
        self._list = OperationList()
        self._indices: dict[int, Index] = {}
        self._current = -1
        return self._list

    @property
    def _line(self) -> OperationLine | None:
        """The operation that is looked at."""
        lines = self.frame.operations
        return lines[self._list.cursor] if self._list.cursor < len(lines) else None

    @property
    def _index(self) -> Index:
        """The entry of it that is looked at."""
        shape = self._line.shape if self._line else ()
        index = self._indices.get(self._list.cursor, ())
        there = len(index) == len(shape) and all(i < size for i, size in zip(index, shape, strict=True))
        return index if there else (0,) * len(shape)

    def look(self) -> None:
        """The cursor goes along with the run as long as it stands where the run does."""
        before, self._current = self._current, _current(self.frame)
        follows = before in (-1, self._list.cursor)
        self._list.show(self.frame.operations, self._current)
        if follows and self._current >= 0:
            self._list.go(self._current)
        self._ask()

    def tell(self, message: EntriesRead) -> None:
        if not message.lines:
            self.passages.show([Passage(message.sentence, "remark")])
            return
        [line] = message.lines
        place = f"entry [{','.join(map(str, self._index))}] of {'×'.join(map(str, line.shape))}"
        heading = " · ".join(filter(None, [place if line.shape else "one number", line.source]))
        numbers = Passage(line.numbers, "numbers") if line.numbers else Passage(NOT_YET, "remark")
        self.passages.show([Passage(heading, "heading"), Passage(line.symbols), numbers])

    def on_choice_pointed(self, message: Choice.Pointed) -> None:
        self._go(message.row)

    def action_move(self, by: int) -> None:
        self._go(self._list.cursor + by)

    def action_along(self, by: int) -> None:
        """Through all entries in their order, row after row."""
        if self._line is not None:
            last = math.prod(self._line.shape) - 1
            self._put(max(0, min(self._flat() + by, last)))

    def action_rows(self, by: int) -> None:
        """Among the rows, as far as there are any."""
        if self._line is not None and self._line.shape:
            flat = self._flat() + by * self._line.shape[-1]
            if 0 <= flat < math.prod(self._line.shape):
                self._put(flat)

    @work
    async def action_choose(self) -> None:
        line = self._line
        if line is None or not line.shape:
            return
        left = line.symbols.partition(" ")[0]
        answer = await self.app.push_screen_wait(ChooseEntry(left, line.shape, may_set=False))
        if answer is not None:
            self._indices[self._list.cursor] = answer[0]
            self._ask()

    def _flat(self) -> int:
        shape = self._line.shape if self._line else ()
        return int(np.ravel_multi_index(self._index, shape)) if shape and 0 not in shape else 0

    def _put(self, flat: int) -> None:
        shape = self._line.shape if self._line else ()
        if flat < 0 or not shape:
            return
        self._indices[self._list.cursor] = tuple(int(i) for i in np.unravel_index(flat, shape))
        self.passages.top()
        self._ask()

    def _go(self, row: int) -> None:
        self._list.go(row)
        self.passages.top()
        self._ask()

    def _ask(self) -> None:
        there = self._line is not None and 0 not in self._line.shape
        self.want([GetEntry(self._list.cursor, list(self._index))] if there else [])


def _current(frame: Frame) -> int:
    return min(frame.operation, len(frame.operations) - 1)
