"""The commands that steer a run: what the app's keys do."""

import math
from typing import Annotated

import typer

from tui_lab.cli.words import Run, TrainingFailed, ask, say, wake
from tui_lab.lab.errors import BadInput, nearest
from tui_lab.run import catalogue, directory, documents, ending, headless, settings
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import GRAINS, Pause, Play, Report, SetValue, Step


def play(
    name: Run,
    speed: Annotated[float | None, typer.Option(metavar="X", help="Steps a second; without it flat out.")] = None,
    until: Annotated[
        int | None, typer.Option(metavar="STEP", min=1, help="Pause there; without it play to the end.")
    ] = None,
) -> None:
    """Let a run train; returns at once."""
    if speed is not None and not 0 < speed < math.inf:
        raise BadInput(f"--speed cannot be {speed}: it is a number of steps a second above 0.")
    found = directory.find(name)
    wake(found)
    ask(found, Play(speed=speed, until=until))
    say(f"{found.run} is playing.")


def pause(name: Run) -> None:
    """Hold a run where it is."""
    found = directory.find(name)
    ending.trainer_of(found)
    ask(found, Pause())
    _say_where(found)


def stop(name: Run) -> None:
    """Save a run and end its trainer; `play` continues it."""
    say(headless.summary(ending.stop(directory.find(name))))


def kill(name: Run) -> None:
    """End a run's trainer at once.

    What it has not saved is lost; the history up to its last second stays."""
    report = ending.kill(directory.find(name))
    say(f"{report.run}: killed at step {report.step} of {report.last_step}; `tui-lab play` goes on from there.")


def step(
    name: Run,
    count: Annotated[int, typer.Argument(metavar="N", min=1, help="How many.")] = 1,
    back: Annotated[bool, typer.Option("--back", help="Backward.")] = False,
    grain: Annotated[str, typer.Option(metavar="GRAIN", help=f"How far one is: {', '.join(GRAINS)}.")] = "step",
) -> None:
    """Go forward or back; returns when it is done."""
    known = {grain: grain for grain in GRAINS}
    if grain not in known:
        raise BadInput(f"There is no grain '{grain}': {nearest(grain, GRAINS)}")
    found = directory.find(name)
    wake(found)
    _move(found, Step(count=count, grain=known[grain], back=back))
    _say_where(found)


def set_value(
    name: Run,
    word: Annotated[
        str, typer.Argument(metavar="K=V", help="learning_rate=0.1, prompt=..., a=0.5, or layer1.W[0,3]=0.5.")
    ],
) -> None:
    """Change a live hyperparameter, a look, or one parameter entry."""
    found = directory.find(name)
    change = _change(found, word)
    wake(found)
    ask(found, change)
    _say_where(found)


def _move(found: RunDirectory, move: Step) -> None:
    try:
        ask(found, move)
    except BadInput as error:
        report = documents.latest_report(found, brief=True)
        if report.status == "failed" and report.reason == str(error):
            raise TrainingFailed(str(error)) from error
        raise


def _change(found: RunDirectory, word: str) -> SetValue:
    name, separator, value = word.partition("=")
    if not separator:
        raise BadInput(f"'{word}' is not a setting: write it as key=value, such as learning_rate=0.1.")
    card = catalogue.scenario(found.manifest().scenario)
    if name in [hyperparameter.name for hyperparameter in card.hyperparameters]:
        hyperparameter = settings.hyperparameter_of(card, name)
        settings.parse(hyperparameter, value)
        if not (hyperparameter.live or hyperparameter.look):
            live = ", ".join(each.name for each in card.hyperparameters if each.live or each.look)
            raise BadInput(f"{name} is fixed when a run begins: start a new one, or change one of {live}.")
    return SetValue(name, value)


def _say_where(found: RunDirectory) -> None:
    report: Report = documents.latest_report(found, brief=True)
    inside = f", {report.phase} done" if report.phase not in ("", "update") else ""
    say(headless.summary(report).removesuffix(".") + f"{inside}.")
