"""The lab's own programs as commands: the trainer, and the viewer."""

import os
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]
_SPIN = "4000"
"""Turns of GNU OpenMP's waiting loop before a thread goes to sleep: some microseconds. Two cores, a small transformer:
15,000 tokens a second (as with torch's own 300,000 turns; with none 9,000), and two runs at once 4,000 each (3,000)."""


def program(module: str, *words: str) -> list[str]:
    """The command that runs a module of the lab. `-P`: no file of the folder one happens to be in is ever imported."""
    return [sys.executable, "-P", "-m", module, *words]


def environment() -> dict[str, str]:
    """The environment for it. In a checkout that is not installed, Python has to be told where the lab is.

    Torch's threads wait for each other many times in a step. As OpenMP has it unless told otherwise, they spin for long
    while they wait: on a machine with something else to do each then waits for one that is not running. If they sleep
    at once, much time goes into waking them, also on an idle machine. Spinning for a few microseconds is nearly as fast
    as spinning on where the machine is idle, and faster where it is not.
    """
    found = dict(os.environ)
    if not found.keys() & {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}:
        found["GOMP_SPINCOUNT"] = _SPIN
    if (_CHECKOUT / "pyproject.toml").is_file():
        known = os.environ.get("PYTHONPATH")
        found["PYTHONPATH"] = os.pathsep.join([str(_CHECKOUT), *([known] if known else [])])
    return found
