"""Editing the hyperparameters of a run: live ones change where it stands, what is only shown changes anywhere, the
others start a new run."""

from collections.abc import Callable, Collection, Iterator, Mapping

from textual.widget import Widget
from textual.widgets import Button, Static

from tui_lab.run.catalogue import ScenarioCard, Value
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Frame
from tui_lab.run.settings import spell
from tui_lab.ui.field import Field
from tui_lab.ui.plain import content
from tui_lab.ui.settings_form import SettingsForm

Start = Callable[[Mapping[str, Value]], RunDirectory]
"""Launches a run with these settings, and waits until it listens. Raises BadInput, TrainerFailed and OSError."""
_FREE = {"steps"}
"""Where the run ends may change also from its past: that rewrites nothing."""
_CHANGE, _ANEW = "Change", "New run"


class ChangeForm(SettingsForm[dict[str, str] | RunDirectory | None]):
    """Answers with the new text of every hyperparameter that was changed, if all of them may change where the run
    stands; otherwise with a new run. If that cannot start, the form says why and stays."""

    title_text = "Hyperparameters of this run"
    verb = _CHANGE

    def __init__(self, card: ScenarioCard, frame: Frame, start: Start) -> None:
        super().__init__()
        self._card, self._frame, self._start = card, frame, start
        self._texts = spell(frame.settings)
        self._live = {each.name for each in card.hyperparameters if each.live}
        self._looks = {each.name for each in card.hyperparameters if each.look}

    def fields(self) -> Iterator[Widget]:
        own = self._live | self._looks
        fixed = {each.name for each in self._card.hyperparameters} - own
        yield from self._group("change while it runs", self._live)
        yield from self._group("only shown: change at any time, also in the past", self._looks)
        yield from self._group("fixed: another value starts a new run", fixed, "a new run")

    def notice(self) -> str:
        changed = self._changed().keys()
        anew = self._needs_new_run(changed)
        self.query_one("#submit", Button).label = _ANEW if anew else _CHANGE
        if not anew:
            return ""
        fixed = sorted(changed - self._live - self._looks)
        reason = f"{' and '.join(fixed)} cannot change while a run is running" if fixed else self._past
        return f"{reason}: this starts a new run from step 0 with the same seed; the old one is stopped and saved."

    def submit(self, fields: dict[str, Field]) -> None:
        changed = self._changed()
        if not self._needs_new_run(changed.keys()):
            self.dismiss(changed)
        else:
            settings = {**self._frame.settings, **{name: fields[name].value for name in changed}}
            self.launch(lambda: self._start(settings))

    def _group(self, heading: str, names: Collection[str], note: str = "") -> Iterator[Widget]:
        if names:
            yield Static(content(heading), classes="group")
        for hyperparameter in self._card.hyperparameters:
            if hyperparameter.name in names:
                text = self._texts.get(hyperparameter.name, str(hyperparameter.default))
                yield Field(hyperparameter, text, note)

    @property
    def _past(self) -> str:
        """Why nothing changes here, empty if the run stands where it has come to."""
        here, head = self._frame.step, self._frame.head
        return f"Step {here} is in the past of this run, which has reached step {head}" if here < head else ""

    def _changed(self) -> dict[str, str]:
        texts = {field.hyperparameter.name: field.text for field in self.query(Field)}
        return {name: text for name, text in texts.items() if text != self._texts.get(name, text)}

    def _needs_new_run(self, changed: Collection[str]) -> bool:
        return bool(set(changed) - self._looks - (_FREE if self._past else self._live))
