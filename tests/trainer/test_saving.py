"""Saving a model for other programs: whole or not at all, and never over what would be lost."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Scenario
from tui_lab.run.catalogue import scenario
from tui_lab.run.launch import create
from tui_lab.run.settings import settings_of
from tui_lab.trainer.loading import initialise, load
from tui_lab.trainer.saving import save_model


def built(name: str = "bowl", *words: str, seed: int = 0) -> Scenario:
    card = scenario(name)
    return load(card, create(card, settings_of(card, words), seed).manifest())


def names(folder: Path) -> Iterable[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "home")


@pytest.mark.parametrize("name", ["bowl", "mlp", "neuron", "chain-rule"])
def test_safetensors_have_every_parameter_to_the_last_bit_and_are_read_back(name: str, tmp_path: Path) -> None:
    model, other = built(name, seed=1), built(name, seed=2)
    save_model(model, "safetensors", tmp_path / "model.safetensors", replace=False)
    tensors = load_file(tmp_path / "model.safetensors")
    assert list(tensors) == sorted(each.name for each in model.parameters())
    for each in model.parameters():
        assert tensors[each.name].shape == each.shape and tensors[each.name].tobytes() == each.value.tobytes()
    initialise(other, tmp_path / "model.safetensors")
    for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(mine.value, theirs.value)


def test_a_format_of_the_scenario_s_own_is_a_folder(tmp_path: Path) -> None:
    model = built()
    save_model(model, "bowl", tmp_path / "out", replace=False)
    assert float((tmp_path / "out" / "weight.json").read_text()) == model.parameters()[0].value
    assert names(tmp_path) == ["out"]


def test_what_crashes_leaves_nothing_behind(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput, match="Saving as broken crashed with RuntimeError: the bowl fell over"):
        save_model(built(), "broken", tmp_path / "out", replace=False)
    assert names(tmp_path) == []
    assert "Traceback" in capfd.readouterr().err, "for the trainer's log"


def test_what_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    model, out = built(), tmp_path / "out"
    save_model(model, "bowl", out, replace=False)
    with pytest.raises(BadInput, match="is there already: add --force"):
        save_model(model, "bowl", out, replace=False)
    model.parameters()[0].write(np.array(0.5))
    save_model(model, "bowl", out, replace=True)
    assert (out / "weight.json").read_text() == "0.5" and names(tmp_path) == ["out"]


def test_a_crash_while_replacing_leaves_the_old_one(tmp_path: Path) -> None:
    model, out = built(), tmp_path / "out"
    save_model(model, "bowl", out, replace=False)
    before = hashlib.sha256((out / "weight.json").read_bytes()).digest()
    model.parameters()[0].write(np.array(0.5))
    with pytest.raises(BadInput, match="crashed"):
        save_model(model, "broken", out, replace=True)
    assert hashlib.sha256((out / "weight.json").read_bytes()).digest() == before and names(tmp_path) == ["out"]


def test_a_folder_with_something_else_in_it_is_never_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.tex").touch()
    with pytest.raises(BadInput, match=r"also holds thesis\.tex, which would be lost: name a new folder"):
        save_model(built(), "bowl", out, replace=True)
    assert names(out) == ["thesis.tex"] and names(tmp_path) == ["out"]


@pytest.mark.parametrize(
    ("form", "place", "sentence"),
    [
        ("bowls", "out", "There is no format 'bowls': did you mean 'bowl'"),
        ("zzz", "out", "There is no format 'zzz': there is bowl, broken, csv, safetensors, torch"),
        ("bowl", "none/out", "There is no folder .*none to write out into"),
        ("safetensors", "none/out", "There is no folder .*none to write out into"),
        ("safetensors", "folder", "folder cannot be replaced: this format is a file"),
        ("bowl", "file", "file cannot be replaced: this format is a folder"),
        ("safetensors", "file", "file is there already: add --force"),
        ("safetensors", "/dev/null", "/dev/null cannot be replaced"),
    ],
)
def test_a_format_or_place_that_cannot_be_is_told_and_nothing_is_made(
    tmp_path: Path, form: str, place: str, sentence: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=sentence):
        save_model(built(), form, tmp_path / place, replace=place.endswith("null"))
    assert names(tmp_path) == ["file", "folder"]


def test_a_place_that_may_not_be_written_is_told() -> None:
    for form in ("bowl", "safetensors"):
        with pytest.raises(BadInput, match=r"/proc/.*out.* cannot be written"):
            save_model(built(), form, Path("/proc/out"), replace=False)
