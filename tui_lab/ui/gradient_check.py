"""The gradient check's result: analytic gradients beside central differences."""

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_lab.lab.scenario import GradientCheck
from tui_lab.ui.plain import fit, plain

TOLERANCE = 1e-4
"""Relative error up to which the two agree: central differences of float64 are good to about 1e-7 and less near 0."""
_FIGURES = 16
_MOST = 500


class GradientCheckTable(ModalScreen[None]):
    """A row for each parameter entry, the worst marked; above all, whether the gradients are right."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,g", "dismiss", "close")]

    def __init__(self, entries: list[GradientCheck]) -> None:
        super().__init__()
        self._entries = entries

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog wide-dialog") as dialog:
            dialog.border_title = "Gradient check"
            dialog.border_subtitle = "esc closes"
            yield Static(self._verdict(), classes="group")
            if self._entries:
                yield Static(Content("\n").join(self._rows()))

    def _verdict(self) -> Content:
        if not self._entries:
            return Content("This scenario has no gradients to check here.")
        worst = _worst(self._entries)
        figure = f"largest relative error {worst.relative_error:.2g}, at {plain(worst.entry)}"
        if worst.relative_error <= TOLERANCE:
            return Content.styled(f"The gradients agree with central differences: {figure}.", "$success")
        return Content.styled(f"The gradients do not agree with central differences: {figure}.", "$error")

    def _rows(self) -> list[Content]:
        worst = _worst(self._entries)
        shown = sorted(self._entries, key=_badness, reverse=True)[:_MOST] if self._cut else self._entries
        width = max(cell_len(name) for name in ("entry", *(plain(check.entry) for check in shown)))
        head = "".join(title.rjust(_FIGURES) for title in ("analytic", "numeric", "relative error"))
        rows = [Content.styled("  " + "entry".ljust(width) + head, "$secondary")]
        for check in shown:
            figures = (f"{check.analytic:.8g}", f"{check.numeric:.8g}", f"{check.relative_error:.2g}")
            line = fit(check.entry, width) + "".join(figure.rjust(_FIGURES) for figure in figures)
            rows.append(Content.styled("▸ " + line, "bold $warning") if check is worst else Content("  " + line))
        if self._cut:
            rows.append(Content.styled(f"  the {_MOST} worst of {len(self._entries):,} entries", "$secondary"))
        return rows

    @property
    def _cut(self) -> bool:
        return len(self._entries) > _MOST


def _badness(check: GradientCheck) -> float:
    """The relative error, with NaN as the worst of all."""
    error = check.relative_error
    return error if error == error else float("inf")


def _worst(entries: list[GradientCheck]) -> GradientCheck:
    return max(entries, key=_badness)
