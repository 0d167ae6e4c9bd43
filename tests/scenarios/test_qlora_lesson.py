"""Test what the lesson says of the model and the reviews that come with the lab."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scenarios.qlora_ill import defaults
from tui_lab.lab.views import Heat, Table
from tui_lab.scenarios.qlora.scenario import QLoRA

LESSON = (Path(__file__).parents[2] / "scenarios" / "qlora" / "lesson.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shipped() -> Any:
    """The run that the lesson is about, after its first step, with as little asked as there can be."""
    scenario = QLoRA()
    never = {"evaluate_every": 1000, "sample_every": 1000}
    scenario.build({**defaults(), **never, "device": "cpu", "data": None}, 0, "cpu")
    for _ in scenario.step():
        pass
    return scenario


def table(scenario: Any, title: str) -> Table:
    (found,) = [view for view in scenario.views() if isinstance(view, Table) and title in view.title]
    return found


def test_what_four_bits_lose(shipped: Any) -> None:
    errors = table(shipped, "what quantising loses")
    nf4, fp4, int8 = (np.mean([float(row[column]) for row in errors.rows]) for column in (1, 2, 3))
    assert f"about {nf4:.0f} % in NF4, {fp4:.0f} % in FP4, {int8:.1f} % in 8 bits" in LESSON


def test_four_bits_save_next_to_nothing_here(shipped: Any) -> None:
    """The lab's model has about a million numbers; activations take many times what all its weights do."""
    assert shipped.bookkeeping.census.total == pytest.approx(1e6, rel=0.3)
    parts = shipped.bookkeeping.ledger.rows
    weights = sum(
        size for part, size in parts.items() if "codes" in part or "constants" in part or "embeddings" in part
    )
    assert parts["activations"] > 10 * weights


def test_in_the_first_step_only_b_has_a_gradient(shipped: Any) -> None:
    (view,) = [v for v in shipped.views() if isinstance(v, Heat) and v.title == "gradient norms in step 1"]
    assert (view.values[:, 0::2] == 0).all()
    assert (view.values[:, 1::2] > 0).all()


def test_the_pictures_that_the_lesson_names_are_there(shipped: Any) -> None:
    titles = "\n".join(view.title for view in shipped.views())
    for part in ("held-out texts", "what it writes", "memory ledger", "in full, in 16 bits", "adapted layers"):
        assert part in titles
    for part in ("singular values of ΔW", "NF4", "what quantising loses", "speed of the latest step", "held out"):
        assert part in titles
