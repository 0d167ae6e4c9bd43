"""The code pane: the scenario's own files, with the line that computes marked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.ui.conftest import lab_of, resting, screen_text, until_frame, until_step, until_text, wait_until
from tui_lab.canvas.code import Piece
from tui_lab.run.catalogue import scenario
from tui_lab.run.directory import RunDirectory
from tui_lab.ui.app import LabApp
from tui_lab.ui.code_files import code_files
from tui_lab.ui.highlight import highlight
from tui_lab.ui.widgets.code import Code
from tui_lab.ui.widgets.inspector import Inspector
from tui_lab.ui.widgets.lesson import Lesson

Start = Callable[..., RunDirectory]
REGRESSION = "linear-regression"


def code_of(app: LabApp) -> Code:
    return lab_of(app).query_one(Code)


def marked_line(app: LabApp) -> str:
    """The text of the marked line, from the screen."""
    return next((row.split("▸", 1)[1] for row in screen_text(app).splitlines() if "▸" in row), "")


async def walk_to(app: LabApp, pilot: Pilot[None], operation: int) -> None:
    await pilot.press("right")
    await until_frame(app, lambda frame: frame.operation == operation, f"operation {operation}")


async def test_the_running_operations_line_is_marked_and_kept_in_sight(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("c")
        await until_text(app, '"""Linear regression: the line')
        assert "▸" not in screen_text(app), "between two steps nothing runs"
        await pilot.press("down", "down")
        lines = (Path(scenario(REGRESSION).folder) / "scenario.py").read_text(encoding="utf-8").splitlines()
        wanted = ["a * inputs", "product + b", "prediction - labels", "square(error)", "mean(squares)"]
        wanted += wanted[::-1][:2]
        for operation, text in enumerate(wanted):
            await walk_to(app, pilot, operation)
            await wait_until(lambda text=text: text in marked_line(app), f"the mark at {text}")  # type: ignore[misc]
            name, line = code_of(app).marked
            assert name == "scenario.py"
            assert text in lines[line - 1]
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        await wait_until(lambda: not marked_line(app), "another part of the file")
        await walk_to(app, pilot, len(wanted))
        await wait_until(lambda: "▸" in screen_text(app), "the mark")


async def test_other_files_are_a_key_away_and_the_run_brings_its_own_back(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_step(app, 0)
        await pilot.press("6")
        await until_text(app, "scenario.py  pictures.py")
        await pilot.press("greater_than_sign")
        first = (Path(scenario(REGRESSION).folder) / "pictures.py").read_text(encoding="utf-8").splitlines()[0]
        await until_text(app, first[:60])
        await pilot.press("less_than_sign", "less_than_sign")
        await until_text(app, (Path(scenario(REGRESSION).folder) / "remarks.py").read_text().splitlines()[0][:60])
        await pilot.press("down", "down", "right")
        await wait_until(lambda: "a * inputs" in marked_line(app), "the mark")


@pytest.mark.parametrize("width", [120, 200])
async def test_the_code_takes_the_lessons_place_and_gives_it_back(start: Start, width: int) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(width, 50)) as pilot:
        await until_step(app, 0)
        lab, code = lab_of(app), code_of(app)
        before = lab.query_one(Lesson).display
        assert not code.display
        await pilot.press("c")
        await wait_until(lambda: code.display and code.size.width > 50, "the code")
        assert not lab.query_one(Lesson).display
        assert lab.query_one(Inspector).display, "the equations stand beside the code"
        await until_text(app, '"""Linear regression')
        await pilot.press("c")
        await wait_until(lambda: not code.display and lab.query_one(Lesson).display == before, "what was there before")
        await pilot.press("c", "l")
        await wait_until(lambda: not code.display and lab.query_one(Lesson).display, "the lesson instead")


async def test_no_size_breaks_it(start: Start) -> None:
    app = LabApp(start(REGRESSION))
    async with app.run_test(size=(1, 1)) as pilot:
        await until_step(app, 0)
        await pilot.press("c", "down", "down")
        for operation, size in enumerate([(1, 1), (10, 4), (80, 1), (110, 5), (300, 100)]):
            await pilot.resize_terminal(*size)
            await pilot.press("pagedown", "greater_than_sign", "right")
            await until_frame(app, lambda frame, wanted=operation: frame.operation == wanted, "it")  # type: ignore[misc]


async def test_a_scenario_that_is_not_installed_has_no_code() -> None:
    run = resting()
    content = (run.path / "run.json").read_text()
    (run.path / "run.json").write_text(content.replace("linear-regression", "[i]gone", 2))
    app = LabApp(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_frame(app, lambda frame: frame.status == "finished", "the report")
        await pilot.press("6", "greater_than_sign")
        await until_text(app, "there is no code to show")


def test_scenario_py_comes_first_and_nothing_is_imported(tmp_path: Path) -> None:
    for name in ("z.py", "a.py", "scenario.py", "__init__.py"):
        (tmp_path / name).write_text("raise SystemExit\n")
    (tmp_path / "data.csv").write_text("1,2")
    (tmp_path / "folder.py").mkdir()
    assert [file.name for file in code_files(str(tmp_path))] == ["scenario.py", "a.py", "z.py"]


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text("#" * 500_000)
    (tmp_path / "bytes.py").write_bytes(b"x = '\xff\xfe'\n")
    broken, large = code_files(str(tmp_path))
    assert "x = '" in "".join(piece.text for piece in broken.lines[0])
    assert large.lines[0][0].text == "large.py is too large to be shown: 500,000 bytes."


def test_text_is_told_apart() -> None:
    text = "def f(x):  # why\n    return 'a' + f'{x}' * 2\n"
    first, second = highlight(text)
    assert [piece for piece in first if piece.tone != "text"] == [
        Piece("def", "keyword"),
        Piece("f", "name"),
        Piece("# why", "comment"),
    ]
    assert {piece.tone for piece in second} == {"text", "keyword", "string", "number"}
    assert "".join(piece.text for piece in second) == "    return 'a' + f'{x}' * 2"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        '"""a\n\nb"""\nx = 1',
        "x = (1,\n",
        "'''never closed\nat all",
        "  bad\n indent\n",
        "\tx = 1\n",
        "x = 1 \\\n  + 2",
        "\x00\x1b[31m",
        "x = $?`",
        "π = 'é日本'  # ü",
        "a\rb\x0cc\u2028d",
    ],
)
def test_no_text_is_lost_whatever_it_is(text: str) -> None:
    shown = ["".join(piece.text for piece in line) for line in highlight(text)]
    assert shown == text.expandtabs(4).splitlines()


@pytest.mark.parametrize("name", [REGRESSION, "neuron", "chain-rule", "mlp"])
def test_every_file_of_the_scenarios_is_shown_as_it_is(name: str) -> None:
    folder = scenario(name).folder
    for file in code_files(folder):
        text = (Path(folder) / file.name).read_text(encoding="utf-8").splitlines()
        assert ["".join(piece.text for piece in line) for line in file.lines] == text
        assert any(piece.tone == "keyword" for line in file.lines for piece in line)
