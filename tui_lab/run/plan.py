"""Asking for a scenario's plan: what a run would need, before anything of it is made or loaded."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import ScenarioCard, Value
from tui_lab.run.launch import BAD_INPUT, TrainerFailed
from tui_lab.run.manifest import Data, data_of
from tui_lab.run.program import environment, program

_LAST_WORDS = 2000


class Question(msgspec.Struct, frozen=True):
    """A run that there may be."""

    scenario: str
    settings: dict[str, Value]
    data: Data | None = None


def plan(card: ScenarioCard, settings: Mapping[str, Value], data: Path | str | None = None) -> list[dict[str, Any]]:
    """The plan's views, each a JSON object of `tui_lab.lab.views`, from a process that may load what the scenario
    needs. Nothing is written. Raises BadInput for settings that cannot be used, TrainerFailed if the plan crashes."""
    question = Question(card.name, dict(settings), data_of(card, data))
    done = subprocess.run(
        program("tui_lab.trainer.plan"),
        input=msgspec.json.encode(question),
        env=environment(),
        capture_output=True,
        check=False,
    )
    if done.returncode == BAD_INPUT:
        raise BadInput(done.stdout.decode())
    if done.returncode:
        last = done.stderr[-_LAST_WORDS:].decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise TrainerFailed(f"The plan of {card.name} crashed (exit code {done.returncode}): {last[-1]}")
    views: list[dict[str, Any]] = json.loads(done.stdout)
    return views
