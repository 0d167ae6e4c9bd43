"""Failure 3: a model that never stops, or speaks in another template than the one that it was trained with."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from .finding import Finding, Weight

MOST = 0.8
"""The share of samples that may reach the length limit."""
_NEAR = 3
"""Trained tokens from the end among which the one that stops must be: templates put a line's end after it."""


@dataclass(frozen=True, slots=True)
class Endings:
    """What was found in batches of a causal model's training examples."""

    answers: int
    stopped: int
    """Of those, how many end in a trained token that stops generation."""
    last: str
    """The most frequent last trained token of the others, as text."""
    stops: tuple[str, ...]
    """The tokens that stop generation, as text."""
    pad_stops: bool
    """Whether padding is one of them."""
    doubled: int
    """Sequences that begin with the beginning-of-text token twice."""


Row = tuple[Sequence[int], Sequence[int]]
"""A sequence without its padding: its tokens, and its labels, negative where they are masked."""


def endings(
    rows: Iterable[Row], stops: Collection[int], begin: int | None, pad: int | None, text: Callable[[int], str]
) -> Endings:
    """Look at rows as they are trained on; `text` spells a token."""
    answers, doubled, others = 0, 0, Counter[int]()
    for ids, labels in rows:
        doubled += begin is not None and list(ids[:2]) == [begin, begin]
        for answer in _answers(labels):
            answers += 1
            if not any(token in stops for token in answer[-_NEAR:]):
                others[answer[-1]] += 1
    last = others.most_common(1)
    spelt = tuple(text(stop) for stop in sorted(stops))
    return Endings(
        answers, answers - others.total(), text(last[0][0]) if last else "", spelt, pad in stops, int(doubled)
    )


def _answers(labels: Sequence[int]) -> list[list[int]]:
    """The runs of trained labels."""
    runs: list[list[int]] = [[]]
    for label in labels:
        if label >= 0:
            runs[-1].append(label)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def never_stops(found: Endings) -> list[Finding]:
    """What is wrong with how examples begin and end, when the data is loaded."""
    findings = [_unended(found)] if found.stopped < found.answers else []
    if found.doubled:
        evidence = f"{found.doubled} training sequences begin with the beginning-of-text token twice"
        cause = "the template writes it and the tokenizer adds it again"
        findings.append(Finding(Weight.FAILURE, "Begins twice", evidence, cause, "take it out of the template"))
    return findings


def _unended(found: Endings) -> Finding:
    stops = " or ".join(repr(stop) for stop in found.stops) or "none"
    evidence = (
        f"{found.answers - found.stopped} of {found.answers} answers do not end in a trained token that stops "
        f"generation ({stops}); most end in {found.last!r}"
    )
    cause, remedy = "the model is not taught to stop", "end each answer with that token"
    if found.pad_stops:
        cause = "padding and the end are one token, and masking the padding has masked the end, too"
        remedy = "give the tokenizer a padding token of its own"
    return Finding(Weight.FAILURE, "Never stops", evidence, cause, remedy)


def samples_run_on(lengths: Sequence[int], limit: int, longest_answer: int) -> Finding | None:
    """Of texts sampled while training: `lengths` in new tokens, of which at most `limit` were allowed; the longest
    answer in the training data has `longest_answer` tokens."""
    reached = sum(length >= limit for length in lengths)
    if not lengths or reached < MOST * len(lengths) or longest_answer >= limit:
        return None
    return Finding(
        Weight.FAILURE,
        "Never stops",
        f"{reached} of {len(lengths)} samples went on to the limit of {limit} tokens, while no answer in the training "
        f"data is longer than {longest_answer}",
        "the model has not learned to end its answers",
        "see that answers end in a trained end-of-text token in the tokens view, and train longer",
    )


def templates_differ(trained: str, sampled: str) -> Finding | None:
    """The prompt as training had it and as sampling gave it to the model: they must be the same, up to the answer."""
    if trained == sampled:
        return None
    place = next(
        (i for i, (a, b) in enumerate(zip(trained, sampled, strict=False)) if a != b), min(len(trained), len(sampled))
    )
    return Finding(
        Weight.FAILURE,
        "Another template",
        f"a prompt was trained as {_around(trained, place)} and sampled as {_around(sampled, place)}",
        "what the model is asked is not what it was taught",
        "use one template for both",
    )


def _around(text: str, place: int) -> str:
    return repr(text[max(place - 12, 0) : place + 12])
