"""A scenario's own Python files, read as text."""

from dataclasses import dataclass
from pathlib import Path

from tui_lab.canvas.code import Piece

_MAIN = "scenario.py"
_LARGEST = 400_000
"""Bytes. What is larger is no page of a textbook, and is not shown."""


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file's name and its lines, in pieces of one tone."""

    name: str
    lines: list[list[Piece]]


def code_files(folder: str) -> list[CodeFile]:
    """The Python files of a scenario's folder: scenario.py first, then the others by name. None is imported; one that
    cannot be read says so in place of its text."""
    paths = sorted(Path(folder).glob("*.py"), key=lambda path: (path.name != _MAIN, path.name))
    return [CodeFile(path.name, _lines(path)) for path in paths if path.name != "__init__.py" and path.is_file()]


def _lines(path: Path) -> list[list[Piece]]:
    from tui_lab.ui.highlight import highlight

    try:
        if path.stat().st_size > _LARGEST:
            return [[Piece(f"{path.name} is too large to be shown: {path.stat().st_size:,} bytes.", "comment")]]
        return highlight(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        return [[Piece(f"{path.name} cannot be read: {error.strerror}.", "comment")]]
