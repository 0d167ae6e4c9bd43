"""The commands that begin to train, and that open the app."""

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tui_lab.cli.terminal import what_is_missing
from tui_lab.cli.words import Run, ask, say, waiting
from tui_lab.lab.errors import BadInput
from tui_lab.run import catalogue, directory, documents, ending, headless, launch, plan, settings
from tui_lab.run.catalogue import ScenarioCard, Value
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Play
from tui_lab.run.program import environment, program


def run(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="What to train: see `tui-lab scenarios`.")],
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="K=V", help="Set a hyperparameter, or preset=NAME for several; may be given often."
        ),
    ] = None,
    steps: Annotated[
        str | None, typer.Option(metavar="N", help="Where the run ends: the same as --set steps=N.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="Where its random numbers begin.")] = 0,
    data: Annotated[
        str | None, typer.Option(metavar="F", help="Train on this file, or on a hub's data set by its id.")
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option(metavar="F", help="Begin with these parameters: a safetensors or JSON file."),
    ] = None,
    paused: Annotated[bool, typer.Option("--paused", help="Wait before the first step.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Print the run's id and return; training goes on.")] = False,
    without_app: Annotated[
        bool,
        typer.Option("--headless", help="Train flat out without the app, to the end; Ctrl+C saves and stops."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what the run would need, in memory above all; make nothing.")
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="With --headless: a JSON line per reported step and a final one. With --detach or --dry-run: one.",
        ),
    ] = False,
) -> None:
    """Train a scenario, in the app or without it."""
    _check_way(paused, detach, without_app, dry_run, as_json)
    card = catalogue.scenario(scenario)
    words = [*(values or []), *([] if steps is None else [f"steps={steps}"])]
    chosen = settings.settings_of(card, words)
    if dry_run:
        _tell_plan(card, chosen, data, as_json)
        return
    if without_app:
        with headless.interrupts_apart():
            _train(_begin(card, chosen, seed, data, init), as_json)
    started = _begin(card, chosen, seed, data, init)
    if detach:
        if not paused:
            ask(started, Play())
        report = documents.latest_report(started)
        typer.echo(documents.as_json(documents.report_document(report)) if as_json else started.run)
    else:
        if not paused:
            ask(started, Play(speed=card.speed))
        _open_app(started)


def _begin(
    card: ScenarioCard, chosen: dict[str, Value], seed: int, data: str | None, init: Path | None
) -> RunDirectory:
    with waiting(launch.STARTING):
        return launch.launch(card, chosen, seed, data, init, _tell_nodes)


def _tell_nodes(created: RunDirectory) -> None:
    """Training on several machines begins when all of them have come."""
    if command := launch.command_of_node(created):
        say("Waiting for the other machines. On each, with its number from 1 for N:")
        say(command)


def _tell_plan(card: ScenarioCard, chosen: dict[str, Value], data: str | None, as_json: bool) -> None:
    views = plan.plan(card, chosen, data)
    if as_json:
        typer.echo(documents.as_json({"scenario": card.name, "settings": chosen, "views": views}))
    else:
        from tui_lab.cli.tables import plan_tables, print_tables

        print_tables(*plan_tables(views))


def attach(name: Run) -> None:
    """Open the app on a run."""
    _demand_terminal()
    found = directory.find(name)
    found.manifest()
    _open_app(found)


def _check_way(paused: bool, detach: bool, without_app: bool, dry_run: bool, as_json: bool) -> None:
    given = {"--paused": paused, "--detach": detach, "--headless": without_app}
    others = [name for name, there in given.items() if there]
    if dry_run and others:
        raise BadInput(f"--dry-run and {others[0]} contradict each other: --dry-run trains nothing; leave one out.")
    if without_app and len(others) > 1:
        raise BadInput(
            f"--headless and {others[0]} contradict each other: --headless trains to the end; leave one out."
        )
    if as_json and not (without_app or detach or dry_run):
        raise BadInput("--json goes with --headless, --detach or --dry-run: the app prints nothing.")
    if not (without_app or detach or dry_run):
        _demand_terminal()


def _demand_terminal() -> None:
    if missing := what_is_missing():
        raise BadInput(missing)


def _open_app(found: RunDirectory) -> NoReturn:
    """Become the viewer: the memory that the command line needed is not to be held for as long as somebody watches."""
    command = program("tui_lab.ui", str(found.path))
    os.execve(command[0], command, environment())


def _train(started: RunDirectory, as_json: bool) -> NoReturn:
    try:
        with headless.listening(as_json) as listener:
            report = headless.play(started, listener)
    except KeyboardInterrupt:
        say("Saving the run; Ctrl+C again leaves it running.")
        report = ending.stop(started) if started.trainer() else started.report()
    if as_json:
        typer.echo(documents.as_json(documents.report_document(report)))
    say(headless.summary(report))
    if report.status == "failed":
        say(f"Look at it with `tui-lab attach {report.run}`.")
    elif report.status != "finished":
        say(f"Look at it with `tui-lab attach {report.run}`, go on with `tui-lab play {report.run}`.")
    raise typer.Exit(headless.exit_code(report))
