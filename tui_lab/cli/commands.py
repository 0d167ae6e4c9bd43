"""Every command: parse, call, print."""

import math
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tui_lab import __version__
from tui_lab.cli.terminal import what_is_missing
from tui_lab.lab.errors import BadInput, nearest
from tui_lab.run import catalogue, directory, doctor, documents, ending, headless, launch, listing, settings
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory
from tui_lab.run.export import check_format, export_csv, write_csv
from tui_lab.run.messages import GRAINS, AnyRequest, Pause, Play, Report, SetValue, Step
from tui_lab.run.plain import plain

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, the beginning of it, or `latest`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else there.")]


class TrainingFailed(RuntimeError):
    """The run failed; the sentence says why."""


def run_command() -> None:
    """Do what `sys.argv` says and exit."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        try:
            app(prog_name="tui-lab")
        except BadInput as error:
            _leave(str(error), 2)
        except (launch.TrainerFailed, TrainingFailed, TrainerGone) as error:
            _leave(str(error), 1)
        except BrokenPipeError:
            raise
        except OSError as error:
            _leave(f"{error.strerror or error}: {error.filename or 'the disk'}.", 2)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has read enough. Python must not find the pipe again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tui-lab {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A debugger for gradient descent, in your terminal. Without a command it opens the app.

    Exit codes: 0 done, 1 training failed, 2 bad input, 130 interrupted.
    """


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="What to train: see `tui-lab scenarios`.")],
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="K=V", help="Set a hyperparameter; may be given often."),
    ] = None,
    steps: Annotated[
        str | None, typer.Option(metavar="N", help="Where the run ends: the same as --set steps=N.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="Where its random numbers begin.")] = 0,
    data: Annotated[Path | None, typer.Option(metavar="F", help="Train on this file.")] = None,
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
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="With --headless: a JSON line per reported step and a final one. With --detach: one.",
        ),
    ] = False,
) -> None:
    """Train a scenario, in the app or without it."""
    _check_way(paused, detach, without_app, as_json)
    card = catalogue.scenario(scenario)
    words = [*(values or []), *([] if steps is None else [f"steps={steps}"])]
    chosen = settings.settings_of(card, words)
    if without_app:
        with headless.interrupts_apart():
            _train(launch.launch(card, chosen, seed, data, init), as_json)
    started = launch.launch(card, chosen, seed, data, init)
    if detach:
        if not paused:
            _ask(started, Play())
        report = documents.latest_report(started)
        typer.echo(documents.as_json(documents.report_document(report)) if as_json else started.run)
    else:
        if not paused:
            _ask(started, Play(speed=card.speed))
        _open_app(started)


@app.command()
def scenarios(as_json: AsJson = False) -> None:
    """List what can be run, with every hyperparameter."""
    cards, broken = catalogue.survey()
    for sentence in broken:
        _say(sentence)
    if as_json:
        typer.echo(documents.as_json([documents.scenario_document(card) for card in cards]))
    else:
        from tui_lab.cli.tables import print_tables, scenario_tables

        print_tables(*scenario_tables(cards))


@app.command()
def runs(as_json: AsJson = False) -> None:
    """List what has been run, the newest first."""
    entries = listing.entries()
    if as_json:
        typer.echo(documents.as_json(entries))
    elif entries:
        from tui_lab.cli.tables import print_tables, run_table

        print_tables(run_table(entries))
    else:
        _say("There are no runs yet: start one with `tui-lab run SCENARIO`.")


@app.command()
def show(name: Run, as_json: AsJson = False) -> None:
    """Show one run: state, step, metrics, parameters."""
    found = directory.find(name)
    report = documents.latest_report(found)
    document = documents.run_document(report, found.manifest(), found)
    if as_json:
        typer.echo(documents.as_json(document))
    else:
        from tui_lab.cli.tables import print_tables, report_tables

        print_tables(*report_tables(report, document))


@app.command()
def attach(name: Run) -> None:
    """Open the app on a run."""
    _demand_terminal()
    found = directory.find(name)
    found.manifest()
    _open_app(found)


@app.command()
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
    launch.wake(found)
    _ask(found, Play(speed=speed, until=until))
    _say(f"{found.run} is playing.")


