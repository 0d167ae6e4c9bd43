"""The app's two themes: quiet grounds, and colours that colour-blind readers too can tell apart (Okabe and Ito)."""

from textual.theme import Theme

DARK = Theme(
    name="tui-lab",
    primary="#56B4E9",
    secondary="#8AA4B8",
    accent="#F0E442",
    success="#2BB38A",
    warning="#E69F00",
    error="#E8743B",
    foreground="#D8DEE6",
    background="#121820",
    surface="#121820",
    panel="#1C2530",
    dark=True,
    variables={
        "border": "#33404E",
        "block-cursor-background": "#24455C",
        "block-cursor-foreground": "#FFFFFF",
    },
)
LIGHT = Theme(
    name="tui-lab-light",
    primary="#0072B2",
    secondary="#4A6274",
    accent="#8A6D00",
    success="#00795A",
    warning="#A86400",
    error="#B84A00",
    foreground="#1E2730",
    background="#FAFAF7",
    surface="#FAFAF7",
    panel="#ECEEEC",
    dark=False,
    variables={
        "border": "#C3CAD0",
        "block-cursor-background": "#CFE3F0",
        "block-cursor-foreground": "#101820",
    },
)
