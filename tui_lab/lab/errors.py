"""Errors that are a person's to mend, said in one sentence."""

import difflib
from collections.abc import Iterable


class BadInput(ValueError):
    """What was wrong, where, and what would be right, in one sentence. The command line exits with 2."""


class Halt(RuntimeError):
    """Training cannot go on from here: why, with its evidence and what to do, in one sentence. A scenario raises it
    inside a step, before anything that the next step depends on is spoiled; the run then stands where it was sound."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """A hint that names the valid spelling closest to `name`, or all of them if none is close.

    >>> nearest("leraning_rate", ["learning_rate", "momentum"])
    "did you mean 'learning_rate'?"
    """
    choices = sorted(valid)
    close = difflib.get_close_matches(name, choices, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"there is {', '.join(choices)}" if choices else "there is none"
