"""Columns out of any CSV file, or one sentence that says what is wrong with it and where."""

import csv
import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.scenario import Array

_DELIMITERS = "\t;|,"
"""In order of preference: where a semicolon separates cells, a comma is often in numbers."""
_SAMPLE = 100
"""Rows from which it is seen which columns hold numbers."""

Row = tuple[int, list[str]]
"""A row's cells, with the number of the line on which it begins."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Two columns of a table, (n,) each and finite, with their names."""

    x_name: str
    y_name: str
    x: Array
    y: Array


def read_columns(path: Path, x: str = "", y: str = "") -> Columns:
    """The columns called `x` and `y`; an empty name stands for the number column that remains. Raises BadInput.

    The delimiter is a comma, semicolon, tab or bar; beside semicolons a decimal comma is read. The first row may be a
    header; without one the columns are called `column 1`, `column 2`, … Blank lines are passed over.
    """
    with opened(path) as table:
        return table.columns(x.strip(), y.strip())


@contextmanager
def opened(path: Path) -> "Iterator[CsvTable]":
    """A CSV file to read from. Raises BadInput where it cannot be read, also while it is."""
    try:
        if not path.exists():
            raise BadInput(f"There is no file {printable(str(path), 200)}.")
        if not path.is_file():
            raise BadInput(f"{printable(str(path), 200)} is not a file: give a CSV file.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield CsvTable(path.name, file)
    except OSError as error:
        raise BadInput(f"{printable(str(path), 200)} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{printable(path.name)} is not UTF-8 text: save it as CSV in UTF-8.") from error


def printable(text: str, length: int = 40) -> str:
    """Text from outside, fit for a message: control characters replaced, at most `length` characters."""
    clean = "".join(character if character.isprintable() else "�" for character in text[: length + 1])
    return clean if len(clean) <= length else clean[: length - 1] + "…"


class CsvTable:
    """A CSV file that is being read: `names` of its columns, `rows` of cells, of which the first ones are `sample`."""

    def __init__(self, name: str, file: TextIO) -> None:
        self.name = printable(name)
        self.delimiter = self._sniff(file)
        rows = self._rows(file)
        sample = list(islice(rows, _SAMPLE + 1))
        if not sample:
            raise BadInput(f"{self.name} is empty: it needs two columns of numbers.")
        self.names = self._names(sample)
        self.width = len(sample[0][1])
        self.sample = sample[1:] if self.has_header(sample) else sample
        if not self.sample:
            raise BadInput(f"{self.name} has only a header: it needs rows of numbers under it.")
        self.rows = chain(self.sample, rows)

    def columns(self, x: str, y: str) -> Columns:
        """The two columns wanted."""
        left, right = self._choose(x, y)
        lines, xs, ys = array("q"), array("d"), array("d")
        for line, cells in self.whole_rows():
            lines.append(line)
            xs.append(self.value(line, left, cells[left]))
            ys.append(self.value(line, right, cells[right]))
        return Columns(self.names[left], self.names[right], np.array(xs), np.array(ys))

    def whole_rows(self) -> Iterator[Row]:
        """The rows, once. Raises BadInput for one that is shorter or longer than the first line."""
        for line, cells in self.rows:
            if len(cells) != self.width:
                raise BadInput(
                    f"Line {line} of {self.name} has {_cells(len(cells))}, not {self.width} as the first line."
                )
            yield line, cells

    def index(self, name: str) -> int:
        """The column of that name. Raises BadInput with the nearest one if there is none."""
        if name not in self.names:
            raise BadInput(f"{self.name} has no column '{printable(name)}': {nearest(name, self.names)}")
        return self.names.index(name)

    def holds_numbers(self, column: int) -> bool:
        """Whether the first cell with anything in it is a number."""
        cells = (row[1][column] for row in self.sample if len(row[1]) == self.width)
        return next((self.is_number(cell) for cell in cells if cell.strip()), False)

    def value(self, line: int, column: int, cell: str) -> float:
        """The finite number in a cell. Raises BadInput that names the place for anything else."""
        try:
            value = self._number(cell)
        except ValueError:
            what = f"is '{printable(cell.strip())}'" if cell.strip() else "is empty"
            raise self._wrong(line, column, what) from None
        if not math.isfinite(value):
            raise self._wrong(line, column, f"is {value}")
        return value

    def is_number(self, cell: str) -> bool:
        """Whether a cell spells a number, finite or not."""
        try:
            self._number(cell)
        except ValueError:
            return False
        return True

    def has_header(self, rows: Sequence[Row]) -> bool:
        """Whether the first row names the columns: no number in it, or a word above a number."""
        first, below = rows[0][1], rows[1][1] if len(rows) > 1 else []
        if not any(self.is_number(cell) for cell in first):
            return True
        pairs = zip(first, below, strict=False)
        return any(bool(word.strip()) and not self.is_number(word) and self.is_number(cell) for word, cell in pairs)

    def _names(self, rows: Sequence[Row]) -> list[str]:
        given = [printable(cell.strip()) for cell in rows[0][1]] if self.has_header(rows) else [""] * len(rows[0][1])
        count = Counter(given)
        return [name if name and count[name] == 1 else f"column {i}" for i, name in enumerate(given, 1)]

    def _choose(self, x: str, y: str) -> tuple[int, int]:
        wanted = [self.index(name) if name else None for name in (x, y)]
        if x and x == y:
            raise BadInput(f"x and y are both '{printable(x)}': predict one column from another.")
        if None in wanted:
            numeric = [i for i in range(self.width) if self.holds_numbers(i) and i not in wanted]
            missing = wanted.count(None)
            if len(numeric) != missing:
                raise BadInput(self._explain(numeric, missing))
            wanted = [numeric.pop(0) if index is None else index for index in wanted]
        left, right = (index for index in wanted if index is not None)
        return left, right

    def _explain(self, numeric: list[int], missing: int) -> str:
        listed = ", ".join(self.names[i] for i in numeric[:20]) + (", …" if len(numeric) > 20 else "")
        if len(numeric) > missing:
            return f"{self.name} has {len(numeric)} number columns, {listed}: say which ones with x and y."
        found = f"one column of numbers, {listed}" if numeric else "no column of numbers"
        return f"{self.name} has {found}{' left' if missing == 1 else ''}: a line needs two, x and y."

    def _wrong(self, line: int, column: int, what: str) -> BadInput:
        where = f"Column '{self.names[column]}' of {self.name}"
        return BadInput(f"{where} {what} on line {line}: it must be a finite number in every row.")

    def _number(self, cell: str) -> float:
        if "_" in cell:
            raise ValueError("Python alone reads 1_000 as a number")
        if self.delimiter == ";" and "," in cell:
            cell = cell.replace(",", ".")
        return float(cell)

    def _rows(self, file: TextIO) -> Iterator[Row]:
        """The rows that are not blank."""
        reader, line = csv.reader(file, delimiter=self.delimiter), 1
        try:
            for cells in reader:
                if any(cells) and any(map(str.strip, cells)):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise BadInput(f"Line {line} of {self.name} cannot be read: {error}; is a quote left open?") from error

    @staticmethod
    def _sniff(file: TextIO) -> str:
        """The delimiter that the first two lines with anything in them have equally often."""
        lines = list(islice((line for line in file if line.strip()), 2))
        file.seek(0)
        counts = [{mark: _outside_quotes(line).count(mark) for mark in _DELIMITERS} for line in lines]
        present = [mark for mark in _DELIMITERS if counts and counts[0][mark]]
        equal = [mark for mark in present if counts[0][mark] == counts[-1][mark]]
        return next(iter(equal or present), ",")


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
