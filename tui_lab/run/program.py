"""The lab's own programs as commands: the trainer, and the viewer."""

import os
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]


def program(module: str, *words: str) -> list[str]:
    """The command that runs a module of the lab. `-P`: no file of the folder one happens to be in is ever imported."""
    return [sys.executable, "-P", "-m", module, *words]


def environment() -> dict[str, str]:
    """The environment for it. In a checkout that is not installed, Python has to be told where the lab is."""
    found = dict(os.environ)
    if (_CHECKOUT / "pyproject.toml").is_file():
        known = os.environ.get("PYTHONPATH")
        found["PYTHONPATH"] = os.pathsep.join([str(_CHECKOUT), *([known] if known else [])])
    return found
