"""The manifest: files are named with what was in them."""

import hashlib
import os
from pathlib import Path

import pytest

from tui_lab.lab.errors import BadInput
from tui_lab.run.catalogue import DataFile, ScenarioCard
from tui_lab.run.manifest import FileReference, data_of, source_of, versions


def test_a_file_is_known_by_its_full_path_and_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data.csv").write_bytes(b"x,y\n1,2\n")
    monkeypatch.chdir(tmp_path)
    reference = FileReference.of(Path("data.csv"), "--data")
    assert reference.path == str(tmp_path / "data.csv")
    assert reference.sha256 == hashlib.sha256(b"x,y\n1,2\n").hexdigest()
    assert reference.unchanged("--data") == tmp_path / "data.csv"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no --data file .*/none.csv"):
        FileReference.of(tmp_path / "none.csv", "--data")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no ordinary file"):
        FileReference.of(tmp_path, "--init")


def test_a_pipe_is_refused_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="no ordinary file"):
        FileReference.of(tmp_path / "pipe", "--data")


def test_an_endless_device_is_refused_not_read() -> None:
    with pytest.raises(BadInput, match="no ordinary file"):
        FileReference.of(Path("/dev/zero"), "--data")


def test_a_path_through_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be read: Not a directory"):
        FileReference.of(tmp_path / "file" / "data.csv", "--data")


def test_a_file_that_has_changed_is_not_the_one_that_the_run_began_with(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1")
    reference = FileReference.of(tmp_path / "data.csv", "--data")
    (tmp_path / "data.csv").write_text("2")
    with pytest.raises(BadInput, match="has changed since this run began"):
        reference.unchanged("--data")
    (tmp_path / "data.csv").unlink()
    with pytest.raises(BadInput, match="There is no --data file"):
        reference.unchanged("--data")


HUB = ScenarioCard("T", "S", 1, [], data=DataFile([".txt", ".csv"], "", hub=True), name="t")


@pytest.mark.parametrize("text", ["imdb", "stanfordnlp/imdb", "some-body/my.data_v1.0", "A/b"])
def test_a_data_set_of_a_hub_is_known_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_of(data_of(HUB, text)) == text


@pytest.mark.parametrize(
    "text",
    ["reviews.txt", "data/reviews.csv", "data/REVIEWS.CSV", "imdb.x", "../imdb", "/imdb", "a/b/c", "a b", "-x", "é"],
)
def test_what_does_not_look_like_an_id_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="There is no --data file"):
        data_of(HUB, text)


def test_a_file_that_is_there_goes_before_an_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("imdb").write_text("mine")
    reference = data_of(HUB, "imdb")
    assert isinstance(reference, FileReference) and source_of(reference) == tmp_path / "imdb"


def test_only_scenarios_that_say_so_take_an_id_or_any_data() -> None:
    with pytest.raises(BadInput, match="There is no --data file imdb"):
        data_of(ScenarioCard("T", "S", 1, [], data=DataFile([".txt"], ""), name="t"), "imdb")
    with pytest.raises(BadInput, match="t makes its own data and takes no --data"):
        data_of(ScenarioCard("T", "S", 1, [], name="t"), "imdb")


def test_versions_name_what_is_there_and_what_is_not() -> None:
    found = versions(["numpy", "no-such-package"])
    assert found["no-such-package"] == "not installed"
    assert found["numpy"][0].isdigit() and found["python"].startswith("3.")
