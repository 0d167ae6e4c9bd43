"""The command line in the test's own process, as `tui-lab` runs it."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tui_lab.cli import main


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document that stdout is."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line that stderr is."""
        assert self.out == "" and self.err.count("\n") == 1, self
        return self.err.rstrip("\n")


Command = Callable[..., Outcome]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `tui-lab` with the given words."""

    def command(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["tui-lab", *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        return Outcome(code, *capsys.readouterr())

    return command
