"""Making a run and starting its trainer, a process in an OS session of its own that outlives whoever started it."""

import os
import random
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import ScenarioCard, Value
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory, home
from tui_lab.run.manifest import FileReference, Manifest, data_of, now, versions
from tui_lab.run.messages import Report
from tui_lab.run.program import environment, program

BAD_INPUT = 2
"""The trainer's exit code when what it was given cannot be trained."""
REFUSED = "refused"
"""The file that says the same where torchrun stands between."""
DISK_FULL = 4
"""Its exit code when it could not write its first files."""
STARTING = "Starting: the trainer loads what it computes with, then model and data …"
"""What to say to a person meanwhile."""
_PATIENCE = 0.01


class TrainerFailed(RuntimeError):
    """The trainer died before it could listen; the sentence says where its log is."""


def create(
    card: ScenarioCard,
    settings: Mapping[str, Value],
    seed: int = 0,
    data: Path | str | None = None,
    init: Path | None = None,
) -> RunDirectory:
    """A new run directory with its manifest; `data` is a path, or text that may also be a data set's id. Raises
    BadInput for what the scenario does not take, OSError on a full disk; either way nothing is left behind."""
    data_reference = data_of(card, data)
    init_reference = FileReference.of(init, "--init") if init else None
    draft = _new_draft(card.name)
    name = draft.run.removeprefix(".")
    manifest = Manifest(
        run=name,
        scenario=card.name,
        settings=dict(settings),
        seed=seed,
        created=now(),
        data=data_reference,
        init=init_reference,
        versions=versions(card.requires),
    )
    report = Report(run=name, scenario=card.name, status="starting", step=0, epoch=0, metrics={}, state_hash=None)
    try:
        draft.write("run.json", manifest)
        draft.write("report.json", report)
        return RunDirectory(draft.path.rename(draft.path.with_name(name)))
    except (OSError, KeyboardInterrupt):
        shutil.rmtree(draft.path)
        raise


def launch(
    card: ScenarioCard,
    settings: Mapping[str, Value],
    seed: int = 0,
    data: Path | str | None = None,
    init: Path | None = None,
    created: Callable[[RunDirectory], None] | None = None,
) -> RunDirectory:
    """A new run with a trainer that listens, paused before its first step. Nothing is left behind if that fails for a
    reason that the user can mend (BadInput) or by Ctrl+C; after a crash (TrainerFailed) the run stays, with its log.
    `created` is told of the run before its trainer starts."""
    run = create(card, settings, seed, data, init)
    try:
        if created is not None:
            created(run)
        wake(run)
    except (BadInput, KeyboardInterrupt):
        run.delete()
        raise
    return run


def wake(run: RunDirectory) -> None:
    """See to it that the run has a trainer that listens; it continues where the run stopped. Raises BadInput or
    TrainerFailed. Several callers may do so at once: the run's lock lets one trainer live."""
    process = None
    try:
        while not _listens(run):
            if process is None and not _is_trained(run):
                process = _start(run)
            if process is not None and process.poll() is not None and not _listens(run):
                _explain(run, process.returncode)
                process = None
            time.sleep(_PATIENCE)
    except KeyboardInterrupt:
        if process is not None:
            process.kill()
            process.wait()
        raise


def _is_trained(run: RunDirectory) -> bool:
    trainer = run.trainer()
    if trainer is not None and trainer.host != socket.gethostname():
        raise BadInput(
            f"Run {run.run} is trained on {trainer.host}: ask there, or, if that machine is gone, delete "
            f"{run.path / 'trainer.json'}."
        )
    return trainer is not None


def _start(run: RunDirectory) -> "subprocess.Popen[bytes]":
    for read in (run.manifest, run.report):
        read()  # a damaged run is told here, not in a trainer's log
    with run.log.open("ab") as log:
        return subprocess.Popen(
            _command(run),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _command(run: RunDirectory) -> list[str]:
    """The trainer, or torchrun with as many of them as the settings `processes` and `nodes` say: this machine is node
    0, where rank 0 is."""
    settings = run.manifest().settings
    processes, nodes = int(settings.get("processes", 1)), int(settings.get("nodes", 1))
    if processes * nodes == 1:
        return program("tui_lab.trainer", str(run.path))
    meeting = ["--standalone"] if nodes == 1 else ["--nnodes", str(nodes), "--node-rank", "0", *_address()]
    each = ["--nproc-per-node", str(processes), "-m", "tui_lab.trainer", str(run.path)]
    return program("torch.distributed.run", *meeting, *each)


def command_of_node(run: RunDirectory) -> str:
    """What one types on each further machine that trains the run, with its number for N; empty if there is none. The
    run directory has to be on a disk that all of them see."""
    settings = run.manifest().settings
    nodes = int(settings.get("nodes", 1))
    if nodes == 1:
        return ""
    meeting = ["--nnodes", str(nodes), "--node-rank", "N", *_address()]
    words = [*meeting, "--nproc-per-node", str(settings["processes"]), "-m", "tui_lab.trainer", str(run.path)]
    return shlex.join(["torchrun", *words])


def _address() -> list[str]:
    """Where the nodes meet: what the user's environment says, in the words that torchrun's users know."""
    if "MASTER_ADDR" not in os.environ:
        raise BadInput(
            "Several nodes meet at an address that all can reach: export MASTER_ADDR=this machine's name first."
        )
    return ["--master-addr", os.environ["MASTER_ADDR"], "--master-port", os.environ.get("MASTER_PORT", "29500")]


def _listens(run: RunDirectory) -> bool:
    if run.trainer() is None:
        return False  # a process being killed may still take connections
    try:
        Client(run).close()
    except TrainerGone:
        return False
    return True


def _explain(run: RunDirectory, code: int) -> None:
    if code == 0:
        return
    if code == BAD_INPUT or _refused(run):
        raise BadInput(run.report().reason)
    if code == DISK_FULL:
        raise BadInput(f"{run.path} cannot be written: the disk is full; free some space.")
    raise TrainerFailed(
        f"The trainer of run {run.run} died before it could start (exit code {code}); its log is {run.log}."
    )


def _refused(run: RunDirectory) -> bool:
    """Whether one of several trainers found something that the user can mend: torchrun hides exit codes."""
    path = run.path / REFUSED
    refused = path.is_file()
    path.unlink(missing_ok=True)
    return refused


def _new_draft(scenario: str) -> RunDirectory:
    """A hidden directory that becomes the run when it is complete: nobody meets a run without a manifest."""
    folder = home() / "runs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        name = f"{_syllables(2)}-{scenario}"
        draft = folder / f".{name}"
        with suppress(FileExistsError):
            draft.mkdir(mode=0o700)
            if not (folder / name).exists():
                return RunDirectory(draft)
            draft.rmdir()


def _syllables(count: int) -> str:
    """A word that one can say and type: run ids begin with one, so that a prefix of four letters is unique."""
    draw = random.SystemRandom()
    return "".join(draw.choice("bdfghjklmnprstvz") + draw.choice("aeiou") for _ in range(count))
