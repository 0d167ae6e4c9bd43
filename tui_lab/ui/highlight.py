"""Python's text in tones: keywords, names that are being defined, strings, numbers, comments."""

import io
import keyword
import token
import tokenize
from collections.abc import Iterator

from tui_lab.canvas.code import Piece, Tone

_DEFINING = {"def", "class"}
_TONES: dict[str, Tone] = {"COMMENT": "comment", "STRING": "string", "NUMBER": "number"}
_TAB = 4


def highlight(text: str) -> list[list[Piece]]:
    """Each line in pieces. Text that is no Python stays readable: from the first mistake on it has one tone."""
    lines = text.expandtabs(_TAB).splitlines()
    marks: list[list[tuple[int, int, Tone]]] = [[] for _ in lines]
    for (row, start), (end_row, end), tone in _spans("\n".join(lines) + "\n"):
        for line in range(row, min(end_row, len(lines)) + 1):
            stop = end if line == end_row else len(lines[line - 1])
            marks[line - 1].append((start if line == row else 0, stop, tone))
    return [list(_pieces(line, spans)) for line, spans in zip(lines, marks, strict=True)]


def _spans(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int], Tone]]:
    """From where to where (row from 1, column), in which tone."""
    before = ""
    try:
        for part in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = token.tok_name[part.type]
            if kind in _TONES or kind.startswith("FSTRING"):
                yield part.start, part.end, _TONES.get(kind, "string")
            elif kind == "NAME" and keyword.iskeyword(part.string):
                yield part.start, part.end, "keyword"
            elif kind == "NAME" and before in _DEFINING:
                yield part.start, part.end, "name"
            before = part.string
    except (tokenize.TokenError, SyntaxError):
        return


def _pieces(line: str, spans: list[tuple[int, int, Tone]]) -> Iterator[Piece]:
    column = 0
    for start, stop, tone in spans:
        if start > column:
            yield Piece(line[column:start])
        yield Piece(line[start:stop], tone)
        column = stop
    if column < len(line):
        yield Piece(line[column:])
