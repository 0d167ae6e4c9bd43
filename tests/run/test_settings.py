"""Settings: what a person may type for a hyperparameter, and what the sentence says when they may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import Hyperparameter, Preset, ScenarioCard, scenario, scenarios
from tui_lab.run.settings import describe, hyperparameter_of, is_look, parse, settings_of, spell

RATE = Hyperparameter("learning_rate", "float", 0.1, "", minimum=0.0, maximum=1000.0)
BATCH = Hyperparameter("batch_size", "int", "all", "", minimum=1, maximum=1_000_000, words=["all"])
SWITCH = Hyperparameter("shuffle", "bool", True, "")
CHOICE = Hyperparameter("dataset", "choice", "tips", "", choices=["tips", "penguins"])
TEXT = Hyperparameter("x", "text", "", "")
CARD = ScenarioCard("Line", "", 1, [RATE, BATCH, SWITCH, CHOICE, TEXT], name="line")


def test_defaults_stand_where_nothing_is_said() -> None:
    assert settings_of(CARD, []) == {
        "learning_rate": 0.1, "batch_size": "all", "shuffle": True, "dataset": "tips", "x": "",
    }  # fmt: skip


def test_words_are_read_each_as_its_type() -> None:
    words = ["learning_rate=1e-3", "batch_size=32", "shuffle=off", "dataset=penguins", "x=a=b"]
    settings = settings_of(CARD, words)
    assert settings == {
        "learning_rate": 0.001, "batch_size": 32, "shuffle": False, "dataset": "penguins", "x": "a=b",
    }  # fmt: skip
    assert [type(settings[name]) for name in ("learning_rate", "batch_size", "shuffle")] == [float, int, bool]


def test_the_last_word_wins() -> None:
    assert settings_of(CARD, ["batch_size=1", "batch_size=all"])["batch_size"] == "all"


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("leraning_rate=1", "line has no hyperparameter 'leraning_rate': did you mean 'learning_rate'?"),
        ("learning_rate", "'learning_rate' is not a setting: write it as key=value, such as learning_rate=0.1."),
        ("", "'' is not a setting: write it as key=value, such as learning_rate=0.1."),
        ("learning_rate=", "learning_rate cannot be '': it is a number from 0 to 1000."),
        ("learning_rate=-1", "learning_rate cannot be '-1': it is a number from 0 to 1000."),
        ("learning_rate=1001", "learning_rate cannot be '1001': it is a number from 0 to 1000."),
        ("learning_rate=nan", "learning_rate cannot be 'nan': it is a number from 0 to 1000."),
        ("learning_rate=inf", "learning_rate cannot be 'inf': it is a number from 0 to 1000."),
        ("learning_rate=0,1", "learning_rate cannot be '0,1': it is a number from 0 to 1000."),
        ("batch_size=0", "batch_size cannot be '0': it is a whole number from 1 to 1000000 or all."),
        ("batch_size=1.5", "batch_size cannot be '1.5': it is a whole number from 1 to 1000000 or all."),
        ("batch_size=ALL", "batch_size cannot be 'ALL': it is a whole number from 1 to 1000000 or all."),
        ("shuffle=maybe", "shuffle cannot be 'maybe': it is on or off."),
        ("dataset=pengiuns", "dataset cannot be 'pengiuns': did you mean 'penguins'?"),
        ("dataset=iris", "dataset cannot be 'iris': there is penguins, tips"),
    ],
)
def test_a_wrong_word_is_told_what_would_be_right(word: str, sentence: str) -> None:
    with pytest.raises(BadInput) as error:
        settings_of(CARD, [word])
    assert str(error.value) == sentence


@pytest.mark.parametrize("text", ["9" * 400, "9" * 5000, "-" + "9" * 400])
def test_an_absurdly_long_number_is_refused_even_without_a_range(text: str) -> None:
    with pytest.raises(BadInput, match="it is a whole number"):
        parse(Hyperparameter("n", "int", 1, "", minimum=1, maximum=10), text)
    with pytest.raises(BadInput, match="it is a number"):
        parse(Hyperparameter("n", "float", 1, ""), text)


def test_a_whole_number_without_a_range_may_be_as_large_as_it_likes() -> None:
    assert parse(Hyperparameter("n", "int", 1, ""), "9" * 400) == int("9" * 400)


def test_a_range_with_one_end_is_told() -> None:
    assert describe(Hyperparameter("n", "int", 1, "", minimum=1)) == "a whole number of at least 1"
    assert describe(Hyperparameter("n", "float", 1.0, "", maximum=0.5)) == "a number of at most 0.5"
    assert describe(Hyperparameter("n", "float", 1.0, "")) == "a number"


@given(st.floats(0, 1000))
def test_what_is_spelt_is_read_back(value: float) -> None:
    assert parse(RATE, spell({"rate": value})["rate"]) == value


SLOW = Preset("slow", "", {"learning_rate": 1, "shuffle": False, "batch_size": "all"})


def with_presets(*presets: Preset) -> ScenarioCard:
    return ScenarioCard("Line", "", 1, [RATE, BATCH, SWITCH], presets=list(presets), name="line")


@pytest.mark.parametrize("words", [["preset=slow", "shuffle=on"], ["shuffle=on", "preset=slow"]])
def test_a_preset_goes_before_defaults_and_what_is_set_before_it(words: list[str]) -> None:
    settings = settings_of(with_presets(SLOW), words)
    assert settings == {"learning_rate": 1.0, "batch_size": "all", "shuffle": True}
    assert isinstance(settings["learning_rate"], float), "as if it had been typed"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"learn_rate": 1}, "line has no hyperparameter 'learn_rate': did you mean 'learning_rate'"),
        ({"learning_rate": -1}, "learning_rate cannot be '-1': it is a number from 0 to 1000."),
        ({"batch_size": 1.5}, "batch_size cannot be '1.5'"),
    ],
)
def test_a_slip_in_a_preset_is_told(settings: dict[str, float], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        settings_of(with_presets(Preset("odd", "", dict(settings))), ["preset=odd"])


def test_a_preset_that_is_not_there_is_told() -> None:
    with pytest.raises(BadInput, match="line has no preset 'slo': did you mean 'slow'"):
        settings_of(with_presets(SLOW), ["preset=slo"])
    with pytest.raises(BadInput, match="line has no hyperparameter 'preset'"):
        settings_of(with_presets(), ["preset=slow"])


def test_looks_are_told_from_the_others() -> None:
    card = scenario("scribe")
    assert is_look(card, "prompt") and not is_look(card, "learning_rate") and not is_look(card, "w")


def test_every_preset_of_every_scenario_is_valid() -> None:
    for card in scenarios():
        for preset in card.presets:
            assert settings_of(card, [f"preset={preset.name}"]).keys() == settings_of(card, []).keys()


@pytest.mark.parametrize("value", [True, False])
def test_a_switch_is_spelt_as_it_is_typed(value: bool) -> None:
    assert parse(SWITCH, spell({"switch": value})["switch"]) is value


def test_every_default_of_every_scenario_is_valid() -> None:
    for card in scenarios():
        for key, text in spell(settings_of(card, [])).items():
            assert parse(hyperparameter_of(card, key), text) == hyperparameter_of(card, key).default


def test_bytes_that_are_no_text_are_refused_where_they_come_in() -> None:
    stray = b"\xff".decode("utf-8", "surrogateescape")  # as Python hands on what a terminal gives
    with pytest.raises(BadInput, match="x has bytes that are not UTF-8"):
        settings_of(CARD, [f"x={stray}"])
    assert settings_of(CARD, ["x=κ\x1b[31m"])["x"] == "κ\x1b[31m"
