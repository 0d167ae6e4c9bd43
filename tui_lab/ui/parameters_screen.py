"""The parameters screen: every entry of every parameter, and how its gradient came about."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import work
from textual.binding import BindingType

from tui_lab.canvas.passages import Passage
from tui_lab.lab.scenario import OperationLine
from tui_lab.run.messages import GetEntry, SetValue
from tui_lab.ui.close_up import close_up_keys, key
from tui_lab.ui.entry_close_up import NOT_YET, EntryCloseUp
from tui_lab.ui.entry_questions import ChooseEntry, FindName, SetNumber
from tui_lab.ui.messages import EntriesRead, Refusal
from tui_lab.ui.parameter_entries import Index, ParameterEntry, entries_of, entry_name
from tui_lab.ui.widgets.choice import Choice
from tui_lab.ui.widgets.entry_list import EntryList


class ParametersScreen(EntryCloseUp):
    """The list above; below it, for the chosen entry, the chain rule's terms and the update with their numbers."""

    BINDINGS: ClassVar[list[BindingType]] = close_up_keys(
        [
            key("down", "move(1)", "next", "the next entry", show=False),
            key("up", "move(-1)", "previous", "the entry before", show=False),
            key("pagedown", "page(1)", "page down", "a page further down", show=False),
            key("pageup", "page(-1)", "page up", "a page further up", show=False),
            key("home", "move(-1000000000)", "first", "the first entry", show=False),
            key("end", "move(1000000000)", "last", "the last entry", show=False),
            key("enter", "edit", "set", "set the entry to another number", "enter"),
            key("slash", "find", "find", "jump to a parameter by its name", "/"),
            key("left_square_bracket", "scroll(-1)", "scroll up", "the equations further up", "[", show=False),
            key("right_square_bracket", "scroll(1)", "scroll", "the equations further down", "]"),
        ],
        "p",
    )

    def list_pane(self) -> Choice:
        self._list = EntryList()
        self._entries: list[ParameterEntry] = []
        self._chosen = ""
        self._indices: dict[str, Index] = {}
        """Which entry of a large parameter is looked at."""
        return self._list

    def look(self) -> None:
        self._entries = entries_of(self.frame)
        self._list.show(self._entries)
        self._ask()

    def tell(self, message: EntriesRead) -> None:
        told = list(_passages(self._chosen, message.lines))
        self.passages.show(told if message.lines else [Passage(message.sentence, "remark")])

    def on_choice_pointed(self, message: Choice.Pointed) -> None:
        self._go(message.row)

    def action_move(self, by: int) -> None:
        self._go(self._list.cursor + by)

    def action_page(self, by: int) -> None:
        self._go(self._list.cursor + by * self._list.page)

    @work
    async def action_find(self) -> None:
        row = await self.app.push_screen_wait(FindName([entry.name for entry in self._entries]))
        if row is not None:
            self._go(row)

    @work
    async def action_edit(self) -> None:
        if not self._entries:
            return
        entry = self._entries[self._list.cursor]
        if entry.index is None:
            await self._choose_entry(entry)
        elif self._may_set():
            value = entry.figures.numbers[0]
            hint = "a finite number" + ("; the step that is under way begins anew" if self.frame.inside else "")
            text = await self.app.push_screen_wait(SetNumber(entry.name, value, hint))
            if text is not None:
                self.lab.send(SetValue(entry.name, text))

    async def _choose_entry(self, entry: ParameterEntry) -> None:
        answer = await self.app.push_screen_wait(ChooseEntry(entry.parameter, entry.shape, may_set=True))
        if answer is None:
            return
        self._indices[entry.parameter], text = answer
        if text is not None and self._may_set():
            self.lab.send(SetValue(entry_name(entry.parameter, answer[0]), text))
        self._ask()

    def _may_set(self) -> bool:
        """Says why not, if not."""
        past = self.frame.step < self.frame.head
        if past:
            sentence = (
                f"Step {self.frame.step} is in the past of this run: go to step {self.frame.head} to set anything."
            )
            self.post_message(Refusal(sentence))
        return not past

    def _go(self, row: int) -> None:
        self._list.go(row)
        self.passages.top()
        self._ask()

    def _ask(self) -> None:
        if not self._entries:
            return
        entry = self._entries[self._list.cursor]
        index = self._indices.get(entry.parameter, (0,) * len(entry.shape)) if entry.index is None else entry.index
        self._chosen = entry_name(entry.parameter, index)
        about = [place for place, line in enumerate(self.frame.operations) if line.parameter == entry.parameter]
        self.want([GetEntry(place, list(index)) for place in about])


def _passages(name: str, lines: Sequence[OperationLine]) -> Iterator[Passage]:
    """The gradient's value and the update first, for they are short; then the gradient in all its terms."""
    gradients = [line for line in lines if line.phase == "backward"]
    yield Passage(f"gradient of {name}", "heading")
    for line in gradients:
        result = line.numbers.rpartition(" = ")[2]
        yield Passage(f"{line.symbols} = {result}") if result else Passage(f"{line.symbols}  {NOT_YET}")
    yield Passage("update", "heading")
    for line in lines:
        if line.phase == "update":
            yield Passage(line.symbols)
            yield Passage(line.numbers, "numbers") if line.numbers else Passage(NOT_YET, "remark")
    if any(line.numbers for line in gradients):
        yield Passage("the gradient, term by term", "heading")
        yield from (Passage(line.numbers, "numbers") for line in gradients)
