"""Where a key takes a look: ladders with ends, and all of the tokens as the most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.run.catalogue import Hyperparameter, scenario
from tui_lab.run.settings import parse, spell
from tui_lab.ui.looks import can_write, looks_of, turned

LOOKS = {
    "grown": Hyperparameter("grown", "int", 0, "", minimum=0, maximum=40, look=True),
    "temperature": Hyperparameter("temperature", "float", 1.0, "", minimum=0.0, maximum=5.0, look=True),
    "top_k": Hyperparameter("top_k", "int", 0, "", minimum=0, maximum=100, look=True),
    "top_p": Hyperparameter("top_p", "float", 1.0, "", minimum=0.01, maximum=1.0, look=True),
    "seed": Hyperparameter("sample_seed", "int", 0, "", minimum=0, maximum=9, look=True),
}
OFF = Hyperparameter("top_k", "int", "all", "", minimum=1, maximum=50, words=["all"])


@pytest.mark.parametrize(
    ("what", "value", "by", "after"),
    [
        ("grown", 0, 1, 1),
        ("grown", 40, 1, 40),
        ("grown", 0, -1, 0),
        ("grown", 17, -1_000_000_000, 0),
        ("temperature", 1.0, -1, 0.9),
        ("temperature", 0.7, 1, 0.8),
        ("temperature", 0.05, -1, 0.0),
        ("temperature", 4.97, 1, 5.0),
        ("top_p", 1.0, -1, 0.95),
        ("top_p", 0.05, -1, 0.01),
        ("top_k", 0, -1, 100),
        ("top_k", 100, 1, 0),
        ("top_k", 0, 1, 0),
        ("top_k", 4, -1, 3),
        ("top_k", 4, 1, 5),
        ("top_k", 1, -1, 1),
        ("seed", 3, 1, 4),
    ],
)
def test_a_key_goes_one_further_and_never_beyond_an_end(what: str, value: float, by: int, after: float) -> None:
    assert turned(LOOKS[what], value, by) == after
    assert type(turned(LOOKS[what], value, by)) is type(after)


def test_all_tokens_may_be_a_word() -> None:
    assert turned(OFF, "all", -1) == 50 and turned(OFF, 50, 1) == "all" and turned(OFF, "all", 1) == "all"
    assert turned(OFF, 1, -1) == 1


@given(st.sampled_from(sorted(LOOKS)), st.lists(st.sampled_from([-1, 1]), max_size=30))
def test_whatever_keys_are_pressed_the_value_is_valid(what: str, keys: list[int]) -> None:
    look, value = LOOKS[what], LOOKS[what].default
    for by in keys:
        value = turned(look, value, by)
        assert parse(look, spell({"": value})[""]) == value


@pytest.mark.parametrize("what", ["temperature", "top_k", "top_p"])
def test_the_other_key_comes_back(what: str) -> None:
    look, value = LOOKS[what], LOOKS[what].default
    below = turned(look, value, -1)
    assert below != value and turned(look, below, 1) == value


def test_only_a_scenario_with_a_prompt_and_a_length_writes() -> None:
    assert can_write(scenario("scribe")) and not can_write(scenario("bowl"))
    assert list(looks_of(scenario("scribe"))) == ["prompt", "grown", "temperature", "top_k", "top_p", "seed"]
