"""Failure 2: no label is trained, or almost none. The loss is then 0 or NaN and the gradient exactly 0."""

from collections.abc import Sequence
from typing import Protocol

from .finding import Finding, Weight

LEAST_SHARE = 0.01
"""Trained labels among all positions, below which it is told."""


class Counted(Protocol):
    """An example in tokens, as it is after cutting."""

    @property
    def ids(self) -> list[int]: ...
    @property
    def learned(self) -> int:
        """How many of them are trained."""
        ...

    @property
    def cut(self) -> int:
        """How many it has lost."""
        ...


def batch_masked(trained: int, positions: int, micro_batch: int, gradient_norm: float) -> Finding | None:
    """Of one micro-batch, as it is trained on: nothing counts, so nothing can be learned from it."""
    if trained:
        return None
    return Finding(
        Weight.FAILURE,
        "Nothing to learn",
        f"none of the {positions} labels of micro-batch {micro_batch} is trained, all are masked, and the gradient's "
        f"norm is {gradient_norm:g}",
        "a loss of 0 here is not success",
        "look at the batch in the tokens view: raise max_length, or mend the prompts and answers",
    )


def examples_masked(examples: Sequence[Counted], max_length: int) -> Finding | None:
    """Of the training data, when it is loaded: examples of which no token is trained, and why."""
    empty = [i for i, example in enumerate(examples) if example.learned == 0]
    if not empty:
        return _few(sum(example.learned for example in examples), sum(len(example.ids) for example in examples))
    cut = sum(examples[i].cut > 0 for i in empty)
    return Finding(
        Weight.STOP if len(empty) == len(examples) else Weight.FAILURE,
        "Nothing to learn",
        f"{len(empty)} of {len(examples)} training examples have no trained token, example {empty[0] + 1} first",
        f"max_length {max_length} cut the answers of {cut} of them off"
        if cut
        else "their answers are empty, or the mark of an answer was not found in them",
        f"raise max_length above {max_length}, or shorten the prompts" if cut else "mend the answers in the data",
    )


def _few(trained: int, positions: int) -> Finding | None:
    if not positions or trained >= LEAST_SHARE * positions:
        return None
    return Finding(
        Weight.REMARK,
        "Little to learn",
        f"{trained} of {positions} tokens of the training data are trained, {trained / positions:.2%}",
        "the prompts are long and the answers short",
        "shorten the template, or expect most of the computation to go into reading",
    )
