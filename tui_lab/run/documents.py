"""What the command line prints as JSON: documents of runs and scenarios."""

import json
from typing import Any

import msgspec

from tui_lab.run.catalogue import Hyperparameter, ScenarioCard
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory
from tui_lab.run.manifest import Manifest
from tui_lab.run.messages import GetReport, Report
from tui_lab.run.settings import describe

Document = dict[str, Any]

_PATIENCE = 2.0
"""Seconds that a trainer deep in a long step may take to answer before its latest report on disk has to do."""


def as_json(document: object) -> str:
    """One line of JSON in ASCII, so that nothing in it can act on a terminal; NaN and infinite numbers are null."""
    return json.dumps(json.loads(msgspec.json.encode(document)))


def latest_report(run: RunDirectory, brief: bool = False) -> Report:
    """What the trainer says, or, without one, the report on disk. Raises BadInput if the run is damaged."""
    try:
        with Client(run) as client:
            report = client.ask(GetReport(brief), timeout=_PATIENCE)
            assert isinstance(report, Report)
            return report
    except (TrainerGone, TimeoutError):
        return run.report()


def step_document(report: Report) -> Document:
    """A step that `run --headless --json` reports."""
    return {"run": report.run, "step": report.step, "epoch": report.epoch, "metrics": report.metrics}


def report_document(report: Report) -> Document:
    """How a run stands."""
    document: Document = msgspec.to_builtins(report)
    del document["type"]
    return document


def run_document(report: Report, manifest: Manifest, run: RunDirectory) -> Document:
    """How a run stands, and what makes it this run."""
    described: Document = msgspec.to_builtins(manifest)
    del described["settings"]
    return {**described, **report_document(report), "directory": str(run.path)}


def scenario_document(card: ScenarioCard) -> Document:
    """A scenario with every hyperparameter."""
    document: Document = msgspec.to_builtins(card)
    document["hyperparameters"] = [_hyperparameter_document(each) for each in card.hyperparameters]
    return {"name": document.pop("name"), **document}


def _hyperparameter_document(hyperparameter: Hyperparameter) -> Document:
    document: Document = msgspec.to_builtins(hyperparameter)
    return {**document, "range": describe(hyperparameter)}
