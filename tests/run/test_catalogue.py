"""The catalogue: scenarios found in folders, wherever those are, and one slip in one of them."""

import subprocess
import sys
from pathlib import Path

import pytest

import tui_lab.scenarios
from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import scenario, scenarios, survey

MINIMAL = 'title = "T"\nsummary = "S"\norder = {order}\nhyperparameters = []\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own scenario folder."""
    monkeypatch.setattr(tui_lab.scenarios, "__path__", [*tui_lab.scenarios.__path__, str(tmp_path / "own")])
    return tmp_path / "own"


def put(folder: Path, name: str, content: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "scenario.toml").write_text(content, encoding="utf-8")


def test_a_user_s_scenario_stands_beside_the_built_in_ones_in_learning_order(folder: Path) -> None:
    put(folder, "first_of_all", MINIMAL.format(order=-1))
    put(folder, "last", MINIMAL.format(order=1000))
    names = [card.name for card in scenarios()]
    assert names[0] == "first-of-all" and names[-1] == "last" and "linear-regression" in names


def test_its_card_says_where_its_python_and_its_lesson_are(folder: Path) -> None:
    put(folder, "my_own", MINIMAL.format(order=1))
    (folder / "my_own" / "lesson.md").write_text("# Größe", encoding="utf-8")
    card = scenario("my-own")
    assert card.module == "tui_lab.scenarios.my_own.scenario"
    assert card.lesson == "# Größe"
    assert card.folder == str(folder / "my_own")


def test_without_a_lesson_there_is_nothing_to_read(folder: Path) -> None:
    put(folder, "bare", MINIMAL.format(order=1))
    assert scenario("bare").lesson == ""


def test_the_first_folder_that_has_a_scenario_wins(folder: Path) -> None:
    put(folder, "linear_regression", MINIMAL.format(order=1))
    assert scenario("linear-regression").title == "Linear regression"


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("title = ", "Invalid value"),
        ('title = "T"', "missing required field"),
        (MINIMAL.format(order='"one"'), "Expected `int`"),
        (MINIMAL.format(order=1) + "speeed = 3.0\n", "unknown field `speeed`"),
    ],
)
def test_a_slip_in_one_description_takes_nothing_else_away(folder: Path, content: str, wrong: str) -> None:
    put(folder, "slip", content)
    cards, sentences = survey()
    assert "linear-regression" in [card.name for card in cards]
    assert len(sentences) == 1 and str(folder / "slip") in sentences[0] and wrong in sentences[0]
    assert scenario("linear-regression").title == "Linear regression"
    with pytest.raises(BadInput, match="is not a scenario description"):
        scenario("slip")


def test_a_description_that_is_no_text_is_told(folder: Path) -> None:
    put(folder, "binary", "")
    (folder / "binary" / "scenario.toml").write_bytes(b"\xff\xfe\x00")
    assert "is not a scenario description" in survey()[1][0]


def test_a_description_that_is_a_folder_is_told(folder: Path) -> None:
    (folder / "odd" / "scenario.toml").mkdir(parents=True)
    assert "is not a scenario description" in survey()[1][0]


def test_an_unknown_scenario_is_told_the_nearest() -> None:
    with pytest.raises(BadInput, match="There is no scenario 'linear-regresion': did you mean 'linear-regression'"):
        scenario("linear-regresion")


def test_listing_imports_no_scenario() -> None:
    code = (
        "import sys; from tui_lab.run.catalogue import scenarios; assert scenarios(); "
        "print([name for name in sys.modules if name.startswith('tui_lab.scenarios.')])"
    )
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert listed.stdout.strip() == "[]"
