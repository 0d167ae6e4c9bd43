"""The catalogue of scenarios: what each folder's `scenario.toml` says. Imports none of their Python."""

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

import tui_lab.scenarios
from tui_lab.lab.errors import BadInput, nearest

Value = bool | int | float | str


class Hyperparameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One setting of a scenario, as a list or a form needs it."""

    name: str
    type: Literal["bool", "int", "float", "text", "choice"]
    default: Value
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: list[str] = []
    words: list[str] = []
    """Spelt instead of a number: `all`, `random`."""
    scale: Literal["linear", "log"] = "linear"
    unit: str = ""
    live: bool = False
    """May change while the run is running."""
    look: bool = False
    """May change at any time, even in a run's past: it changes only what is shown, never what is computed."""


class DataFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `--data` takes."""

    suffixes: list[str]
    help: str
    hub: bool = False
    """Whether it also takes the id of a data set on a hub, `owner/name`."""


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings that belong together, chosen by `--set preset=NAME`; what is set besides goes before them."""

    name: str
    help: str
    settings: dict[str, Value]
    source: str = ""
    """Where they come from."""


class ScenarioCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything the catalogue knows of a scenario."""

    title: str
    summary: str
    order: int
    hyperparameters: list[Hyperparameter]
    views: list[str] = []
    requires: list[str] = []
    speed: float | None = None
    """Steps a second at which the app plays it; None is flat out."""
    data: DataFile | None = None
    presets: list[Preset] = []
    name: str = ""
    folder: str = ""

    @property
    def lesson(self) -> str:
        """The lesson's Markdown, or nothing."""
        path = Path(self.folder) / "lesson.md"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    @property
    def module(self) -> str:
        """Where its Python is."""
        return f"tui_lab.scenarios.{Path(self.folder).name}.scenario"


def scenarios() -> list[ScenarioCard]:
    """Every scenario that can be read, in learning order."""
    return survey()[0]


def survey() -> tuple[list[ScenarioCard], list[str]]:
    """Every scenario that can be read, in learning order, and a sentence about each one that cannot: a slip in a
    user's own folder takes nothing else away."""
    cards, sentences = [], []
    for name, path in _descriptions().items():
        try:
            cards.append(_read(path, name))
        except BadInput as error:
            sentences.append(str(error))
    return sorted(cards, key=lambda card: (card.order, card.name)), sentences


def scenario(name: str) -> ScenarioCard:
    """One scenario. Raises BadInput with the nearest name if there is none."""
    descriptions = _descriptions()
    if name not in descriptions:
        raise BadInput(f"There is no scenario '{name}': {nearest(name, descriptions)}")
    return _read(descriptions[name], name)


def _descriptions() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for root in tui_lab.scenarios.__path__:
        for path in sorted(Path(root).glob("*/scenario.toml")):
            found.setdefault(path.parent.name.replace("_", "-"), path)
    return found


def _read(path: Path, name: str) -> ScenarioCard:
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert({**content, "name": name, "folder": str(path.parent)}, ScenarioCard)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not a scenario description: {error}.") from error
