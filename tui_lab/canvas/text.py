"""Text in cells: its width, cutting it, wrapping it."""

from rich.cells import cell_len, get_character_cell_size

from tui_lab.canvas.cells import DEFAULT, Cells
from tui_lab.canvas.palette import Palette


class _Shown(dict[int, str]):
    """What stands for each character, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        visible = character if get_character_cell_size(character) > 0 else ""
        self[code] = visible if character.isprintable() else "·"
        return self[code]


_SHOWN = _Shown()


def printable(text: str) -> str:
    """The text as `Cells.write` writes it: control characters are `·`, and marks that have no width are left out."""
    return text if text.isascii() and text.isprintable() else text.translate(_SHOWN)


def text_width(text: str) -> int:
    """How many cells `text` fills when written."""
    return cell_len(printable(text))


def clipped(text: str, width: int) -> str:
    """The text in at most `width` cells, its end replaced by `…` where it does not fit."""
    text = printable(text)
    cells = text_width(text)
    if cells <= width:
        return text
    if cells == len(text):
        return text[: width - 1] + "…" if width > 0 else ""
    while text and cell_len(text) > width - 1:
        text = text[:-1] if len(text) <= 2 * width else text[: 2 * width]
    return text + "…" if width > 0 else ""


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken between words, inside a word only where it is longer than a line. What is
    indented stays so, by half a line at most."""
    lines: list[str] = []
    for paragraph_text in text.expandtabs(4).splitlines():
        lines.extend(_wrapped_line(printable(paragraph_text), width))
    return lines


def _wrapped_line(text: str, width: int) -> list[str]:
    indent = text[: min(len(text) - len(text.lstrip(" ")), width // 2)]
    lines, line, used = [], indent, len(indent)
    for word in text.split():
        gap = " " if line.strip() else ""
        if line.strip() and used + 1 + cell_len(word) > width:
            lines.append(line)
            line, used, gap = "", 0, ""
        for piece in _pieces(gap + word, width, used):
            if used + cell_len(piece) > width and line:
                lines.append(line)
                line, used = "", 0
            line, used = line + piece, used + cell_len(piece)
    return [*lines, line]


def _pieces(word: str, width: int, used: int) -> list[str]:
    return [word] if used + cell_len(word) <= width else list(word)


def paragraph(text: str, width: int, height: int, palette: Palette, colour: int = DEFAULT) -> Cells:
    """`text` wrapped into a rectangle; what does not fit below is cut, with `…` at the end of the last row. DEFAULT as
    `colour` is the palette's text."""
    cells = Cells.blank(width, height)
    lines = wrapped(text, width)
    if len(lines) > height > 0:
        lines = [*lines[: height - 1], clipped(lines[height - 1].ljust(width) + " ", width)]
    for row, line in enumerate(lines[: cells.height]):
        cells.write(row, 0, line, palette.text if colour == DEFAULT else colour)
    return cells
