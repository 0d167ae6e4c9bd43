"""Rows of a data file, each with where it stands, so that a bad one can be found."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from tui_lab.lab.errors import BadInput, nearest

from .hub import found_on_hub

_HELD_OUT_PARTS = ("test", "validation", "valid", "dev")


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row by column, and where it stands: `Line 3 of reviews.csv`."""

    where: str
    values: dict[str, Any]


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a JSONL, CSV or parquet file. Raises BadInput for what is not one, with the line."""
    readers = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    if path.suffix not in readers:
        raise BadInput(f"{path.name} is no data file that can be read: {nearest(path.suffix, readers)}.")
    try:
        yield from readers[path.suffix](path)
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text: byte {error.start} is not.") from None
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error}.") from None


def read_hub(name: str) -> tuple[list[Row], list[Row]]:
    """The training rows of a data set on the hub, and its rows for testing or none. Raises BadInput."""
    import datasets  # takes as long to load as half of torch, and only data from the hub need it

    source = found_on_hub(name, "dataset")
    try:
        parts = datasets.load_dataset(source)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's data set makes the library raise
        raise BadInput(f"The data set {name} cannot be read: {error}") from None
    if "train" not in parts:
        raise BadInput(f"The data set {name} has no part called train: there is {', '.join(parts)}.")
    held_out = next((part for part in _HELD_OUT_PARTS if part in parts), None)
    return _hub_rows(name, parts["train"]), _hub_rows(name, parts[held_out]) if held_out else []


def _hub_rows(name: str, part: Any) -> list[Row]:
    """With the names of labels in place of their numbers, where the data set has names."""
    label = part.features.get("label")
    names: list[str] | None = getattr(label, "names", None)
    rows = []
    for count, values in enumerate(part, 1):
        if names and isinstance(values.get("label"), int) and 0 <= values["label"] < len(names):
            values = {**values, "label": names[values["label"]]}
        rows.append(Row(f"Row {count} of {name}", values))
    return rows


def _jsonl(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for count, line in enumerate(file, 1):
            if line.strip():
                yield Row(f"Line {count} of {path.name}", _object(f"Line {count} of {path.name}", line))


def _object(where: str, line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where} is not JSON: {error}.") from None
    if not isinstance(values, dict):
        raise BadInput(f'{where} is not a JSON object: each line has one, such as {{"text": …, "label": …}}.')
    return values


def _csv(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            head = [name.strip() for name in next(reader, [])]
            for cells in reader:
                where = f"Line {reader.line_num} of {path.name}"
                if not cells:
                    continue
                if len(cells) != len(head):
                    raise BadInput(f"{where} has {len(cells)} cells, but the first line has {len(head)} names.")
                yield Row(where, dict(zip(head, cells, strict=True)))
        except csv.Error as error:
            raise BadInput(f"Line {reader.line_num} of {path.name} is not CSV: {error}.") from None


def _parquet(path: Path) -> Iterator[Row]:
    try:
        rows = pyarrow.parquet.read_table(path).to_pylist()
    except (pyarrow.ArrowException, ValueError) as error:
        raise BadInput(f"{path.name} is not a parquet file: {error}.") from None
    for count, values in enumerate(rows, 1):
        yield Row(f"Row {count} of {path.name}", values)
