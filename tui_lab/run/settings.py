"""Settings: the values of a scenario's hyperparameters, read from `key=value` words and checked against its card."""

import math
from collections.abc import Iterable, Mapping

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.run.catalogue import Hyperparameter, Preset, ScenarioCard, Value

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


def settings_of(card: ScenarioCard, words: Iterable[str]) -> dict[str, Value]:
    """A value for every hyperparameter: its default, or what a preset says (`preset=quick`), or what a `key=value` word
    says, the latter wherever it stands. Raises BadInput."""
    settings = {hyperparameter.name: hyperparameter.default for hyperparameter in card.hyperparameters}
    chosen: dict[str, Value] = {}
    for word in words:
        key, separator, text = word.partition("=")
        if not separator:
            raise BadInput(f"'{word}' is not a setting: write it as key=value, such as learning_rate=0.1.")
        if key == "preset" and card.presets:
            settings |= preset_settings(card, preset_of(card, text))
        else:
            chosen[key] = parse(hyperparameter_of(card, key), text)
    return settings | chosen


def preset_of(card: ScenarioCard, name: str) -> Preset:
    """The card's preset of that name. Raises BadInput with the nearest one if there is none."""
    for preset in card.presets:
        if preset.name == name:
            return preset
    raise BadInput(f"{card.name} has no preset '{name}': {nearest(name, [preset.name for preset in card.presets])}")


def preset_settings(card: ScenarioCard, preset: Preset) -> dict[str, Value]:
    """What the preset says of the hyperparameters that it names, checked as if it had been typed. Raises BadInput."""
    spelt = spell(preset.settings)
    return {name: parse(hyperparameter_of(card, name), text) for name, text in spelt.items()}


def described(preset: Preset) -> str:
    """What the preset is for, and where it comes from."""
    return f"{preset.help} (source: {preset.source})" if preset.source else preset.help


def hyperparameter_of(card: ScenarioCard, key: str) -> Hyperparameter:
    """The card's hyperparameter of that name. Raises BadInput with the nearest one if there is none."""
    for hyperparameter in card.hyperparameters:
        if hyperparameter.name == key:
            return hyperparameter
    names = [hyperparameter.name for hyperparameter in card.hyperparameters]
    raise BadInput(f"{card.name} has no hyperparameter '{key}': {nearest(key, names)}")


def parse(hyperparameter: Hyperparameter, text: str) -> Value:
    """The value that `text` spells. Raises BadInput that names the valid range."""
    if text in hyperparameter.words:
        return text
    match hyperparameter.type:
        case "text":
            return _text(hyperparameter, text)
        case "choice":
            if text not in hyperparameter.choices:
                raise BadInput(f"{hyperparameter.name} cannot be '{text}': {nearest(text, hyperparameter.choices)}")
            return text
        case "bool":
            if text.lower() not in _TRUE | _FALSE:
                raise BadInput(f"{hyperparameter.name} cannot be '{text}': it is on or off.")
            return text.lower() in _TRUE
        case _:
            return _number(hyperparameter, text)


def is_look(card: ScenarioCard, key: str) -> bool:
    """Whether it is a hyperparameter that changes only what is shown."""
    return any(hyperparameter.name == key and hyperparameter.look for hyperparameter in card.hyperparameters)


def describe(hyperparameter: Hyperparameter) -> str:
    """What values are valid, in a few words: `a whole number from 1 to 100, or all`."""
    match hyperparameter.type:
        case "text":
            return "any text"
        case "bool":
            return "on or off"
        case "choice":
            return "one of " + ", ".join(hyperparameter.choices)
    kind = "a whole number" if hyperparameter.type == "int" else "a number"
    low, high = hyperparameter.minimum, hyperparameter.maximum
    return " or ".join([kind + _span(low, high), *hyperparameter.words])


def spell(settings: Mapping[str, Value]) -> dict[str, str]:
    """Each value as a person would type it: `parse` reads it back."""
    return {
        name: ("on" if value else "off") if isinstance(value, bool) else str(value) for name, value in settings.items()
    }


def _span(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low:.12g} to {high:.12g}"
    if low is not None:
        return f" of at least {low:.12g}"
    return f" of at most {high:.12g}" if high is not None else ""


def _text(hyperparameter: Hyperparameter, text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput(f"{hyperparameter.name} has bytes that are not UTF-8: type it in a terminal of UTF-8.") from None
    return text


def _number(hyperparameter: Hyperparameter, text: str) -> Value:
    wrong = BadInput(f"{hyperparameter.name} cannot be '{text}': it is {describe(hyperparameter)}.")
    try:
        number = int(text) if hyperparameter.type == "int" else float(text)
    except ValueError:
        raise wrong from None
    low = -math.inf if hyperparameter.minimum is None else hyperparameter.minimum
    high = math.inf if hyperparameter.maximum is None else hyperparameter.maximum
    if not (low <= number <= high and -math.inf < number < math.inf):
        raise wrong
    return number
