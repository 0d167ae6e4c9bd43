"""The canvas' colours."""

from textual.theme import BUILTIN_THEMES

from tests.ui.widgets.frames import OnePane, frame
from tui_lab.ui.theme import DARK, LIGHT
from tui_lab.ui.widgets.parameter_table import ParameterTable
from tui_lab.ui.widgets.theme_palette import theme_palette


def luminance(colour: int) -> float:
    """Relative luminance, WCAG 2."""
    parts = [(colour >> shift & 255) / 255 for shift in (16, 8, 0)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: int, other: int) -> float:
    """From 1 to 21, WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


async def test_text_is_readable_and_lines_are_visible_on_both_grounds() -> None:
    pane = ParameterTable()
    app = OnePane(pane)
    async with app.run_test(size=(80, 22)) as pilot:
        for theme in (DARK, LIGHT):
            app.register_theme(theme)
            app.theme = theme.name
            await pilot.pause()
            palette = theme_palette(pane)
            assert contrast(palette.text, palette.background) > 9
            for colour in (palette.muted, palette.accent, palette.good, palette.bad):
                assert contrast(colour, palette.background) > 3.5
            for colour in (*palette.series, palette.positive, palette.negative):
                assert contrast(colour, palette.background) > 2.9


async def test_every_theme_of_textual_gives_a_palette_and_a_new_theme_repaints() -> None:
    pane = ParameterTable()
    app = OnePane(pane)
    async with app.run_test(size=(80, 22)) as pilot:
        pane.show(frame())
        for name in BUILTIN_THEMES:
            app.theme = name
            await pilot.pause()
            style = next(iter(pane.render_line(1))).style
            assert style is not None and style.color is not None
            text = theme_palette(pane).text
            shown = -1 if style.color.triplet is None else int(style.color.triplet.hex[1:], 16)
            assert shown == text
