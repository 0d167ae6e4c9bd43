"""The model as it stands, saved for other programs: whole where it is to be, or not at all."""

import os
import shutil
import sys
import traceback
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.scenario import Scenario
from tui_lab.run.export import SAFETENSORS, WRITERS
from tui_lab.run.files import write_whole


def save_model(scenario: Scenario, form: str, path: Path, replace: bool) -> None:
    """Every scenario's parameters as safetensors, a file; or a format of the scenario's own, a folder. Raises BadInput
    for a format that there is not, and for a place that cannot be written or must not be replaced."""
    if form != SAFETENSORS and form not in scenario.formats:
        raise BadInput(f"There is no format '{form}': {nearest(form, [SAFETENSORS, *WRITERS, *scenario.formats])}")
    _check_place(path, is_file=form == SAFETENSORS, replace=replace)
    try:
        if form == SAFETENSORS:
            write_whole(path, _tensors(scenario))
        else:
            _save_folder(scenario, form, path)
    except BadInput:
        raise
    except OSError as error:
        raise BadInput(f"{error.filename or path} cannot be written: {error.strerror or error}.") from error
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        raise BadInput(f"Saving as {form} crashed with {type(error).__name__}: {error}.") from error


def _check_place(path: Path, is_file: bool, replace: bool) -> None:
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {path.parent} to write {path.name} into.")
    if path.exists() and is_file != path.is_file():
        kind = "a file, and that is no ordinary one" if is_file else "a folder, and that is a file"
        raise BadInput(f"{path} cannot be replaced: this format is {kind}; name another place.")
    if path.exists() and not replace:
        raise BadInput(f"{path} is there already: add --force to replace it.")


def _tensors(scenario: Scenario) -> bytes:
    """The parameters under their names, with all the digits that they have: `--init` reads them back."""
    return save({each.name: np.array(each.value, order="C") for each in scenario.parameters()})


def _save_folder(scenario: Scenario, form: str, path: Path) -> None:
    draft, old = (path.with_name(f".{path.name}.{role}{os.getpid()}") for role in ("new", "old"))
    draft.mkdir()
    try:
        scenario.save(form, draft)
        if path.exists():
            _check_nothing_is_lost(path, draft)
            _swap(draft, path, old)
        else:
            draft.rename(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _swap(draft: Path, path: Path, old: Path) -> None:
    path.rename(old)
    try:
        draft.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old)


def _check_nothing_is_lost(path: Path, draft: Path) -> None:
    """What is replaced must be an earlier export: a slip of the hand must not delete somebody's folder."""
    kept = sorted({each.name for each in path.iterdir()} - {each.name for each in draft.iterdir()})
    if kept:
        raise BadInput(f"{path} also holds {kept[0]}, which would be lost: name a new folder.")
