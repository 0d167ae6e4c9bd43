"""Reading two number columns out of anything that calls itself CSV."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_lab.lab.csv_table import Columns, printable, read_columns
from tui_lab.lab.errors import BadInput


def read(folder: Path, content: str | bytes, x: str = "", y: str = "") -> Columns:
    path = folder / "points.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_columns(path, x, y)


def complaint(folder: Path, content: str | bytes, x: str = "", y: str = "") -> str:
    with pytest.raises(BadInput) as caught:
        read(folder, content, x, y)
    sentence = str(caught.value)
    assert "points.csv" in sentence and "\n" not in sentence and sentence.isprintable() and len(sentence) < 300
    return sentence


@pytest.mark.parametrize(
    "content",
    [
        "x,y\n1,2\n3,4.5\n",
        "x,y\r\n1,2\r\n3,4.5\r\n",
        "x,y\r1,2\r3,4.5\r",
        "\ufeffx,y\n1,2\n3,4.5",
        "x;y\n1;2\n3;4,5\n",
        "x\ty\n1\t2\n3\t4.5\n",
        "x|y\n1|2\n3|4.5\n",
        '"x","y"\n"1","2"\n"3","4.5"\n',
        "\n\nx,y\n\n1,2\n  \n,\n3,4.5\n\n",
        " x , y \n 1 , 2 \n 3 , 4.5 \n",
        "x,y\n1,2\n3e0,+45e-1\n",
    ],
)
def test_dialects(tmp_path: Path, content: str) -> None:
    columns = read(tmp_path, content)
    assert (columns.x_name, columns.y_name) == ("x", "y")
    assert (columns.x.tolist(), columns.y.tolist()) == ([1, 3], [2, 4.5])


@pytest.mark.parametrize("content", ["1,2\n3,4.5\n", "1;2\n3;4,5\n", "1,0;2,0\n3,0;4,5\n", "1\t2\n3\t4.5"])
def test_without_a_header_columns_are_numbered(tmp_path: Path, content: str) -> None:
    columns = read(tmp_path, content)
    assert (columns.x_name, columns.y_name) == ("column 1", "column 2")
    assert (columns.x.tolist(), columns.y.tolist()) == ([1, 3], [2, 4.5])


def test_text_columns_are_passed_over_and_quoted_line_ends_counted(tmp_path: Path) -> None:
    content = 'name,x,comment,y\nann,1,"two\nlines",2\nbob,3,"a ""b"", c",4\n'
    columns = read(tmp_path, content)
    assert (columns.x_name, columns.y_name, columns.y.tolist()) == ("x", "y", [2, 4])
    assert "line 4" in complaint(tmp_path, content.replace("bob,3", "bob,three"))


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    content = "a,b,c\n1,2,3\n4,5,7\n"
    assert read(tmp_path, content, "c", "a").x.tolist() == [3, 7]
    assert read(tmp_path, "a,b\n1,2\n3,5\n", x="b").y_name == "a"
    assert read(tmp_path, "a,b\n1,2\n3,5\n", y="a").x_name == "b"
    assert read(tmp_path, "year,2019,2020\n1,5,6\n2,7,8\n", "2019", "2020").x.tolist() == [5, 7]
    assert read(tmp_path, "v,v\n1,2\n3,5\n").y_name == "column 2"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("\n \n,\n", "is empty"),
        ("x,y\n", "only a header"),
        ("x,y", "only a header"),
        ("x,y\n1,2\n3\n", "Line 3 of points.csv has 1 cell, not 2"),
        ("x,y\n1,2\n3,4,5\n", "Line 3 of points.csv has 3 cells, not 2"),
        ("x,y\n1,2\n3,four\n", "Column 'y' of points.csv is 'four' on line 3"),
        ("x,y\n1,2\n\n3,\n", "Column 'y' of points.csv is empty on line 4"),
        ("x,y\n1,2\nnan,4\n", "Column 'x' of points.csv is nan on line 3"),
        ("x,y\n1,2\n3,-inf\n", "Column 'y' of points.csv is -inf on line 3"),
        ("x,y\n1,2\n3,1e999\n", "Column 'y' of points.csv is inf on line 3"),
        ("x,y\n1,2\n3,1_000\n", "Column 'y' of points.csv is '1_000' on line 3"),
        ("x,y\n1,2\n3,\x1b[31mred\n", "'�[31mred' on line 3"),
        ("x,y\n1,2\n3," + "z" * 500, "zz…' on line 3"),
        ("a,b,c\n1,2,3\n4,5,6\n", "3 number columns, a, b, c: say which ones with x and y"),
        ("a,b\n1,u\n2,v\n", "one column of numbers, a: a line needs two"),
        ("a,b\nt,u\nw,v\n", "no column of numbers"),
        ('x,y\n1,"2\n' + "3,4\n" * 40000, "a quote left open"),
        (b"x,y\n1,\xff\n", "not UTF-8"),
        ("x,y\n1,2\n".encode("utf-16"), "not UTF-8"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, content: str | bytes, words: str) -> None:
    assert words in complaint(tmp_path, content)


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    assert "no column 'spede': did you mean 'speed'?" in complaint(tmp_path, "speed,dist\n1,2\n3,4\n", "spede", "dist")
    with pytest.raises(BadInput, match="x and y are both 'speed'"):
        read(tmp_path, "speed,dist\n1,2\n3,4\n", "speed", "speed")
    assert "no column of numbers left" in complaint(tmp_path, "speed,name\n1,u\n3,v\n", "speed")


def test_a_path_that_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        read_columns(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="is not a file"):
        read_columns(tmp_path)


def test_a_file_that_the_system_refuses(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: File name too long"):
        read_columns(tmp_path / ("n" * 300))


TABLES = st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2), min_size=1, max_size=120)


@settings(max_examples=60, deadline=None)
@given(rows=TABLES, delimiter=st.sampled_from(",;\t|"), header=st.booleans(), end=st.sampled_from(["\n", "\r\n"]))
def test_every_number_comes_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, float]], delimiter: str, header: bool, end: str
) -> None:
    lines = [f"left{delimiter}right"] * header + [f"{x!r}{delimiter}{y!r}" for x, y in rows]
    columns = read(tmp_path_factory.mktemp("csv"), end.join(lines))
    assert np.array_equal(np.stack([columns.x, columns.y], axis=1), np.array(rows))


@settings(max_examples=150, deadline=None)
@given(content=st.one_of(st.binary(max_size=80), st.text('0123456789.,;|\t\n\r"-exy ', max_size=60)))
def test_anything_is_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    try:
        columns = read(tmp_path_factory.mktemp("csv"), content)
    except BadInput as error:
        assert str(error).isprintable()
    else:
        assert columns.x.shape == columns.y.shape and np.isfinite([columns.x, columns.y]).all()


def test_text_from_outside_is_made_printable() -> None:
    assert printable("a\x1b[2Jb\n\u202ec") == "a�[2Jb��c"
    assert printable("x" * 41) == "x" * 39 + "…"
