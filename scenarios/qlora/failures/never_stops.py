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
    doubled: int
    """Sequences that begin with the beginning-of-text token twice."""
    masked: int
    """Answers that end in a token that stops generation, but an untrained one."""


Row = tuple[Sequence[int], Sequence[int]]
"""A sequence without its padding: its tokens, and its labels, negative where they are masked."""


def endings(rows: Iterable[Row], stops: Collection[int], begin: int | None, text: Callable[[int], str]) -> Endings:
    """Look at rows as they are trained on; `text` spells a token."""
    answers, doubled, masked, others = 0, 0, 0, Counter[int]()
    for ids, labels in rows:
        doubled += begin is not None and list(ids[:2]) == [begin, begin]
        for place in _answers(labels):
            answers += 1
            if not any(token in stops for token in ids[place.start : place.stop][-_NEAR:]):
                others[ids[place.stop - 1]] += 1
                masked += place.stop < len(ids) and ids[place.stop] in stops
    last = others.most_common(1)
    spelt = tuple(text(stop) for stop in sorted(stops))
    return Endings(
        answers, answers - others.total(), text(last[0][0]) if last else "", spelt, int(doubled), int(masked)
    )


def _answers(labels: Sequence[int]) -> list[range]:
    """Where the runs of trained labels are."""
    edges = [-1, *labels, -1]
    starts = [i for i in range(len(labels)) if edges[i] < 0 <= edges[i + 1]]
    stops = [i + 1 for i in range(len(labels)) if edges[i + 2] < 0 <= edges[i + 1]]
    return [range(start, stop) for start, stop in zip(starts, stops, strict=True)]


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
    cause = "the model is not taught to stop where generation stops"
    remedy = "end each answer with such a token, or name the one that the template ends with in generation_config.json"
    if found.masked:
        cause = f"{found.masked} of them are ended, but the end is masked: masking padding by its token does so"
        remedy = "train the token that ends an answer, and give the tokenizer a padding token of its own"
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