@app.command()
def pause(name: Run) -> None:
    """Hold a run where it is."""
    found = directory.find(name)
    ending.trainer_of(found)
    _ask(found, Pause())
    _say_where(found)


@app.command()
def stop(name: Run) -> None:
    """Save a run and end its trainer; `play` continues it."""
    _say(headless.summary(ending.stop(directory.find(name))))


@app.command()
def kill(name: Run) -> None:
    """End a run's trainer at once.

    What it has not saved is lost; the history up to its last second stays."""
    report = ending.kill(directory.find(name))
    _say(f"{report.run}: killed at step {report.step} of {report.last_step}; `tui-lab play` goes on from there.")


@app.command()
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
    launch.wake(found)
    _move(found, Step(count=count, grain=known[grain], back=back))
    _say_where(found)


@app.command("set")
def set_value(
    name: Run,
    word: Annotated[str, typer.Argument(metavar="K=V", help="learning_rate=0.1, or a=0.5, or layer1.W[0,3]=0.5.")],
) -> None:
    """Change a live hyperparameter, or one number of a parameter."""
    found = directory.find(name)
    change = _change(found, word)
    launch.wake(found)
    _ask(found, change)
    _say_where(found)


@app.command()
def export(
    name: Run,
    out: Annotated[str, typer.Argument(metavar="OUT", help="The file to write, or - for stdout.")],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="csv: every step with its metrics.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there already.")] = False,
) -> None:
    """Write a run's history for other programs."""
    check_format(form)
    found = directory.find(name)
    if out == "-":
        write_csv(found, sys.stdout)
    else:
        count = export_csv(found, Path(out), force)
        _say(f"{out} has {count} steps of {found.run}.")


@app.command("doctor")
def examine(as_json: AsJson = False) -> None:
    """Say what machine and terminal can do, and what to fix."""
    findings = doctor.examine()
    if as_json:
        typer.echo(documents.as_json(findings))
    else:
        from tui_lab.cli.tables import finding_table, print_tables

        print_tables(finding_table(findings))


def _check_way(paused: bool, detach: bool, without_app: bool, as_json: bool) -> None:
    if without_app and (paused or detach):
        other = "--paused" if paused else "--detach"
        raise BadInput(f"--headless and {other} contradict each other: --headless trains to the end; leave one out.")
    if as_json and not (without_app or detach):
        raise BadInput("--json goes with --headless or --detach: the app prints nothing.")
    if not (without_app or detach):
        _demand_terminal()


def _demand_terminal() -> None:
    if missing := what_is_missing():
        raise BadInput(missing)


def _open_app(found: RunDirectory) -> None:
    from tui_lab.ui.app import run_app

    run_app(found)


def _train(started: RunDirectory, as_json: bool) -> NoReturn:
    try:
        with headless.listening(as_json) as listener:
            report = headless.play(started, listener)
    except KeyboardInterrupt:
        _say("Saving the run; Ctrl+C again leaves it running.")
        report = ending.stop(started)
    if as_json:
        typer.echo(documents.as_json(documents.report_document(report)))
    _say(headless.summary(report))
    if report.status == "failed":
        _say(f"Look at it with `tui-lab attach {report.run}`.")
    elif report.status != "finished":
        _say(f"Look at it with `tui-lab attach {report.run}`, go on with `tui-lab play {report.run}`.")
    raise typer.Exit(headless.exit_code(report))


def _ask(found: RunDirectory, request: AnyRequest) -> None:
    with Client(found) as client:
        client.ask(request)


def _move(found: RunDirectory, move: Step) -> None:
    try:
        _ask(found, move)
    except BadInput as error:
        report = documents.latest_report(found)
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
        if not hyperparameter.live:
            live = ", ".join(each.name for each in card.hyperparameters if each.live)
            raise BadInput(f"{name} is fixed when a run begins: start a new one, or change one of {live}.")
    return SetValue(name, value)


def _say_where(found: RunDirectory) -> None:
    report: Report = documents.latest_report(found)
    inside = f", {report.phase} done" if report.phase not in ("", "update") else ""
    _say(headless.summary(report).removesuffix(".") + f"{inside}.")


def _say(sentence: str) -> None:
    typer.echo(plain(sentence), err=True)


def _leave(sentence: str, code: int) -> None:
    _say(sentence)
    sys.exit(code)
