"""How large a batch can become: from the examples, or from the method alone where there are none yet."""

from dataclasses import replace

from .batches import Sequences
from .method import Method
from .needs import Sizes
from .tokenise import Tokenised

_LONGEST = 1024
"""Tokens of a sequence, where neither the method nor the model says how long it may be."""


def largest_batch(sequences: Sequences, method: Method) -> Sizes:
    """The most that a micro-batch of these sequences can need: as many as fit into one, all as long as the longest."""
    lengths = [sum(len(example.ids) for example in sequence) for sequence in sequences]
    batch, length = min(method.batch_size, len(sequences)), max(lengths)
    learned = max(length - _first_learned(sequence) for sequence, length in zip(sequences, lengths, strict=True))
    masked = any(len(sequence) > 1 for sequence in sequences) or (batch > 1 and min(lengths) < length)
    return Sizes(batch, length, max(min(learned, length - 1), 1), masked)


def without_data(method: Method, positions: int | None) -> Sizes:
    """The same for examples of the maximum length, of which every token is learned."""
    length = min(positions or _LONGEST, _LONGEST) if method.max_length == "auto" else method.max_length
    return Sizes(method.batch_size, length, max(length - 1, 1), masked=method.packing)


def resized(sizes: Sizes, method: Method) -> Sizes:
    """What becomes of a run's sizes if it were done by another method."""
    length = sizes.length if method.max_length == "auto" else min(sizes.length, method.max_length)
    return replace(sizes, batch=method.batch_size, length=length, learned=min(sizes.learned, max(length - 1, 1)))


def _first_learned(sequence: list[Tokenised]) -> int:
    trained = [each for example in sequence for each in (False, *example.trained[1:])]
    return trained.index(True) if True in trained else len(trained) - 1
