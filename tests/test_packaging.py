"""What is in the wheel, and what a module drags in."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCENARIOS = sorted(path.parent.name for path in (ROOT / "scenarios").glob("*/scenario.toml"))


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running `code`."""
    program = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_the_wheel_carries_the_scenarios(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for scenario in SCENARIOS:
        for path in (ROOT / "scenarios" / scenario).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"tui_lab/scenarios/{path.relative_to(ROOT / 'scenarios')}" in names
    assert "tui_lab/ui/app.tcss" in names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"tui_lab"}


def test_home_appears_without_numpy_torch_or_typer() -> None:
    assert not loaded_by("import tui_lab.ui.app, tui_lab.cli") & {"numpy", "torch", "typer", "sqlite3", "markdown_it"}


def test_the_viewer_never_has_torch_or_the_trainer() -> None:
    loaded = loaded_by("import tui_lab.ui.app, tui_lab.ui.lab, tui_lab.cli.commands")
    assert not loaded & {"torch", "transformers", "tui_lab.trainer"}
    assert not [name for name in loaded if name.startswith("tui_lab.scenarios.")]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_knows_the_lab_only(scenario: str) -> None:
    loaded = loaded_by(f"import tui_lab.scenarios.{scenario}.scenario")
    others = {"tui_lab.ui", "tui_lab.trainer", "tui_lab.run", "tui_lab.cli", "tui_lab.canvas", "textual", "rich"}
    assert not loaded & others


def test_listing_scenarios_imports_none_of_them() -> None:
    loaded = loaded_by("from tui_lab.run.catalogue import survey; survey()")
    assert not [name for name in loaded if name.startswith("tui_lab.scenarios.")]
