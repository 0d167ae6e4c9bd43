"""Numbers as short text."""

import math

LARGEST_WHOLE = 1e9
"""Whole numbers from here on are written with an exponent."""


def format_number(value: float, digits: int = 6) -> str:
    """At most `digits` significant digits: 0.123456, 0.0500, -17.58, 1.2e-09, nan. Numbers that need
    all their digits keep one width, so that a changing number stays in place; short ones lose zeros, down to three."""
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < LARGEST_WHOLE:
        return str(int(value))
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])
    if -3 <= exponent < digits:
        return _shortened(f"{value:.{min(digits - 1 - exponent, digits)}f}")
    mantissa, _, power = f"{value:.{max(digits - 3, 0)}e}".partition("e")
    return f"{_stripped(mantissa)}e{power}"


def _shortened(text: str) -> str:
    if not text.endswith("00"):
        return text
    short = _stripped(text)
    whole, _, decimals = short.lstrip("-").partition(".")
    significant = len((whole + decimals).lstrip("0"))
    padded = short if decimals else short + "."
    return padded + "0" * (3 - significant) if significant < 3 else short


def _stripped(text: str) -> str:
    return text.rstrip("0").rstrip(".") if text.endswith("00") else text
