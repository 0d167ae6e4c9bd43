"""Language models and a fine-tune as a person meets them: by keys, on a screen, in a real terminal."""

import re

from tests.terminal.terminal import LAB, Terminal
from tests.terminal.test_product import numbers_of, step_of

PATIENT = 90.0
"""Seconds for what begins with the import of torch."""
SMALL = ["--set", "model=transformer", "--set", "width=32", "--set", "context=32", "--set", "batch_size=4"]


def opened(terminal: Terminal) -> str:
    """The screen of a run that stands before its first step, complete."""
    terminal.wait_for("paused", "0/", seconds=PATIENT)
    return terminal.at_rest(PATIENT)


def place_of(text: str) -> tuple[int, int] | None:
    """Operation n of N in the inspector, None between two steps."""
    found = re.search(r"update +(?:in step \d+ · )?(\d+) of (\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def test_a_bigram_is_trained_looked_at_and_written_with() -> None:
    with Terminal([*LAB, "run", "language-model", "--paused", "--set", "model=bigram"]) as terminal:
        opened(terminal)
        terminal.press("right")
        terminal.wait(lambda text: step_of(text) == 1)
        terminal.press("v")
        terminal.wait_for("the next token 2/")
        terminal.press("w")
        terminal.wait_for("enter writes on from this prompt")
        terminal.press(*"Qu", "enter")
        terminal.wait_for("prompt Qu", "grown 0")
        written = [terminal.at_rest()]
        for _ in range(3):
            terminal.press("right")
            terminal.wait(lambda text: text != written[-1])
            written.append(terminal.at_rest())
        for before in reversed(written[:-1]):
            terminal.press("left")
            terminal.wait(lambda text, before=before: text == before)  # type: ignore[misc]
        terminal.press("escape")
        terminal.wait_for("the next token 2/")
        terminal.press("left")
        terminal.wait(lambda text: step_of(text) == 0)


def test_a_transformer_is_walked_through_a_step_and_back_over_its_border() -> None:
    with Terminal([*LAB, "run", "language-model", "--paused", *SMALL], 200, 50) as terminal:
        opened(terminal)
        terminal.press("right")
        terminal.wait(lambda text: step_of(text) == 1)
        terminal.press("down", "down")
        terminal.wait_for("by operation")
        border = numbers_of(terminal.at_rest())
        terminal.press("right")
        _, count = place_of(terminal.wait(place_of)) or (0, 0)
        first, phases = numbers_of(terminal.at_rest()), set[str]()
        for number in range(2, count):
            terminal.press("right")
            text = terminal.wait(lambda text, number=number: (place_of(text) or (0, 0))[0] == number)  # type: ignore[misc]
            phases |= set(re.findall(r"^│(\w+) +▸", text, re.MULTILINE))
        assert {"forward", "loss", "clip"} <= phases
        for number in range(count - 2, 0, -1):
            terminal.press("left")
            terminal.wait(lambda text, number=number: (place_of(text) or (0, 0))[0] == number)  # type: ignore[misc]
        terminal.wait(lambda text: numbers_of(text) == first)
        terminal.press("left")
        terminal.wait(lambda text: numbers_of(text) == border)
        terminal.press("left")
        terminal.wait(lambda text: step_of(text) == 0 and (place_of(text) or (0, 0))[0] == count - 1)


def test_a_fine_tune_is_stepped_there_and_back_and_stopped() -> None:
    few = ["--set", "held_out=10", "--set", "max_length=64", "--set", "device=cpu"]
    with Terminal([*LAB, "run", "qlora", "--paused", *few], 200, 50) as terminal:
        terminal.wait_for("Starting: the trainer loads")
        assert "what the next step will learn from" in opened(terminal)
        for step in (1, 2):
            terminal.press("right")
            terminal.wait(lambda text, step=step: step_of(text) == step, PATIENT)  # type: ignore[misc]
        there = numbers_of(terminal.at_rest())
        terminal.press("left")
        terminal.wait(lambda text: step_of(text) == 1, PATIENT)
        terminal.press("right")
        terminal.wait(lambda text: step_of(text) == 2 and numbers_of(text) == there, PATIENT)
        terminal.press("Q")
        terminal.wait_for("stopped", seconds=PATIENT)
