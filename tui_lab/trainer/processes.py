"""Which of the processes that train a run this one is, as torchrun says it. Imports no torch."""

import os


class RanksBroken(BaseException):
    """A step failed on rank 0, so that the other ranks wait for it in vain: the processes have to end and start anew.
    Not an Exception: the driver must not try to go on."""


def rank() -> int:
    """This process's number among those that train the run; 0 is the trainer that viewers see."""
    return int(os.environ.get("RANK", "0"))


def several() -> bool:
    """Whether there is more than one."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1
