"""The lesson is short, and what it says of the shipped text, the models and the app is so."""

import importlib
import io
import re
from typing import Any

import pytest
import torch
from rich.console import Console
from rich.markdown import Markdown

from tests.scenarios.language_models import CARD
from tests.scenarios.language_subjects import one_thread  # noqa: F401
from tui_lab.run.settings import settings_of
from tui_lab.scenarios.language_model.counts import Bigram

LESSON = " ".join(CARD.lesson.replace("\n> ", "\n").split())


def build(*words: str) -> Any:
    """The scenario as it is when nothing else is chosen, on the shipped text."""
    model = importlib.import_module(CARD.module).LanguageModelling()
    model.build({**settings_of(CARD, words), "data": None}, 0, "cpu")
    return model


@pytest.fixture(scope="module")
def bigram() -> Any:
    return build("model=bigram")


def test_it_is_short() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(Markdown(CARD.lesson))
    assert 3 * 24 <= console.export_text().count("\n") <= 5 * 24
    assert "`I` → `I have` → `I have a` → `I have a cat.`" in CARD.lesson


def test_what_it_says_of_the_text_is_counted(bigram: Any) -> None:
    than = bigram.pictures.observer.standards
    assert f"the {bigram.tokens.size} tokens of the shipped text costs {than.even:.2f}" in LESSON
    assert f"The price falls to {than.pairs:.1f} bits" in LESSON
    counts = Bigram(bigram.tokens.size, 0.1)
    counts.count(bigram.training[None, :-1], bigram.training[None, 1:])
    before, after = bigram.tokens.encode("Th")
    share = counts.log_probabilities(torch.tensor([[before]]))[0, 0, after].exp().item()
    assert round(10 * share) == 9 and "after T comes h, nine times in ten" in LESSON
    contexts = len(bigram.training.unfold(0, 4, 1).unique(dim=0))
    assert f"of the {bigram.tokens.size**4 / 1e6:.0f} million contexts of 4 tokens" in LESSON
    assert 20_000 < contexts < 30_000 and "the text has fewer than 30,000" in LESSON


def test_what_it_says_of_gradients_is_measured() -> None:
    models = "rnn", "lstm", "transformer", "bengio"
    reach = {name: build(f"model={name}").pictures.observer.reach() for name in models}
    left = {name: found.left(20) for name, found in reach.items()}
    assert 0.5e-7 < left["rnn"] < 2e-7 and "about a **ten-millionth** is left" in LESSON
    assert 0.004 < left["lstm"] < 0.006 and "half a percent is left after 20 tokens" in LESSON
    assert 20_000 < left["lstm"] / left["rnn"] < 90_000 and "tens of thousands of times as much" in LESSON
    assert 0.025 < left["transformer"] < 0.035 and "about 3 % is left 20 tokens back, and after 40 no less" in LESSON
    assert reach["transformer"].left(40) >= left["transformer"]
    assert reach["bengio"].left(3) > 0 == reach["bengio"].left(4) and "beyond 4 tokens there is nothing" in LESSON


def test_the_views_that_it_names_are_there(bigram: Any) -> None:
    titles = {
        name: " · ".join(view.title for view in build(f"model={name}", "grown=3").views())
        for name in ("lstm", "transformer", "bengio")
    } | {"bigram": " · ".join(view.title for view in bigram.views())}
    for model, names in {
        "bigram": ("which token follows which", "what a text costs"),
        "bengio": ("embeddings", "gradient by distance"),
        "lstm": ("cell state", "gates", "gradient by distance"),
        "transformer": ("attention",),
    }.items():
        for name in names:
            assert name in titles[model] and f"*{name}*" in LESSON


def test_the_models_settings_and_metrics_that_it_names_are_there() -> None:
    (models,) = (each.choices for each in CARD.hyperparameters if each.name == "model")
    named = re.findall(r"`model`\s+\*(\w+)\*", CARD.lesson)
    assert set(named) <= set(models) and {"ngram", "bengio", "rnn", "lstm", "transformer"} == set(named)
    assert "compare" in {preset.name for preset in CARD.presets} and "`preset` *compare*" in CARD.lesson
    assert {"layer", "head", "sentence", "tokens"} <= {each.name for each in CARD.hyperparameters}
