"""A figure: a number in a picture, as short as its place needs."""

import math

from tui_lab.canvas.number import format_number

NOT_YET = "·"
"""Stands for a number that is not computed."""


def figure(value: float, room: int = 6) -> str:
    """The number with up to three significant digits, fewer where it would be longer than `room`; NaN is `·`. What does
    not fit even so is `…`: a number is never cut."""
    if math.isnan(value):
        return NOT_YET[: max(room, 0)]
    if math.isinf(value):
        texts = ["∞" if value > 0 else "-∞"]
    else:
        texts = [format_number(value, digits) for digits in (3, 2, 1)]
        texts = [text.lstrip("-") if float(text) == 0 else text for text in texts]
    return next((text for text in texts if len(text) <= room), "…"[: max(room, 0)])
