"""What the commands show to people: tables. Nothing in them is markup, and no control character passes."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tui_lab.run.catalogue import DataFile, Hyperparameter, ScenarioCard
from tui_lab.run.documents import Document
from tui_lab.run.finding import Finding
from tui_lab.run.listing import Entry
from tui_lab.run.messages import ParameterRow, Report
from tui_lab.run.plain import plain
from tui_lab.run.settings import describe, described, spell

_EXACT = 2**53
"""Up to here a float is a whole number exactly."""
_FIGURE = 11
"""Columns for six digits with sign, point and exponent."""
_WIDE = 1000
"""Columns where there is no terminal: a line stays a line for grep."""


def print_tables(*tables: Table) -> None:
    """Onto stdout, with an empty line between them."""
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else _WIDE, markup=False, highlight=False, emoji=False)
    for number, table in enumerate(tables):
        with console.capture() as painted:
            console.print(table)
        lines = painted.get().splitlines()
        sys.stdout.write("\n" * (number > 0) + "\n".join(line if terminal else line.rstrip() for line in lines) + "\n")


def scenario_tables(cards: Sequence[ScenarioCard]) -> list[Table]:
    """For each scenario what it is, its hyperparameters and its presets; for several of them, last, their list: that
    is what a terminal then shows."""
    tables = [table for card in cards for table in _about(card)]
    return [*tables, _overview(cards)] if len(cards) > 1 else tables


def run_table(entries: Iterable[Entry]) -> Table:
    """One line a run."""
    table = _table("run", "status", "step", "loss", "begun")
    for entry in entries:
        if entry.damaged is not None:
            table.add_row(_text(entry.run), _text("damaged", "red"), "", "", _text(entry.damaged))
            continue
        steps = f"{entry.step} of {entry.last_step}" if entry.last_step else str(entry.step)
        begun = _ago(time.time() - (entry.created or 0.0))
        table.add_row(*map(_text, (entry.run, str(entry.status), steps, _figure(entry.metrics.get("loss")), begun)))
    return table


def report_tables(report: Report, document: Document) -> list[Table]:
    """How a run stands, and its parameters."""
    about = _pairs()
    _add(about, "run", report.run)
    _add(about, "scenario", report.scenario)
    _add(about, "status", f"{report.status}  {report.reason}".rstrip())
    _add(about, "step", f"{report.step} of {report.last_step}, epoch {report.epoch}")
    _add(about, "phase", report.phase)
    for name, figure in report.metrics.items():
        _add(about, name, _figure(figure))
    for name, value in spell(document["settings"]).items():
        _add(about, name, value)
    _add(about, "seed", str(document["seed"]))
    for file in ("data", "init"):
        if document[file]:
            _add(about, file, document[file] if isinstance(document[file], str) else document[file]["path"])
    _add(about, "trainer", f"process {report.pid}" if report.pid else "none")
    _add(about, "directory", document["directory"])
    for name, sentence in report.formats.items():
        _add(about, "format", f"{name}: {sentence}")
    _add(about, "state hash", report.state_hash or "")
    return [about, _parameter_table(report.parameters)] if report.parameters else [about]


def plan_tables(views: Iterable[Document]) -> list[Table]:
    """What a run would need: tables as they are, bars as a table of names and values, of others only that there are."""
    return [_view_table(view) for view in views]


def finding_table(findings: Iterable[Finding]) -> Table:
    """What `tui-lab doctor` found."""
    table = _table("", "", "found", "what to do")
    for finding in findings:
        mark = _text("ok", "green") if finding.ok else _text("warn", "yellow")
        table.add_row(mark, _text(finding.subject), _text(finding.found), _text(finding.remedy))
    return table


def _about(card: ScenarioCard) -> Iterator[Table]:
    yield _scenario_table(card)
    if card.presets:
        yield _preset_table(card)


def _overview(cards: Iterable[ScenarioCard]) -> Table:
    table = _table("scenario", "what it is")
    for card in cards:
        table.add_row(_text(card.name), _text(card.title))
    return table


def _preset_table(card: ScenarioCard) -> Table:
    table = _table("--set preset=", "sets", "meaning")
    for preset in card.presets:
        sets = " ".join(f"{name}={text}" for name, text in spell(preset.settings).items())
        table.add_row(*map(_text, (preset.name, sets, described(preset))))
    return table


def _scenario_table(card: ScenarioCard) -> Table:
    table = _table("hyperparameter", "default", "what it may be", "meaning")
    _titled(table, f"{card.name}: {card.summary}")
    for hyperparameter in card.hyperparameters:
        default = spell({"": hyperparameter.default})[""]
        table.add_row(*map(_text, (hyperparameter.name, default, _range(hyperparameter), _meaning(hyperparameter))))
    if card.data:
        table.add_row(*map(_text, ("--data", "", _files(card.data), card.data.help)))
    return table


def _view_table(view: Document) -> Table:
    match view["kind"]:
        case "table":
            heads, rows = view["columns"], view["rows"]
        case "bars":
            second = [view["compared_label"]] if view["compared"] else []
            heads = ["", view["value_label"], *second]
            rows = list(zip(view["names"], view["values"], *([view["compared"]] if second else []), strict=True))
        case kind:
            heads, rows = [""], [[f"{kind}: --json gives its numbers"]]
    table = _titled(_table(*heads), view["title"])
    for row in rows:
        table.add_row(*(_text(cell if isinstance(cell, str) else _amount(cell)) for cell in row))
    return table


def _titled(table: Table, title: str) -> Table:
    table.title, table.title_justify = _text(title, "bold"), "left"
    return table


def _range(hyperparameter: Hyperparameter) -> str:
    return describe(hyperparameter) + (f" ({hyperparameter.unit})" if hyperparameter.unit else "")


def _files(data: DataFile) -> str:
    return " ".join(data.suffixes) + (" or a hub's id" if data.hub else "")


def _meaning(hyperparameter: Hyperparameter) -> str:
    if hyperparameter.look:
        return hyperparameter.help + " (only shown: may change at any time)"
    return hyperparameter.help + (" (may change while running)" if hyperparameter.live else "")


def _parameter_table(parameters: Iterable[ParameterRow]) -> Table:
    table = _table("parameter", "shape", "norm", "gradient norm", "update ratio", "values")
    # The names of a large model's parameters may be as wide as a terminal: they give way before the figures do.
    table.columns[0].no_wrap, table.columns[0].overflow = False, "fold"
    for column in table.columns[1:5]:
        column.min_width = _FIGURE
    for row in parameters:
        values = "" if row.values is None else _values(row.values)
        figures = (_figure(row.norm), _figure(row.grad_norm), _figure(row.update_ratio))
        table.add_row(*map(_text, (row.name, str(row.shape), *figures, values)))
    return table


def _values(values: object) -> str:
    if isinstance(values, list):
        return "[" + ", ".join(_values(value) for value in values) + "]"
    return _figure(values) if isinstance(values, float) else str(values)


def _amount(value: float | None) -> str:
    """Whole numbers in full: they may be bytes, or parameters."""
    whole = value is not None and float(value).is_integer() and abs(value) < _EXACT
    return f"{value:,.0f}" if whole else _figure(value)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _ago(seconds: float) -> str:
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(_text(column), no_wrap=number == 0)
    return table


def _pairs() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _add(table: Table, name: str, value: str) -> None:
    table.add_row(_text(name), _text(value))


def _text(text: str, style: str = "") -> Text:
    return Text(plain(text), style)
