"""Editing a run while it trains: the live hyperparameters, the others beside them for reading."""

from collections.abc import Iterator, Mapping

from tui_lab.run.catalogue import ScenarioCard, Value
from tui_lab.run.settings import spell
from tui_lab.ui.field import Field
from tui_lab.ui.settings_form import SettingsForm


class ChangeForm(SettingsForm[dict[str, str] | None]):
    """Answers with the new text of every hyperparameter that was changed."""

    title_text = "Hyperparameters of this run"
    verb = "Change"

    def __init__(self, card: ScenarioCard, settings: Mapping[str, Value]) -> None:
        super().__init__()
        self._card = card
        self._texts = spell(settings)

    def fields(self) -> Iterator[Field]:
        for hyperparameter in sorted(self._card.hyperparameters, key=lambda each: not each.live):
            text = self._texts.get(hyperparameter.name, str(hyperparameter.default))
            yield Field(hyperparameter, text, locked="" if hyperparameter.live else "starts a new run")

    def submit(self, fields: dict[str, Field]) -> None:
        texts = {name: field.text for name, field in fields.items()}
        self.dismiss({name: text for name, text in texts.items() if text != self._texts.get(name)})
