"""The app: which screen is shown, and nothing else."""

import sys
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_lab.lab.errors import BadInput
from tui_lab.ui.home import HomeScreen
from tui_lab.ui.key_hints import bindings_of, namespaced
from tui_lab.ui.messages import OpenRun
from tui_lab.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from tui_lab.run.directory import RunDirectory

_APP = Binding.Group("Everywhere")


class LabApp(App[None]):
    """Opens Home, or the lab on the run `attach`. `visited` has every run that was shown."""

    TITLE = "tui-lab"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "keys", key_display="?", tooltip="this list", group=_APP),
        Binding(
            "ctrl+p",
            "command_palette",
            "palette",
            show=False,
            tooltip="find any of these by name",
            group=_APP,
        ),
        Binding("ctrl+q", "quit", "quit", show=False, tooltip="leave at once; runs that train go on", group=_APP),
    ]

    def __init__(self, attach: "RunDirectory | None" = None) -> None:
        super().__init__()
        self.animation_level = "none"
        self.visited: list[RunDirectory] = []
        self._first_run = attach
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name

    def get_default_screen(self) -> Screen[None]:
        """Home; beneath the lab on a single run there is nothing to come back to."""
        return HomeScreen() if self._first_run is None else Screen()

    def on_mount(self) -> None:
        if self._first_run is None:
            self.call_after_refresh(self._warm_up)
        else:
            self.push_screen(self._lab(self._first_run))

    def on_open_run(self, message: OpenRun) -> None:
        try:
            lab = self._lab(message.run)
        except BadInput as damage:
            self.notify(str(damage), severity="error", markup=False)
            return
        if isinstance(self.screen, HomeScreen):
            self.push_screen(lab)
        else:
            self.switch_screen(lab)

    def on_leave_run(self) -> None:
        if self._first_run is not None:
            self.exit()
            return
        self.pop_screen()
        self._say_farewell(self.visited[-1])

    def action_help(self) -> None:
        from tui_lab.ui.help import Help

        self.push_screen(Help(self.screen))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette offers what the keys do, and the themes."""
        for binding in bindings_of(screen, self):
            action = namespaced(binding, screen)
            yield SystemCommand(binding.description, binding.tooltip, partial(screen.run_action, action))
        yield SystemCommand("theme", "choose the colours", self.action_change_theme)

    def _lab(self, run: "RunDirectory") -> Screen[None]:
        from tui_lab.ui.lab import LabScreen

        lab = LabScreen(run)
        self.visited.append(run)
        return lab

    @work(thread=True)
    def _say_farewell(self, run: "RunDirectory") -> None:
        from tui_lab.ui.farewell import farewell

        if sentence := farewell(run):
            self.notify(sentence, markup=False)

    @work(thread=True)
    def _warm_up(self) -> None:
        """Import what the next screen needs while a person reads this one."""
        import tui_lab.ui.lab
        import tui_lab.ui.start_form  # noqa: F401


def run_app(attach: "RunDirectory | None" = None) -> None:
    """Show the app until somebody leaves it, then say which runs go on. Raises BadInput if the run is damaged."""
    if attach is not None:
        attach.manifest()
    app = LabApp(attach)
    app.run()
    _say_what_goes_on(app)


def _say_what_goes_on(app: LabApp) -> None:
    if not app.visited:
        return
    from tui_lab.ui.farewell import farewell

    for run in dict.fromkeys(app.visited):
        if sentence := farewell(run):
            sys.stdout.write(sentence + "\n")
