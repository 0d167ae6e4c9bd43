"""A home of their own for the runs of a benchmark."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tui_lab.run.catalogue import scenario
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory, runs
from tui_lab.run.launch import launch
from tui_lab.run.messages import Stop
from tui_lab.run.settings import settings_of


@contextmanager
def own_home() -> Iterator[None]:
    """Runs live in a temporary folder; their trainers end with it."""
    before = os.environ.get("TUI_LAB_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TUI_LAB_HOME"] = folder
        try:
            yield
        finally:
            for run in runs():
                _stop(run)
            if before is None:
                del os.environ["TUI_LAB_HOME"]
            else:
                os.environ["TUI_LAB_HOME"] = before


def start(*words: str, name: str = "linear-regression") -> RunDirectory:
    """A run that stands paused at step 0."""
    card = scenario(name)
    return launch(card, settings_of(card, words))


def _stop(run: RunDirectory) -> None:
    try:
        with Client(run) as client:
            client.ask(Stop(), timeout=60)
    except TrainerGone:
        return
    while run.trainer() is not None:
        pass
