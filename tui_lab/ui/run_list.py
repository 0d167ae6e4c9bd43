"""The list of runs on Home."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_lab.ui.plain import fit, plain

if TYPE_CHECKING:
    from tui_lab.ui.run_rows import RunRow

_MARKS = {
    "starting": ("◌", "$secondary"),
    "running": ("▶", "$success"),
    "paused": ("‖", "$primary"),
    "finished": ("■", "$secondary"),
    "stopped": ("□", "$secondary"),
    "failed": ("✗", "$error"),
    "lost": ("✗", "$error"),
    "damaged": ("✗", "$error"),
}


class RunList(OptionList):
    """A row for each run; only rows whose text has changed are drawn again."""

    def __init__(self) -> None:
        super().__init__(id="runs", markup=False)
        self.border_title = "Runs"
        self._rows: dict[str, RunRow] = {}

    def on_mount(self) -> None:
        self.add_option(Option(Content.styled("reading …", "$secondary"), disabled=True))

    def show_rows(self, rows: "list[RunRow]") -> None:
        """Take the runs as they are now; the chosen one stays chosen."""
        new = {row.run.run: row for row in rows}
        if list(new) == list(self._rows) and new:
            for name, row in new.items():
                if row != self._rows[name]:
                    self.replace_option_prompt(name, _prompt(row))
        else:
            self._rebuild(new)
        self._rows = new

    def row(self, name: str) -> "RunRow":
        """The row of the run with that id."""
        return self._rows[name]

    def chosen(self) -> "RunRow | None":
        """The highlighted row."""
        name = self.get_option_at_index(self.highlighted).id if self.highlighted is not None else None
        return self._rows.get(name) if name else None

    def _rebuild(self, rows: "dict[str, RunRow]") -> None:
        chosen = self.chosen()
        self.clear_options()
        if not rows:
            nothing = "no runs yet: choose a scenario"
            self.add_option(Option(Content.styled(nothing, "$secondary"), disabled=True))
            return
        self.add_options([Option(_prompt(row), id=name) for name, row in rows.items()])
        self.highlighted = list(rows).index(chosen.run.run) if chosen and chosen.run.run in rows else 0


def _prompt(row: "RunRow") -> Content:
    mark, colour = _MARKS[row.status]
    head = Content.assemble((f"{mark} ", colour), fit(row.run.run, 22), " ", (fit(row.status, 8), colour))
    if row.status == "damaged":
        return Content.assemble(head, " ", (plain(row.sentence), "$secondary"))
    loss = "" if row.loss is None else f"loss {row.loss:.4g}"
    place = f"{row.step:,}" + (f" of {row.last_step:,}" if row.last_step else "")
    rest = f" {place:>14}  {loss:>12}  {row.age:>10}"
    return Content.assemble(head, (rest, "$secondary"))
