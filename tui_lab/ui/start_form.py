"""Setting up a run: a scenario's hyperparameters, its data file and the seed."""

from collections.abc import Iterator
from pathlib import Path

from textual import on

from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import ScenarioCard
from tui_lab.run.directory import RunDirectory
from tui_lab.run.launch import launch
from tui_lab.run.settings import spell
from tui_lab.ui.field import Field, data_field, seed_field
from tui_lab.ui.preset_field import PresetField
from tui_lab.ui.settings_form import SettingsForm


class StartForm(SettingsForm[RunDirectory | None]):
    """Answers with a run that is paused before its first step. If it cannot start, the form says why and stays."""

    verb = "Start"

    def __init__(self, card: ScenarioCard) -> None:
        super().__init__()
        self._card = card
        self.title_text = card.title

    def fields(self) -> Iterator[Field]:
        if self._card.presets:
            yield PresetField(self._card)
        defaults = spell({each.name: each.default for each in self._card.hyperparameters})
        if self._card.data is not None:
            yield data_field(self._card.data.help)
        for hyperparameter in self._card.hyperparameters:
            yield Field(hyperparameter, defaults[hyperparameter.name])
        yield seed_field(0)

    @on(Field.Edited)
    def _fill(self, event: Field.Edited) -> None:
        """Another preset was chosen."""
        if isinstance(event.field, PresetField):
            try:
                texts = event.field.newly_chosen()
            except BadInput as slip:
                self.say(str(slip))
                return
            for field in self.query(Field):
                if field.hyperparameter.name in texts:
                    field.fill(texts[field.hyperparameter.name])

    def submit(self, fields: dict[str, Field]) -> None:
        settings = {each.name: fields[each.name].value for each in self._card.hyperparameters}
        data = fields["data"].text.strip() if "data" in fields else ""
        source = str(Path(data).expanduser()) if data else None
        self.launch(lambda: launch(self._card, settings, int(fields["seed"].value), source))
