"""The lab's own programs as commands: the trainer, and the viewer."""

import os
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]


def program(module: str, *words: str) -> list[str]:
    """The command that runs a module of the lab. `-P`: no file of the folder one happens to be in is ever imported."""
    return [sys.executable, "-P", "-m", module, *words]


def environment() -> dict[str, str]:
    """The environment for it. In a checkout that is not installed, Python has to be told where the lab is.

    Torch's threads wait for each other many times in a step. If they do so by spinning, as OpenMP has it unless told
    otherwise, then on a machine with something else to do each waits for one that is not running: a small transformer
    on two busy cores learned from 100 tokens a second, and from 4,200 when the threads sleep instead.
    """
    found = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}
    if (_CHECKOUT / "pyproject.toml").is_file():
        known = os.environ.get("PYTHONPATH")
        found["PYTHONPATH"] = os.pathsep.join([str(_CHECKOUT), *([known] if known else [])])
    return found
