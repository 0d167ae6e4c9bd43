"""`make bench`: every figure in a table. `python -m tests.benchmarks chart` runs those with 'chart' in their name."""

import importlib
import pkgutil
import sys

from rich.console import Console
from rich.table import Table

import tests.benchmarks
from tests.benchmarks.figure import Figure

_MARKS = {True: "[green]reached[/]", False: "[red]missed[/]", None: ""}


def main(wanted: list[str]) -> int:
    console = Console()
    table = Table("what", "measured", "against", "bar", "")
    names = [
        module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__) if module.name.startswith("bench_")
    ]
    missed = 0
    for name in names:
        if wanted and not any(word in name for word in wanted):
            continue
        console.print(f"[dim]{name} …[/]")
        figures: list[Figure] = importlib.import_module(f"tests.benchmarks.{name}").figures()
        for figure in figures:
            table.add_row(figure.what, figure.measured, figure.against, figure.bar, _MARKS[figure.reached])
            missed += figure.reached is False
    console.print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
