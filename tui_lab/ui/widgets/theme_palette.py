"""The canvas' colours, from the app's theme and the ground that a pane stands on."""

from textual.color import Color, ColorParseError
from textual.widget import Widget

from tui_lab.canvas.cells import DEFAULT
from tui_lab.canvas.palette import Palette

_ON_LIGHT = (0x0072B2, 0xA65E00, 0x00795A, 0x9C4A7C, 0x857000, 0xB84A00, 0x2F7FB0)
"""The palette's series for a light ground: the same hues, dark enough to read as thin lines."""
_GREY = 0x808080
"""Readable on a black and on a white ground."""


def theme_palette(widget: Widget) -> Palette:
    """The palette for drawing on `widget`."""
    theme, ground = widget.app.current_theme, widget.background_colors[1]
    text = _parse(theme.foreground, widget.styles.color)
    series = Palette().series if theme.dark else _ON_LIGHT
    border = theme.variables.get("border", "")
    return Palette(
        text=_number(text),
        muted=_between(text, ground, 0.42),
        grid=_number(Color.parse(border)) if border.startswith("#") else _between(text, ground, 0.75),
        accent=_number(_parse(theme.accent, text)),
        good=_number(_parse(theme.success, text)),
        bad=_number(_parse(theme.error, text)),
        positive=series[0],
        negative=series[1],
        background=_number(ground),
        series=series,
    )


def _between(text: Color, ground: Color, part: float) -> int:
    """The colour `part` of the way from text to ground; grey where the terminal keeps its own colours to itself."""
    if DEFAULT in (_number(text), _number(ground)):
        return _GREY
    return _number(text.blend(ground, part))


def _parse(name: str | None, otherwise: Color) -> Color:
    """A theme's colour; a theme may leave it out or say it in words that are not a colour (`auto`)."""
    try:
        return Color.parse(name) if name else otherwise
    except ColorParseError:
        return otherwise


def _number(colour: Color) -> int:
    # Textual calls the terminal's own colours, which nobody knows, number -1 of the ANSI colours.
    return DEFAULT if colour.ansi == -1 else colour.r << 16 | colour.g << 8 | colour.b
