"""Text: what is learned from, and what the model makes of a few prompts with the adapters off and on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui_lab.lab.views import Passage, Table, Tokens

from .samples import Answers
from .spelling import Spelling
from .tokenise import Tokenised

if TYPE_CHECKING:
    from .scenario import QLoRA

SEQUENCES = 16
"""Sequences of a batch that are shown."""
MARKS = ["only read", "learned", "cut off", "padding"]
READ, LEARNED, CUT, PADDING = range(len(MARKS))
WRITERS = ["prompt", "written with adapters", "written without"]
_SHORT = 60


def batch_view(scenario: "QLoRA", spelling: Spelling) -> Tokens:
    """The latest micro-batch, or between steps that one has gone to the one that comes; the chosen sequence first."""
    latest = scenario.micro_batches[-1].examples if scenario.micro_batches else _coming(scenario)
    first = min(int(scenario.looks["sequence"]), len(latest)) - 1
    order = [first, *(place for place in range(len(latest)) if place != first)][:SEQUENCES]
    width = max(sum(len(example.ids) for example in sequence) for sequence in latest)
    words = scenario.class_words if scenario.base.kind == "encoder" else []
    passages = [_sequence(place, latest[place], width, words, spelling) for place in order]
    when = "what this step learns from" if scenario.micro_batches else "what the next step will learn from"
    return Tokens(f"{when}: {len(latest)} × {width} tokens", passages, MARKS)


def _coming(scenario: "QLoRA") -> list[list[Tokenised]]:
    rows = scenario.order.rows(scenario.done)[: scenario.method.batch_size]
    return [scenario.sequences[row] for row in rows]


def _sequence(
    place: int, sequence: Sequence[Tokenised], width: int, words: Sequence[str], spelling: Spelling
) -> Passage:
    """One sequence; padding is one piece for all of it."""
    pieces, marks = list[str](), list[int]()
    for example in sequence:
        if example.cut:
            pieces.append(f"[{example.cut} tokens]")
            marks.append(CUT)
        pieces += spelling.pieces(example.ids)
        # nothing comes before a first token that could tell it
        marks += [LEARNED if learned else READ for learned in (False, *example.trained[1:])]
    padding = width - sum(len(example.ids) for example in sequence)
    if padding:
        pieces.append(f"[{padding} × padding]")
        marks.append(PADDING)
    said = [f"sequence {place + 1}", *(f"is {words[example.label]}" for example in sequence if words)]
    return Passage(", ".join(said), pieces, np.array(marks, np.intp), np.full(len(marks), np.nan))


def answers_view(
    title: str, prompts: Sequence[Tokenised], on: Answers, off: Answers, words: Sequence[str], spelling: Spelling
) -> Tokens:
    """What is written to each prompt, with the adapters and below it without."""
    passages = []
    for place, prompt in enumerate(prompts):
        label = f", is {words[prompt.label]}" if words and prompt.label >= 0 else ""
        read, wrote, would = (spelling.pieces(ids) for ids in (prompt.ids, on.tokens(place), off.tokens(place)))
        passages.append(_passage(f"prompt {place + 1}{label}", [(0, read), (1, wrote)]))
        passages.append(_passage("", [(2, would)]))
    return Tokens(title, passages, WRITERS)


def _passage(caption: str, parts: Sequence[tuple[int, list[str]]]) -> Passage:
    pieces = [piece for _, some in parts for piece in some]
    marks = np.array([mark for mark, some in parts for _ in some], np.intp)
    return Passage(caption, pieces, marks, np.full(len(pieces), np.nan))


def classes_view(title: str, prompts: Sequence[Tokenised], on: Answers, off: Answers, words: Sequence[str]) -> Table:
    """What each prompt is taken for without the adapters and with them, and how likely its own class is. The class of a
    prompt of one's own is not known: there it is the one that it is taken for with adapters."""
    rows: list[list[str | float]] = []
    for place, prompt in enumerate(prompts):
        label = prompt.label if prompt.label >= 0 else int(on.likely[place].argmax())
        known = words[label] if prompt.label >= 0 else "?"
        said = [words[int(answers.likely[place].argmax())] for answers in (off, on)]
        share = [round(100 * float(answers.likely[place, label]), 2) for answers in (off, on)]
        rows.append([known, said[0], share[0], said[1], share[1], _short(prompt.text)])
    return Table(title, ["is", "without", "p %", "with", "p %", "text"], rows)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"
