"""Frames made by hand, as a viewer gets them off the wire; and an app with one pane in it."""

from typing import Any

import msgspec
import numpy as np
from textual.app import App, ComposeResult
from textual.widget import Widget

from tui_lab.lab.scenario import OperationLine
from tui_lab.lab.views import Arrow, Line, Scatter, Surface, Table
from tui_lab.run.history import Columns
from tui_lab.run.messages import Frame, ParameterRow, decode_reply, encode

SIZES = [(1, 1), (20, 3), (80, 22), (200, 50)]

OPERATIONS = [
    OperationLine("forward", "u = a·x", "u₀ = 2·0.5 = 1"),
    OperationLine("forward", "ŷ = u + b", "ŷ₀ = 1 + 3 = 4"),
    OperationLine("loss", "r = ŷ − y", "r₀ = 4 − 1 = 3"),
    OperationLine("loss", "L = Σr²/n", "L = 9/1 = 9"),
    OperationLine("backward", "∂L/∂r = 2·r/n", "∂L/∂r₀ = 2·3/1 = 6"),
    OperationLine("backward", "∂L/∂a = Σ x·∂L/∂r", "∂L/∂a = 0.5·6 + 0.25·7 + … = 4.75"),
    OperationLine("update", "a ← a − η·∂L/∂a", "a ← 2 − 0.1·4.75 = 1.525"),
    OperationLine("update", "b ← b − η·∂L/∂b", "b ← 3 − 0.1·6 = 2.4"),
]
"""Eight operations, two a phase."""


class OnePane(App[None]):
    """Nothing but the pane."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, pane: Widget) -> None:
        super().__init__()
        self.pane = pane

    def compose(self) -> ComposeResult:
        yield self.pane


def frame(**changes: Any) -> Frame:
    """A run paused at step 12 of 300, and what `changes` says otherwise."""
    usual = Frame(
        version=1,
        status="paused",
        reason="",
        step=12,
        head=12,
        last_step=300,
        epoch=3,
        phase="update",
        operation=7,
        inside=False,
        speed=10.0,
        steps_per_second=0.0,
        recorded=12,
        metrics={"loss": 0.0123456},
        settings={},
        operations=OPERATIONS,
        parameters=[
            ParameterRow("a", [], 1.525, 4.75, 0.31, values=1.525, gradient=4.75, update=-0.475),
            ParameterRow("W", [1, 2], 5.0, 0.5, 0.01, values=[[3.0, 4.0]], gradient=[[0.3, 0.4]], update=[[0.0, 0.1]]),
        ],
        views=[scatter(), surface(), Arrow("Gradient", ["∂L/∂a", "∂L/∂b"], np.array([1.5, -2.5])), TABLE],
        notes=[],
    )
    reply = decode_reply(encode(msgspec.structs.replace(usual, **changes))[4:])
    assert isinstance(reply, Frame)
    return reply


def scatter() -> Scatter:
    """Three points and a line."""
    x = np.array([0.0, 1.0, 2.0])
    return Scatter("Data", "speed", "distance", x, 2 * x + 1, 2 * x, [Line("fit", x, 2 * x)])


def surface(point: tuple[float, float] = (1.0, 1.0)) -> Surface:
    """A bowl with its minimum at the origin."""
    axis = np.linspace(-2, 2, 21)
    z = axis[None, :] ** 2 + axis[:, None] ** 2
    here = np.array(point)
    return Surface("Squared error", "a", "b", "L", axis, axis, z, here, 2 * here, np.zeros(2), ("a", "b"))


TABLE = Table("Closed form", ["parameter", "now", "best"], [["a", 1.5, 2.0], ["b", 0.25, float("nan")]])


def columns(values: list[float]) -> Columns:
    """A metric's value at steps 1, 2, …"""
    y = np.array(values)
    known = np.where(np.isfinite(y), y, np.nan)
    return Columns(np.arange(1.0, len(y) + 1), known, known, y, ~np.isfinite(y))


def shown(pane: Widget) -> str:
    """What the pane shows, a line a row."""
    return "\n".join(pane.render_line(row).text.rstrip() for row in range(pane.content_size.height))
