"""A run for other programs: its history as a table, its model as a script or saved."""

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.history import History
from tui_lab.run.launch import wake
from tui_lab.run.messages import GetScript, SaveModel, Script

Writer = Callable[[RunDirectory, TextIO], str]
"""Writes a run and tells what it wrote."""


def write_csv(run: RunDirectory, out: TextIO) -> str:
    """One line a step: the step, then each metric, exactly (`repr`), or nothing where it was not recorded. Raises
    BadInput if the run has no history."""
    history = History(run.history)
    try:
        metrics = history.metrics()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["step", *metrics])
        count = 0
        for step, values in history.rows():
            writer.writerow([step, *(repr(values[name]) if name in values else "" for name in metrics)])
            count += 1
        return f"{count} steps of {run.run}"
    finally:
        history.close()


def write_script(run: RunDirectory, out: TextIO) -> str:
    """The model as it stands, as a PyTorch script, told by the trainer. Raises BadInput if the scenario has none."""
    wake(run)
    with Client(run) as client:
        script = client.ask(GetScript())
    assert isinstance(script, Script)
    out.write(script.text)
    return f"the model of {run.run} at its present step"


WRITERS: dict[str, Writer] = {"csv": write_csv, "torch": write_script}
"""The formats that are text, written here."""
SAFETENSORS = "safetensors"
"""The one that the trainer can save of every model. Further ones are the scenario's own."""


def write_to(run: RunDirectory, form: str, out: TextIO) -> str:
    """Write a text format and tell what was written. Raises BadInput for any other."""
    if form not in WRITERS:
        known = " and ".join(WRITERS)
        raise BadInput(f"Only {known} go to stdout, '{form}' does not: {nearest(form, WRITERS)}")
    return WRITERS[form](run, out)


def write_file(run: RunDirectory, form: str, path: Path, replace: bool = False) -> str:
    """Write any format to a file, or a folder, that is whole or not there, and tell what was written. Raises BadInput
    for a format that there is not, and for a place that cannot be written or must not be replaced."""
    if form in WRITERS:
        return export(run, WRITERS[form], path, replace)
    wake(run)
    with Client(run) as client:
        client.ask(SaveModel(form, str(path.absolute()), replace))
    return f"the model of {run.run} at its present step"


def export(run: RunDirectory, write: Writer, path: Path, replace: bool = False) -> str:
    """What `write` writes, in a file that is whole or not there. Raises BadInput if it is there already, unless it is
    to be replaced, and OSError on a full disk."""
    if path.exists() and not path.is_file():
        if path.is_dir():
            raise BadInput(f"{path} is a folder: name a file.")
        with path.open("w", newline="", encoding="utf-8") as out:
            return write(run, out)
    if path.exists() and not replace:
        raise BadInput(f"{path} is there already: add --force to replace it.")
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {path.parent} to write {path.name} into.")
    return _write_whole(run, write, path)


def _write_whole(run: RunDirectory, write: Writer, path: Path) -> str:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", newline="", encoding="utf-8") as out:
            written = write(run, out)
        draft.replace(path)
        return written
    finally:
        draft.unlink(missing_ok=True)
