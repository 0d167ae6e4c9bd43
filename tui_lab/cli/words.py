"""What the commands share: their common words, and how they speak and ask."""

from typing import Annotated

import typer

from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import AnyRequest
from tui_lab.run.plain import plain

Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, the beginning of it, or `latest`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else there.")]


class TrainingFailed(RuntimeError):
    """The run failed; the sentence says why."""


def ask(found: RunDirectory, request: AnyRequest) -> None:
    """Have the run's trainer do something. Raises BadInput if it refuses, TrainerGone if there is none."""
    with Client(found) as client:
        client.ask(request)


def say(sentence: str) -> None:
    """A line for people, on stderr."""
    typer.echo(plain(sentence), err=True)
