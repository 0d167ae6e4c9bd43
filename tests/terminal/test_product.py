"""The product as a person meets it: by keys, on a screen, in a real terminal."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.terminal import LAB, Terminal
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory, find
from tui_lab.run.messages import GetReport, Play, Report, Step

Start = Callable[..., RunDirectory]
SIZES = [(80, 24), (120, 40), (200, 50)]


def step_of(text: str) -> int:
    """The step in the status line."""
    match = re.search(r"step\s+(\d+)/", text)
    return int(match[1]) if match else -1


def numbers_of(text: str) -> list[str]:
    """Every number on the screen but those of the status line, which tells the speed."""
    return re.findall(r"-?\d+\.?\d*", "\n".join(text.splitlines()[1:]))


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_by_keys_from_home_to_the_closed_form_and_back(columns: int, rows: int) -> None:
    with Terminal(LAB, columns, rows) as terminal:
        terminal.wait_for("Linear regression")
        terminal.press("down", "enter")
        terminal.wait_for("learning_rate")
        terminal.press("ctrl+s" if "ctrl+s" in terminal.text() else "enter")
        terminal.wait_for("paused", "over speed")
        terminal.press("space")
        terminal.wait(lambda text: step_of(text) > 20)
        terminal.press("space")
        terminal.wait_for("paused")
        if columns == 80:
            terminal.press("4")
            terminal.wait_for("gradient")
        paused = terminal.at_rest()
        there, numbers = step_of(paused), numbers_of(paused)
        for back in range(1, 21):
            terminal.press("left")
            terminal.wait(lambda text, wanted=there - back: step_of(text) == wanted)  # type: ignore[misc]
        for forth in range(1, 21):
            terminal.press("right")
            terminal.wait(lambda text, wanted=there - 20 + forth: step_of(text) == wanted)  # type: ignore[misc]
        terminal.wait(lambda text: numbers_of(text) == numbers)
        terminal.press("q")
        terminal.wait_for("Scenarios")
        terminal.press("q")
        assert terminal.leave() == 0
        assert "tui-lab attach" in terminal.text()
    listed = subprocess.run([*LAB, "runs"], capture_output=True, text=True, check=True).stdout
    assert f"{there} of 300" in listed


def test_a_finished_run_shows_its_chart_again(start: Start) -> None:
    run = start("linear-regression", "steps=200")
    with Client(run) as client, Terminal([*LAB, "attach", run.run], 120, 40) as first:
        client.ask(Step(200))
        first.wait_for("finished", "200/200")
        chart = first.wait(lambda text: "200" in _chart(text) and "⠒" in _chart(text))
        with Terminal([*LAB, "attach", "latest"], 120, 40) as second:
            second.wait(lambda text: _chart(text) == _chart(chart))


def _chart(text: str) -> str:
    """The pane of the loss chart: it begins with its title, at the left of the screen."""
    lines = text.splitlines()
    first = next((i for i, line in enumerate(lines) if line.startswith("╭─ loss")), len(lines))
    return "\n".join(line.split("││")[0] for line in lines[first + 1 :])


def test_the_run_survives_its_viewer(start: Start) -> None:
    run = start("linear-regression", "steps=1000000000")
    with Terminal([*LAB, "attach", run.run]) as terminal:
        terminal.wait_for("paused")
        terminal.press("space")
        terminal.wait_for("playing")
        os.kill(terminal.process.pid, signal.SIGKILL)
    with Client(run) as client:
        before = client.ask(GetReport())
        after = client.ask(GetReport())
        while isinstance(before, Report) and isinstance(after, Report) and after.step == before.step:
            after = client.ask(GetReport())
        assert isinstance(after, Report)
        assert after.status == "running"


def test_a_killed_trainer_is_told_within_two_seconds(start: Start) -> None:
    run = start("linear-regression", "steps=1000000000")
    with Client(run) as client:
        client.ask(Play())
        with Terminal([*LAB, "attach", run.run], 120, 40) as terminal:
            terminal.wait_for("playing")
            trainer = run.trainer()
            assert trainer is not None
            os.kill(trainer.pid, signal.SIGKILL)
            terminal.wait_for("lost", seconds=2)
            terminal.press("right")
            terminal.wait_for("paused")


def test_two_viewers_see_the_same(start: Start) -> None:
    run = start("linear-regression")
    with Terminal([*LAB, "attach", run.run]) as one, Terminal([*LAB, "attach", run.run]) as other:
        one.wait_for("paused")
        other.wait_for("paused")
        one.press("right", "right")
        other.wait(lambda text: step_of(text) == 2)
        other.press("left")
        one.wait(lambda text: step_of(text) == 1)


def test_text_from_a_file_is_never_obeyed(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text('"a[b]\x1b]0;owned\x07\x1b[31m","y"\n1,2\n2,4\n3,7\n')
    with Terminal([*LAB, "run", "linear-regression", "--paused", "--data", str(data)], 120, 40) as terminal:
        text = terminal.wait_for("paused", "a[b]")
        assert "]0;owned" in text


def test_a_diverging_fit_says_why(start: Start) -> None:
    run = start("linear-regression", "learning_rate=1.5", "steps=100000")
    with Terminal([*LAB, "attach", run.run], 120, 40) as terminal:
        terminal.wait_for("paused")
        terminal.press("+", "+", "+", "+", "+", "+", "+", "+", "space")
        terminal.wait_for("failed", "2/λmax")


def test_a_quiet_lab_sends_nothing(start: Start) -> None:
    run = start("linear-regression")
    with Terminal([*LAB, "attach", run.run], 120, 40) as terminal:
        terminal.wait_for("paused", "over speed")
        terminal.at_rest()
        before = terminal.sent
        assert not terminal.read(2.0)
        assert terminal.sent == before


@pytest.mark.parametrize("words", [[], ["attach", "latest"], ["run", "linear-regression"]])
def test_without_a_terminal_one_line_says_what_to_do(words: list[str], start: Start) -> None:
    start()
    done = subprocess.run([*LAB, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "--headless" in done.stderr


def test_the_app_tells_of_a_run_that_is_half_deleted(start: Start) -> None:
    whole, broken = start(), start()
    (broken.path / "run.json").unlink()
    with Terminal(LAB) as terminal:
        terminal.wait_for("damaged", find(whole.run).run[:4])


def test_xor_with_two_hidden_neurons_by_keys() -> None:
    """Build it, watch it learn, walk a step forward and back, edit a weight, check the gradient, begin again."""
    with Terminal(LAB, 120, 40) as terminal:
        terminal.wait_for("Multi-layer perceptron")
        terminal.press("down", "down", "down", "enter")
        terminal.wait_for("layers", "Start")
        terminal.press("tab")
        terminal.wait_for("reg-… are numbers to predict, the others classes; --data")
        terminal.press("enter")
        terminal.wait_for("gauss")
        terminal.press("down", "enter")
        terminal.wait_for("dataset         xor")
        terminal.press("tab", "tab", "tab")
        terminal.wait_for("layers of 1 to 64; empty for none")
        terminal.press("ctrl+u")
        terminal.wait_for("layers             ")
        terminal.press("2")
        terminal.wait_for("layers          2  ")
        terminal.press("ctrl+s")
        terminal.wait_for("paused", "to xor", "[1,1]")
        terminal.press("space")
        terminal.wait(lambda text: step_of(text) > 300)
        terminal.press("space")
        terminal.wait_for("paused")
        there = terminal.at_rest()
        step, loss = step_of(there), loss_of(there)
        parameters = parameters_of(there)
        assert loss < 0.6, "it has not begun to learn"

        terminal.press("down", "down")
        terminal.wait_for("by operation")
        for operation in range(1, 9):
            terminal.press("right")
            terminal.wait_for(f"in step {step + 1} · {operation} of")
        inside = terminal.at_rest()
        for operation in range(7, 0, -1):
            terminal.press("left")
            terminal.wait_for(f"in step {step + 1} · {operation} of")
        for operation in range(2, 9):
            terminal.press("right")
            terminal.wait_for(f"in step {step + 1} · {operation} of")
        terminal.wait(lambda text: text.splitlines()[2:24] == inside.splitlines()[2:24])

        terminal.press("p")
        terminal.wait_for("layer1.W[0,0]", "enter set")
        terminal.press("enter")
        terminal.wait_for("layer1.W[0,0] =")
        terminal.press("2", "enter")
        terminal.wait(lambda text: re.search(r"layer1.W\[0,0\] +2 ", text) and loss_of(text) != loss)
        terminal.press("escape")
        terminal.wait(lambda text: "to xor" in text and parameters_of(text) != parameters)
        edited = terminal.at_rest()
        assert step_of(edited) == step
        terminal.press("g")
        terminal.wait_for("The gradients agree with central differences")
        terminal.press("escape")
        terminal.wait(lambda text: "Gradient check" not in text)
        terminal.press("r")
        terminal.wait(lambda text: step_of(text) == 0)
        terminal.press("G")
        terminal.wait_for("Go to (now 0")
        terminal.press(*str(step - 1), "enter")
        terminal.wait(lambda text: step_of(text) == step - 1)
        terminal.press("up", "up", "right")
        terminal.wait(lambda text: step_of(text) == step and parameters_of(text) == parameters_of(edited))


def loss_of(text: str) -> float:
    """The loss in the status line."""
    match = re.search(r"loss ([\d.e+-]+)", text)
    return float(match[1]) if match else float("nan")


def parameters_of(text: str) -> list[str]:
    """The values in the pane of the parameters."""
    return re.findall(r"\[\d(?:,\d)?\] +(-?[\d.e+-]+)", text)
