"""Embeddings, built as the trainer builds them, of small texts and pictures made for tests."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

CARD = scenario("embeddings")

WHO, DID = ("cat", "dog", "fox", "hen", "cow"), ("ate", "saw", "took", "had", "lost")
"""Words that only stand first, and words that only stand second, in the sentences of `sentences`."""
WHAT = ("bread", "apples", "soup", "cheese", "corn")


def build(*words: str, data: Path | None = None, seed: int = 0) -> Any:
    """The scenario with these `key=value` settings."""
    model = importlib.import_module(CARD.module).Embeddings()
    model.build({**settings_of(CARD, words), "data": data}, seed, "cpu")
    return model


def module(name: str) -> Any:
    """One of the scenario's own modules."""
    return importlib.import_module(f"{CARD.module.removesuffix('.scenario')}.{name}")


def sentences(count: int = 400, seed: int = 0) -> str:
    """A text of paragraphs of sentences: the animal did something to some food, and a little more."""
    draw = np.random.default_rng(seed)

    def sentence() -> str:
        who, did, what = (words[draw.integers(len(words))] for words in (WHO, DID, WHAT))
        return f"The {who} {did} the {what}."

    return "\n\n".join(" ".join(sentence() for _ in range(4)) for _ in range(count // 4))


def text_file(folder: Path, text: str | None = None) -> Path:
    """A file with that text, or with `sentences`."""
    path = folder / "small.txt"
    path.write_text(sentences() if text is None else text, encoding="utf-8")
    return path


def picture_file(folder: Path, width: int = 48, height: int = 40, name: str = "small.png") -> Path:
    """A picture of smooth waves of colour, with a little noise."""
    draw = np.random.default_rng(0)
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 5), np.cos(y / 7), np.sin((x + y) / 9)], axis=-1)
    pixels = np.clip(128 + 90 * waves + draw.normal(0, 6, waves.shape), 0, 255).astype(np.uint8)
    path = folder / name
    Image.fromarray(pixels).save(path)
    return path
