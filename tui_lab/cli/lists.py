"""The commands that tell: scenarios, runs, one run, its history, this machine."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_lab.cli.words import AsJson, Run, say
from tui_lab.run import catalogue, directory, documents, listing
from tui_lab.run import doctor as machine
from tui_lab.run.export import write_file, write_to


def scenarios(
    name: Annotated[str | None, typer.Argument(metavar="SCENARIO", help="Only this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what can be run, with every hyperparameter."""
    cards, broken = ([catalogue.scenario(name)], []) if name else catalogue.survey()
    for sentence in broken:
        say(sentence)
    if as_json:
        typer.echo(documents.as_json([documents.scenario_document(card) for card in cards]))
    else:
        from tui_lab.cli.tables import print_tables, scenario_tables

        print_tables(*scenario_tables(cards))


def runs(as_json: AsJson = False) -> None:
    """List what has been run, the newest first."""
    entries = listing.entries()
    if as_json:
        typer.echo(documents.as_json(entries))
    elif entries:
        from tui_lab.cli.tables import print_tables, run_table

        print_tables(run_table(entries))
    else:
        say("There are no runs yet: start one with `tui-lab run SCENARIO`.")


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


def export(
    name: Run,
    out: Annotated[str, typer.Argument(metavar="OUT", help="The file or folder to write, or - for stdout.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="csv: every step with its metrics; torch: the model as a script; safetensors: its parameters; and "
            "those of the scenario's own that `tui-lab show` names.",
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace what is there already.")] = False,
) -> None:
    """Write a run's history, or its model, for other programs."""
    found = directory.find(name)
    if out == "-":
        write_to(found, form, sys.stdout)
    else:
        say(f"{out} has {write_file(found, form, Path(out), force)}.")


def doctor(
    as_json: AsJson = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also load torch and bitsandbytes and try them: some ten seconds.")
    ] = False,
) -> None:
    """Say what machine and terminal can do, and what to fix."""
    findings = machine.examine(deep)
    if as_json:
        typer.echo(documents.as_json(findings))
    else:
        from tui_lab.cli.tables import finding_table, print_tables

        print_tables(finding_table(findings))
