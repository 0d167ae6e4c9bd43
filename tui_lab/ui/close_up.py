"""A screen over the lab that looks closer at the same run: what the close-ups have in common."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from tui_lab.run.messages import Frame
from tui_lab.ui.key_hints import KeyHints
from tui_lab.ui.messages import Refusal
from tui_lab.ui.plain import plain
from tui_lab.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from tui_lab.ui.lab_actions import LabActions

LOOK, TIME = Binding.Group("Look"), Binding.Group("Move in time")


def key(keys: str, action: str, word: str, sentence: str, display: str = "", show: bool = True) -> Binding:
    """A binding of a close-up."""
    return Binding(keys, action, word, show, display or None, tooltip=sentence, group=LOOK)


def close_up_keys(own: Sequence[Binding], opener: str) -> list[BindingType]:
    """A close-up's own keys, then those that all have; the key that opened it closes it, too."""
    time = [
        Binding("space", "lab('play')", "play", True, "space", tooltip="play or pause", group=TIME),
        Binding("n", "lab('step')", "step", tooltip="one step forward, as fine as the lab's grain says", group=TIME),
        Binding("b", "lab('back')", "back", tooltip="the same step back", group=TIME),
    ]
    return [*own, *time, key(f"escape,q,{opener}", "dismiss", "close", "back to the lab")]


class CloseUp(Screen[None]):
    """Shows the status line, a head, panes beside or below each other, and follows the lab's frames."""

    CSS_PATH = "close_up.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (150, "-wide")]  # noqa: RUF012 - Textual's own is a class variable

    def __init__(self, lab: "LabActions") -> None:
        super().__init__()
        self.lab = lab
        assert lab.frame is not None
        self.frame: Frame = lab.frame

    def head(self) -> Iterator[Widget]:
        """What stands between the status line and the panes."""
        yield from ()

    def panes(self) -> Iterator[Widget]:
        """What is looked at, from top to bottom."""
        raise NotImplementedError

    def look(self) -> None:
        """Show `frame`."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        self._status = StatusLine()
        yield self._status
        yield from self.head()
        with Container(id="body"):
            yield from self.panes()
        yield KeyHints()

    def on_mount(self) -> None:
        manifest = self.lab.run_directory.manifest()
        self._status.run, self._status.scenario = manifest.run, manifest.scenario
        self._status.grain, self._status.speed = self.lab.pace.grain, self.lab.pace.speed
        self.lab.frames.subscribe(self, self._follow)
        self._follow(self.frame)

    def on_refusal(self, message: Refusal) -> None:
        self.notify(plain(message.sentence), severity="warning", markup=False)

    async def action_lab(self, name: str) -> None:
        await self.lab.run_action(name)

    def _follow(self, frame: Frame) -> None:
        self.frame = frame
        self._status.show(frame)
        self.look()
