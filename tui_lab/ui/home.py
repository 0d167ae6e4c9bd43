"""Home: the scenarios in learning order, the runs there are, and what the machine has."""

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_lab.run.catalogue import ScenarioCard, survey
from tui_lab.ui.key_hints import KeyHints
from tui_lab.ui.messages import OpenRun
from tui_lab.ui.plain import content, plain
from tui_lab.ui.run_list import RunList

if TYPE_CHECKING:
    from tui_lab.run.directory import RunDirectory
    from tui_lab.ui.run_rows import RunRow, RunRows

_REFRESH = 2.0
_WIDE = 120
_WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (_WIDE, "-wide")]
_CHOOSE = Binding.Group("Choose")
_RUNS = Binding.Group("Runs")


class HomeScreen(Screen[None]):
    """Posts OpenRun when a run is chosen or has been started. A wide terminal shows every scenario's summary beside the
    runs, a narrow one a scenario a row, and the summary of the chosen one."""

    HORIZONTAL_BREAKPOINTS = _WIDTHS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "open",
            "open",
            tooltip="set up the chosen scenario, or open the chosen run",
            group=_CHOOSE,
        ),
        Binding("tab", "app.focus_next", "scenarios / runs", tooltip="go from list to list", group=_CHOOSE),
        Binding("delete,r", "delete", "delete run", tooltip="delete the chosen run, after asking", group=_RUNS),
        Binding("q", "app.quit", "quit", tooltip="leave; runs that train go on"),
    ]

    class MachineRead(Message):
        """What Home shows of the disk and the machine."""

        def __init__(self, rows: "list[RunRow]", machine: str) -> None:
            super().__init__()
            self.rows = rows
            self.machine = machine

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[str, ScenarioCard] = {}
        self._rows: RunRows | None = None
        self._reading = False
        self._wide = False

    def compose(self) -> ComposeResult:
        title = Content.assemble(("tui-lab", "bold $primary"), ("  a debugger for gradient descent", "$secondary"))
        yield Static(title, classes="title")
        with Container(id="lists"):
            cards = OptionList(id="scenarios", markup=False)
            cards.border_title = "Scenarios"
            yield cards
            yield Static("", id="summary")
            yield RunList()
        yield Static("", id="machine", markup=False)
        yield KeyHints()

    def on_mount(self) -> None:
        self._show_scenarios()
        self.call_after_refresh(self._refresh)
        self.set_interval(_REFRESH, self._refresh)

    def on_screen_resume(self) -> None:
        self._refresh()

    def on_resize(self) -> None:
        """Say as much of each scenario as there is room for."""
        wide = self.size.width >= _WIDE
        if wide != self._wide:
            self._wide = wide
            cards = self.query_one("#scenarios", OptionList)
            for name, card in self._cards.items():
                cards.replace_option_prompt(name, _prompt(card, wide))

    @on(OptionList.OptionHighlighted, "#scenarios")
    def _scenario_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id:
            self.query_one("#summary", Static).update(content(self._cards[event.option_id].summary))

    @on(OptionList.OptionSelected, "#scenarios")
    def _scenario_chosen(self, event: OptionList.OptionSelected) -> None:
        from tui_lab.ui.start_form import StartForm

        if event.option_id:
            self.app.push_screen(StartForm(self._cards[event.option_id]), self._started)

    @on(OptionList.OptionSelected, "#runs")
    def _run_chosen(self, event: OptionList.OptionSelected) -> None:
        if event.option_id:
            row = self.query_one(RunList).row(event.option_id)
            if row.status == "damaged":
                self.notify(plain(row.sentence), severity="warning", markup=False)
            else:
                self.post_message(OpenRun(row.run))

    def _started(self, run: "RunDirectory | None") -> None:
        if run is not None:
            self.post_message(OpenRun(run))

    def action_open(self) -> None:
        if isinstance(self.focused, OptionList):
            self.focused.action_select()

    def action_delete(self) -> None:
        from tui_lab.ui.confirm import Confirm

        row = self.query_one(RunList).chosen()
        if row is None:
            return
        if row.alive:
            self.notify(f"{row.run.run} has a trainer: stop it first, then delete it.", markup=False)
            return
        question = f"Delete the run {row.run.run} with its history and snapshots? This cannot be undone."

        def take(yes: bool | None) -> None:
            if yes:
                self._delete(row.run)

        self.app.push_screen(Confirm(question, "Delete it"), take)

    def on_home_screen_machine_read(self, event: MachineRead) -> None:
        self._reading = False
        self.query_one(RunList).show_rows(event.rows)
        machine = self.query_one("#machine", Static)
        if str(machine.content) != event.machine:
            machine.update(event.machine)

    def _show_scenarios(self) -> None:
        cards, slips = survey()
        self._cards = {card.name: card for card in cards}
        options = self.query_one("#scenarios", OptionList)
        self._wide = self.size.width >= _WIDE
        options.add_options([Option(_prompt(card, self._wide), id=card.name) for card in cards])
        options.add_options([Option(content(slip, "$error"), disabled=True) for slip in slips])
        options.highlighted = 0 if cards else None

    def _refresh(self) -> None:
        if self.is_current and not self._reading:
            self._reading = True
            self._read_machine()

    @work(thread=True)
    def _read_machine(self) -> None:
        from tui_lab.ui.machine import describe_machine
        from tui_lab.ui.run_rows import RunRows

        self._rows = self._rows or RunRows()
        try:
            rows = self._rows.read()
        except OSError as error:
            self.notify(f"The runs cannot be listed: {error}.", severity="error", markup=False)
            rows = []
        self.post_message(self.MachineRead(rows, describe_machine()))

    @work(thread=True)
    def _delete(self, run: "RunDirectory") -> None:
        try:
            run.delete()
        except OSError as error:
            self.notify(f"{run.run} cannot be deleted: {error}.", severity="error", markup=False)
        self.app.call_from_thread(self._refresh)


def _prompt(card: ScenarioCard, wide: bool) -> Content:
    title = Content.assemble((plain(card.title), "bold"), (f"  {plain(card.name)}", "$secondary"))
    return Content.assemble(title, "\n", content(card.summary, "$secondary")) if wide else title
