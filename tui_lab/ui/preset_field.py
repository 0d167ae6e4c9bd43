"""The field of a scenario's presets: the one chosen fills the other fields."""

from collections.abc import Iterator

from textual.widgets import Static

from tui_lab.run.catalogue import Hyperparameter, ScenarioCard
from tui_lab.run.settings import described, preset_settings, spell
from tui_lab.ui.field import Field
from tui_lab.ui.plain import content

_NONE = "none"


class PresetField(Field):
    """Explains the preset that is chosen, and says where it comes from."""

    def __init__(self, card: ScenarioCard) -> None:
        choices = [_NONE, *(preset.name for preset in card.presets)]
        text = "fills in settings that belong together; change any of them afterwards"
        super().__init__(Hyperparameter("preset", "choice", _NONE, text, choices=choices), _NONE)
        self._card = card
        self._filled = _NONE

    def newly_chosen(self) -> dict[str, str]:
        """What the fields are to say, by name, if another preset has been chosen since the last time. What no preset
        names is left out: it stays as it is. Raises BadInput for a preset that is not valid."""
        if self.text == self._filled:
            return {}
        self._filled = self.text
        self.query_one(".help", Static).update(content(self.explanation))
        named = {name for preset in self._card.presets for name in preset.settings}
        defaults = {each.name: each.default for each in self._card.hyperparameters if each.name in named}
        chosen = [preset_settings(self._card, preset) for preset in self._card.presets if preset.name == self.text]
        return spell({**defaults, **(chosen[0] if chosen else {})})

    def _explanations(self) -> Iterator[str]:
        preset = next((preset for preset in self._card.presets if preset.name == self.text), None)
        yield described(preset) if preset else self.hyperparameter.help
