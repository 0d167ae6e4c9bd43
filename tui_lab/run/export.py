"""A run's history as a table for other programs."""

import csv
import os
from pathlib import Path
from typing import TextIO

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.run.directory import RunDirectory
from tui_lab.run.history import History

FORMATS = ("csv",)


def check_format(name: str) -> None:
    """Raises BadInput if there is no such format."""
    if name not in FORMATS:
        raise BadInput(f"There is no format '{name}': {nearest(name, FORMATS)}")


def write_csv(run: RunDirectory, out: TextIO) -> int:
    """One line a step: the step, then each metric, exactly (`repr`), or nothing where it was not recorded. The number
    of steps written. Raises BadInput if the run has no history."""
    history = History(run.history)
    try:
        metrics = history.metrics()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["step", *metrics])
        count = 0
        for step, values in history.rows():
            writer.writerow([step, *(repr(values[name]) if name in values else "" for name in metrics)])
            count += 1
        return count
    finally:
        history.close()


def export_csv(run: RunDirectory, path: Path, replace: bool = False) -> int:
    """As `write_csv`, into a file that is whole or not there. Raises BadInput if it is there already, unless it is
    to be replaced, and OSError on a full disk."""
    if path.exists() and not path.is_file():
        if path.is_dir():
            raise BadInput(f"{path} is a folder: name a file.")
        with path.open("w", newline="", encoding="utf-8") as out:
            return write_csv(run, out)
    if path.exists() and not replace:
        raise BadInput(f"{path} is there already: add --force to replace it.")
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {path.parent} to write {path.name} into.")
    return _write_whole(run, path)


def _write_whole(run: RunDirectory, path: Path) -> int:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", newline="", encoding="utf-8") as out:
            count = write_csv(run, out)
        draft.replace(path)
        return count
    finally:
        draft.unlink(missing_ok=True)
