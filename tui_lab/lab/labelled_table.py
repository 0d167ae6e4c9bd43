"""Examples out of a CSV file: number columns, and one column that says what each row is."""

from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tui_lab.lab.csv_table import CsvTable, opened, printable
from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Array


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """r rows: inputs x (r, n), finite, under `names`; the label of each row as text, from the column `label_name`.

    Labels that are numbers are spelt alike: `1`, `1.0` and `1e0` are `1`.
    """

    file: str
    names: list[str]
    x: Array
    label_name: str
    labels: list[str]


def read_labelled(path: Path, x: str = "", y: str = "") -> LabelledRows:
    """The columns listed in `x`, separated by commas, and the labels from column `y`. Raises BadInput.

    An empty `y` is the last column, an empty `x` all other columns with numbers in them.
    """
    with opened(path) as table:
        label = table.index(y.strip()) if y.strip() else table.width - 1
        inputs = _inputs(table, x, label)
        values, labels = array("d"), []
        for line, cells in table.whole_rows():
            values.extend(table.value(line, column, cells[column]) for column in inputs)
            labels.append(_label(table, line, label, cells[label]))
        names = [table.names[column] for column in inputs]
        block = np.array(values).reshape(len(labels), len(inputs))
        return LabelledRows(table.name, names, block, table.names[label], labels)


def _inputs(table: CsvTable, x: str, label: int) -> list[int]:
    wanted = [table.index(name.strip()) for name in x.split(",") if name.strip()]
    for column in wanted:
        if column == label or wanted.count(column) > 1:
            twice = f"x has '{table.names[column]}'" + (", which y is" if column == label else " twice")
            raise BadInput(f"{twice}: each column is an input once, or the label.")
    if not x.strip():
        wanted = [i for i in range(table.width) if i != label and table.holds_numbers(i)]
    if not wanted:
        raise BadInput(f"{table.name} has no column of numbers beside the labels in '{table.names[label]}'.")
    return wanted


def _label(table: CsvTable, line: int, column: int, cell: str) -> str:
    text = cell.strip()
    if not text:
        raise BadInput(
            f"Column '{table.names[column]}' of {table.name} is empty on line {line}: each row needs a label."
        )
    return f"{table.value(line, column, cell):.12g}" if table.is_number(cell) else printable(text)
