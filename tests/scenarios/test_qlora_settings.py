"""What scenario.toml promises: ranges that refuse before anything is loaded, presets with their sources."""

import pytest

from tests.scenarios.qlora_models import CARD
from tui_lab.lab.errors import BadInput
from tui_lab.run.settings import settings_of, spell
from tui_lab.scenarios.qlora.method import Method


@pytest.mark.parametrize("word", [
    "alpha=0", "alpha=-16", "alpha=nan", "alpha=inf", "dropout=-0.1", "dropout=1", "dropout=1.5", "dropout=nan",
    "learning_rate=0", "learning_rate=-1", "learning_rate=nan", "batch_size=0", "accumulation=0", "rank=0", "rank=-4",
    "rank=8.5", "max_grad_norm=0", "max_grad_norm=-1", "weight_decay=-1", "steps=0", "warmup=-1", "max_length=0",
    "quantisation=NF4", "quantisation=int4", "compute_dtype=bfloat16", "optimizer=adam", "schedule=cos",
    "bnb_4bit_double_quant=on", "double_quantisation=on", "learning_rat=1", "device=gpu", "processes=0",
    "preset=paper-8b", "held_out=0", "evaluate_every=0",
])  # fmt: skip
def test_values_that_libraries_take_silently_are_refused(word: str) -> None:
    with pytest.raises(BadInput):
        settings_of(CARD, [word])


@pytest.mark.parametrize("preset", [preset.name for preset in CARD.presets])
def test_presets_are_valid_settings_with_a_source(preset: str) -> None:
    chosen = next(each for each in CARD.presets if each.name == preset)
    spelt = [f"{name}={text}" for name, text in spell(chosen.settings).items()]
    assert settings_of(CARD, spelt) == settings_of(CARD, [f"preset={preset}"])
    assert chosen.source
    Method.of(settings_of(CARD, [f"preset={preset}"]))


@pytest.mark.parametrize(("preset", "rate", "dropout"), [("paper-7b", 2e-4, 0.1), ("paper-65b", 1e-4, 0.05)])
def test_the_paper_s_numbers(preset: str, rate: float, dropout: float) -> None:
    """Dettmers et al. 2023, table 9: batch 16, 1875 steps, rank 64, alpha 16, the gradient clipped at 0.3."""
    method = Method.of(settings_of(CARD, [f"preset={preset}"]))
    assert (method.learning_rate, method.dropout) == (rate, dropout)
    assert (method.rank, method.alpha, method.scaling) == (64, 16.0, 0.25)
    assert (method.sequences_per_step, method.steps, method.max_grad_norm) == (16, 1875, 0.3)
    assert (method.quantisation, method.double_quant, method.optimizer) == ("nf4", True, "paged_adamw_32bit")
    assert (method.schedule, method.weight_decay, method.target_modules) == ("constant", 0.0, "all-linear")


def test_defaults_are_qlora_s() -> None:
    method = Method.of(settings_of(CARD, []))
    assert (method.quantisation, method.double_quant, method.target_modules) == ("nf4", True, "all-linear")
    assert (method.optimizer, method.max_grad_norm) == ("paged_adamw_32bit", 0.3)
