"""The two ways to end a trainer: to stop it, which saves, and to kill it. Leaving a run is neither."""

import socket
import time

import psutil

from tui_lab.lab.errors import BadInput
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory, Trainer
from tui_lab.run.messages import Report, Stop

_PATIENCE = 0.01


def trainer_of(run: RunDirectory) -> Trainer:
    """The run's trainer. Raises BadInput with the run's status if it has none."""
    trainer = run.trainer()
    if trainer is None:
        raise BadInput(f"Run {run.run} is not running: it is {run.report().status}.")
    return trainer


def stop(run: RunDirectory) -> Report:
    """Save the run and end its trainer; the report that is left. Raises BadInput if there is no trainer."""
    trainer_of(run)
    try:
        with Client(run) as client:
            client.ask(Stop())
    except TrainerGone:
        # It may have ended by itself in between: a run that has ended keeps its trainer for a moment only.
        pass
    _await_end(run)
    return run.report()


def kill(run: RunDirectory) -> Report:
    """End the trainer at once, saving nothing, and tell what is left. Raises BadInput if there is no trainer here."""
    trainer = trainer_of(run)
    if trainer.host != socket.gethostname():
        raise BadInput(f"Run {run.run} is trained on {trainer.host}: kill it there.")
    try:
        process = psutil.Process(trainer.pid)
        if trainer.alive():
            process.kill()
    except psutil.NoSuchProcess:
        pass
    except psutil.AccessDenied:
        raise BadInput(f"The trainer of run {run.run}, process {trainer.pid}, belongs to somebody else.") from None
    _await_end(run)
    return run.report()


def _await_end(run: RunDirectory) -> None:
    while run.trainer() is not None:
        time.sleep(_PATIENCE)
