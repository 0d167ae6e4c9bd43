"""What this machine and this terminal can do, and what to fix."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

import msgspec
import psutil

from tui_lab import __version__
from tui_lab.run import accelerators
from tui_lab.run.catalogue import survey
from tui_lab.run.directory import home
from tui_lab.run.file_system import on_network
from tui_lab.run.finding import Finding
from tui_lab.run.program import environment, program

_GIB = 1024**3
_ROOM = 1.0
"""GiB of memory, and of disk, below which there is a warning."""


def examine(deep: bool = False) -> list[Finding]:
    """Everything that can be found out without asking the terminal. What trains is only loaded, and tried, if the
    examination is to be deep: that takes some ten seconds."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (_software, _scenarios, _machine, _accelerators, _storage)
    found = [finding for check in (*checks, _tried) if deep or check is not _tried for finding in check()]
    return [*found, *examine_terminal(os.environ, sys.stdout.isatty(), shutil.get_terminal_size())]


def examine_terminal(environment: Mapping[str, str], is_terminal: bool, size: os.terminal_size) -> list[Finding]:
    """What the environment says of a terminal of that size in columns and lines."""
    term, colour = environment.get("TERM", ""), environment.get("COLORTERM", "")
    encoding = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    utf8 = re.search("utf-?8", encoding, re.IGNORECASE) is not None
    true_colour = colour in ("truecolor", "24bit")
    enough = size.columns >= 80 and size.lines >= 24
    findings = [
        _finding(
            "terminal",
            is_terminal,
            "yes" if is_terminal else "no",
            "start tui-lab in a terminal to see the app",
        ),
        _finding("TERM", term not in ("", "dumb"), term or "not set", "export TERM=xterm-256color"),
        _finding(
            "colours",
            true_colour,
            colour or "256 or fewer",
            "if your terminal can: export COLORTERM=truecolor",
        ),
        _finding(
            "size",
            enough,
            f"{size.columns}×{size.lines}",
            "the panes become tabs below 80×24: make it larger",
        ),
        _finding(
            "locale",
            utf8,
            encoding or "not set",
            "export LANG=C.UTF-8, or charts and letters will be question marks",
        ),
        Finding(
            "braille",
            True,
            "⠁⠃⠇⡇⣇⣧⣷⣿",
            "if you see boxes there, choose a font with braille, such as DejaVu Sans Mono",
        ),
    ]
    if "NO_COLOR" in environment:
        findings.append(_finding("NO_COLOR", False, "set", "the surface needs colour: unset NO_COLOR"))
    return [*findings, *_surroundings(environment)]


def _surroundings(environment: Mapping[str, str]) -> Iterator[Finding]:
    if environment.get("TMUX"):
        yield Finding("tmux", True, "yes", "if colours look coarse: set -as terminal-features ',*:RGB' in ~/.tmux.conf")
    if environment.get("SSH_CONNECTION"):
        yield Finding("SSH", True, "yes: runs go on when the connection drops")


def _software() -> Iterator[Finding]:
    yield Finding("tui-lab", True, __version__)
    yield Finding("Python", True, f"{platform.python_version()} at {sys.executable}")
    for package in _required():
        yield _package(package)


def _required() -> list[str]:
    """The packages that tui-lab asks for, without its extras."""
    try:
        requirements = metadata.requires("tui-lab") or []
    except metadata.PackageNotFoundError:
        return []
    return [re.split(r"[^\w.-]", requirement)[0] for requirement in requirements if "extra ==" not in requirement]


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", f"{sys.executable} -m pip install {name}")


def _scenarios() -> Iterator[Finding]:
    cards, sentences = survey()
    yield _finding("scenarios", bool(cards), ", ".join(card.name for card in cards) or "none", "install tui-lab again")
    for sentence in sentences:
        yield Finding("scenarios", False, sentence, "mend the file, or move its folder away")
    for package in sorted({package for card in cards for package in card.requires} - set(_required())):
        yield _package(package)


def _machine() -> Iterator[Finding]:
    usable = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else os.cpu_count()
    yield Finding("CPU", True, f"{usable} of {os.cpu_count()} cores usable, {platform.machine()}")
    memory = psutil.virtual_memory()
    free, total = memory.available / _GIB, memory.total / _GIB
    yield _finding("memory", free >= _ROOM, f"{free:.1f} of {total:.1f} GiB free", "close what you do not need")


def _accelerators() -> Iterator[Finding]:
    yield from accelerators.findings(accelerators.machine())


def _tried() -> Iterator[Finding]:
    """What a process of its own says that imports torch and bitsandbytes and computes with them."""
    done = subprocess.run(program("tui_lab.trainer.probe"), env=environment(), capture_output=True, check=False)
    try:
        yield from msgspec.json.decode(done.stdout, type=list[Finding])
    except msgspec.MsgspecError:
        last = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        yield Finding("torch, tried", False, f"the process died: {last[-1]}", f"{sys.executable} -c 'import torch'")


def _storage() -> Iterator[Finding]:
    folder = home()
    place = next(path for path in (folder, *folder.parents) if path.exists())
    yield Finding("runs", True, str(folder / "runs"))
    yield _finding(
        "writable",
        _writable(place),
        str(place),
        "chown it to yourself, or set TUI_LAB_HOME to another folder",
    )
    network = on_network(place)
    yield Finding("file system", True, "network: histories are kept in a slower, safer way" if network else "local")
    free = shutil.disk_usage(place).free / _GIB
    yield _finding(
        "disk", free >= _ROOM, f"{free:.1f} GiB free", "free some space, or set TUI_LAB_HOME to another disk"
    )


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _finding(subject: str, ok: bool, found: str, remedy: str) -> Finding:
    return Finding(subject, ok, found, "" if ok else remedy)
