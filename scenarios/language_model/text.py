"""The text to learn from, cut into pieces (a story, a letter, a review, …), some of which are held out."""

import re
from dataclasses import dataclass
from pathlib import Path

from tui_lab.lab.csv_table import printable
from tui_lab.lab.errors import BadInput

SHIPPED = Path(__file__).parent / "text"
"""Texts written for this project; LICENCE.txt beside them says what may be done with them."""
_SEPARATORS = (r"\n{3,}", r"\n{2,}", r"\n")
"""What may lie between two pieces, from large pieces to small ones."""
_EVERY = 10
"""Every tenth piece is held out."""
_SHORTEST, _LARGEST = 1_000, 32_000_000
"""Characters, and bytes, of a text that can be learned from."""
_BLOCKS = 20
"""A text without any line breaks is cut into so many blocks."""


@dataclass(frozen=True, slots=True)
class Text:
    """Pieces to learn from and pieces held out; no piece is among both."""

    title: str
    training: list[str]
    held_out: list[str]

    @property
    def characters(self) -> int:
        """Of all pieces."""
        return sum(map(len, self.training)) + sum(map(len, self.held_out))


def read_text(data: Path | None = None) -> Text:
    """The shipped text, or a file's. Raises BadInput for what is no text to learn from."""
    if data is None:
        return divided("the shipped text", shipped_text())
    return divided(printable(data.name), _read(data))


def shipped_text() -> str:
    """All shipped texts, one after the other."""
    files = [path for path in sorted(SHIPPED.glob("*.txt")) if path.stem != "LICENCE"]
    return "\n\n\n".join(path.read_text(encoding="utf-8").strip() for path in files)


def divided(title: str, text: str) -> Text:
    """The pieces of a text, every tenth of them held out. A piece that occurs again is one to learn from. Raises
    BadInput where nothing could be learned, or held out."""
    check(title, text)
    pieces = pieces_of(text)
    training = [piece for number, piece in enumerate(pieces, 1) if number % _EVERY]
    known = set(training)
    held_out = [piece for piece in pieces[_EVERY - 1 :: _EVERY] if piece not in known]
    if not held_out:
        raise BadInput(f"{title} says the same again and again: no part of it could be held out that is new.")
    return Text(title, training, held_out)


def check(title: str, text: str) -> None:
    """Raises BadInput for a text that is empty, too short, or one character again and again."""
    signs = set("".join(text.split()))
    if not signs:
        raise BadInput(f"{title} is empty: give at least {_SHORTEST:,} characters of text.")
    if len(signs) == 1:
        sign = printable(signs.pop())
        raise BadInput(f"{title} is one character, '{sign}', again and again: there is nothing to predict in it.")
    if len(text.strip()) < _SHORTEST:
        raise BadInput(f"{title} has only {len(text.strip()):,} characters: give at least {_SHORTEST:,}.")


def pieces_of(text: str) -> list[str]:
    """What lies between two or more empty lines; if that is too little to hold some out, between empty lines, or line
    ends; and blocks of one length of a text that has not even those."""
    for separator in _SEPARATORS:
        pieces = [piece.strip() for piece in re.split(separator, text)]
        pieces = [piece for piece in pieces if piece]
        if len(pieces) >= _EVERY:
            return pieces
    text = text.strip()
    length = -(-len(text) // _BLOCKS)
    return [text[start : start + length] for start in range(0, len(text), length)]


def _read(path: Path) -> str:
    """A file's text, its line ends as \\n. Raises BadInput."""
    name = printable(path.name)
    try:
        if not path.is_file():
            raise BadInput(f"{printable(str(path), 200)} is not a file: give a text file.")
        if path.stat().st_size > _LARGEST:
            raise BadInput(f"{name} has {path.stat().st_size:,} bytes: give at most {_LARGEST:,}.")
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{printable(str(path), 200)} cannot be read: {error.strerror}.") from error
    if b"\0" in content:
        place = content.index(b"\0")
        raise BadInput(f"{name} is no text: byte {place:,} of it is 0; save text as UTF-8, without formatting.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text, see byte {error.start:,}: save it as UTF-8.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
