"""Small fine-tunes for the tests of failures: a model of random numbers, a few reviews, and steps in this process."""

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.scenarios import qlora_models
from tui_lab.scenarios.qlora.scenario import QLoRA

FOLDER = Path(__file__).parents[2] / "scenarios" / "qlora"
GOOD, BAD = ("lovely", "warm", "moving", "great"), ("dull", "flat", "ugly", "boring")
Tune = Callable[..., QLoRA]
THINGS = ("film", "story", "ending", "music", "hero", "scene")


def defaults() -> dict[str, Any]:
    """Every hyperparameter's default."""
    card = tomllib.loads((FOLDER / "scenario.toml").read_text(encoding="utf-8"))
    return {each["name"]: each["default"] for each in card["hyperparameters"]}


def reviews(folder: Path, rows: Iterable[tuple[str, str]] | None = None) -> Path:
    """A file of texts and labels: 48 short reviews that one word tells apart, or `rows`."""
    if rows is None:
        words = [(word, "positive") for word in GOOD] + [(word, "negative") for word in BAD]
        rows = [(f"A {word} {thing}.", label) for thing in THINGS for word, label in words]
    path = folder / "reviews.jsonl"
    path.write_text(
        "".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows), encoding="utf-8"
    )
    return path


def fine_tune(model: Path, data: Path, seed: int = 0, **settings: Any) -> QLoRA:
    """A fine-tune at step 0."""
    made = QLoRA()
    made.build(
        {
            **defaults(),
            "model": str(model),
            "data": data,
            "device": "cpu",
            "optimizer": "adamw",
            "batch_size": 4,
            "rank": 4,
            "held_out": 25,
            "learning_rate": 3e-4,
            **settings,
        },
        seed,
        "cpu",
    )
    return made


def steps(scenario: QLoRA, count: int) -> None:
    """So many steps, whatever they come to."""
    for _ in range(count):
        for _ in scenario.step():
            pass


def told(scenario: QLoRA, name: str) -> str:
    """The note that begins with a finding's name; empty if it is not told."""
    return next((note for note in scenario.notes() if note.startswith(f"{name}:")), "")


def values(scenario: QLoRA) -> list[torch.Tensor]:
    """All that is trained, as it is now."""
    return [tensor.detach().clone() for tensor in scenario.trainables.tensors.values()]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads that wait for each other are slow on a machine that has other things to do."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("qlora")


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    return qlora_models.llama(folder / "llama", initializer_range=0.2)  # a frozen head that can say something


@pytest.fixture(scope="module")
def data(folder: Path) -> Path:
    return reviews(folder)


@pytest.fixture
def tune(model: Path, data: Path) -> Callable[..., QLoRA]:
    def made(**settings: Any) -> QLoRA:
        return fine_tune(settings.pop("model", model), settings.pop("data", data), **settings)

    return made
