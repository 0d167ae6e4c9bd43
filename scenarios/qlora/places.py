"""The moments of a step at which a person may stop: its phases, and the equations of each."""

from collections.abc import Iterator

from tui_lab.lab.scenario import Moment

PHASES = {
    "tokens": ("x",),
    "forward": ("u = A·x", "v = s·B·u", "y = W·x + v", "scores"),
    "loss": ("L = −Σ log p / n",),
    "backward": ("∂L/∂B = s·∂L/∂y·uᵀ", "∂L/∂A = s·Bᵀ·∂L/∂y·xᵀ"),
    "clip": ("g ← g·min(1, c/‖g‖)",),
    "update": ("B ← B − η·m̂/(√v̂ + ε)", "A ← A − η·m̂/(√v̂ + ε)"),
}
"""The equations of each phase, for one of the adapted layers."""


def moments(phase: str, finely: bool) -> Iterator[Moment]:
    """The end of a phase, and before it, if asked for, each of its equations: torch computes them in one go, so
    they are told one after the other once all of them are done."""
    first = sum(len(PHASES[each]) for each in list(PHASES)[: list(PHASES).index(phase)])
    last = first + len(PHASES[phase]) - 1
    if finely:
        for operation in range(first, last):
            yield Moment(phase, operation, last=False)
    yield Moment(phase, last)
