"""What the commands share: their common words, and how they speak and ask."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Annotated

import typer

from tui_lab.run import launch
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import AnyRequest
from tui_lab.run.plain import plain

Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, the beginning of it, or `latest`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else there.")]
_LONG = 1.0
"""Seconds after which a person asks themselves whether anything happens."""


class TrainingFailed(RuntimeError):
    """The run failed; the sentence says why."""


def ask(found: RunDirectory, request: AnyRequest) -> None:
    """Have the run's trainer do something. Raises BadInput if it refuses, TrainerGone if there is none."""
    with Client(found) as client:
        client.ask(request)


def wake(found: RunDirectory) -> None:
    """See to it that the run has a trainer. Raises BadInput or TrainerFailed."""
    with waiting(launch.STARTING):
        launch.wake(found)


@contextmanager
def waiting(sentence: str) -> Iterator[None]:
    """Around what may take its time: a person at a terminal reads the sentence, once it has taken a second, until it is
    over."""
    over = Event()

    def tell() -> None:
        if not over.wait(_LONG):
            typer.echo(sentence, err=True, nl=False)
            over.wait()
            typer.echo(f"\r{' ' * len(sentence)}\r", err=True, nl=False)

    teller = Thread(target=tell, daemon=True)
    if sys.stderr.isatty():
        teller.start()
    try:
        yield
    finally:
        over.set()
        if teller.is_alive():
            teller.join()


def say(sentence: str) -> None:
    """A line for people, on stderr."""
    typer.echo(plain(sentence), err=True)
