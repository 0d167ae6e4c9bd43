"""Examples from CSV files: inputs and labels, or a sentence that says what is wrong."""

from pathlib import Path

import pytest

from tui_lab.lab.errors import BadInput
from tui_lab.lab.labelled_table import LabelledRows, read_labelled


def read(folder: Path, text: str, x: str = "", y: str = "") -> LabelledRows:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    return read_labelled(path, x, y)


def test_the_last_column_is_the_label_and_numbers_are_inputs(tmp_path: Path) -> None:
    rows = read(tmp_path, "width,who,height,kind\n1,Ann,2.5,cat\n-3,Bob,4e1, dog \n")
    assert (rows.names, rows.label_name, rows.labels) == (["width", "height"], "kind", ["cat", "dog"])
    assert rows.x.tolist() == [[1, 2.5], [-3, 40]]


def test_columns_by_name(tmp_path: Path) -> None:
    text = "kind;a;b;c\n1;1,5;2;3\n0;4;5;6\n"
    rows = read(tmp_path, text, x="c, a", y="kind")
    assert rows.x.tolist() == [[3, 1.5], [6, 4]] and rows.names == ["c", "a"]
    assert read(tmp_path, text, y="kind").names == ["a", "b", "c"]


def test_numbers_as_labels_are_spelt_alike(tmp_path: Path) -> None:
    assert read(tmp_path, "a,y\n1,1\n2,1.0\n3,1e0\n4,0\n").labels == ["1", "1", "1", "0"]


def test_text_and_numbers_may_be_mixed_in_labels_only(tmp_path: Path) -> None:
    assert read(tmp_path, "a,y\n1,5\n2,five\n").labels == ["5", "five"]
    with pytest.raises(BadInput, match="Column 'a' of own\\.csv is 'five' on line 3"):
        read(tmp_path, "a,y\n1,5\nfive,5\n")


@pytest.mark.parametrize(
    ("text", "x", "y", "words"),
    [
        ("a,y\n1,0\n,1\n", "", "", "Column 'a' of own.csv is empty on line 3"),
        ("a,y\n1,0\nnan,1\n", "", "", "Column 'a' of own.csv is nan on line 3"),
        ("a,y\n1,0\n2,nan\n", "", "", "Column 'y' of own.csv is nan on line 3"),
        ("a,y\n1,0\n2, \n", "", "", "Column 'y' of own.csv is empty on line 3: each row needs a label"),
        ("a,y\n1,0\n2\n", "", "", "Line 3 of own.csv has 1 cell, not 2"),
        ("a,y\n1,0\n", "b", "", "no column 'b'"),
        ("a,y\n1,0\n", "", "label", "no column 'label'"),
        ("a,y\n1,0\n", "a,a", "", "x has 'a' twice"),
        ("a,y\n1,0\n", "a,y", "", "x has 'y', which y is"),
        ("a,y\nred,0\n", "", "", "own.csv has no column of numbers beside the labels in 'y'"),
        ("y\n0\n1\n", "", "", "no column of numbers beside"),
        ("", "", "", "own.csv is empty"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, text: str, x: str, y: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read(tmp_path, text, x, y)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        read_labelled(tmp_path / "none.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes(b"1,2\n" * 5000 + b"1,\xff\n")
    with pytest.raises(BadInput, match="not UTF-8"):
        read_labelled(path)
