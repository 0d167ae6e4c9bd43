"""Batches: several examples in tensors of one shape."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from tui_lab.lab.errors import BadInput

from .base import Kind
from .method import Method
from .tokenise import Tokenised, Tokeniser

Sequences = list[list[Tokenised]]
"""Sequences of one example each, or of several where they are packed."""

MASKED = -100
"""A label that takes no part in the loss."""


@dataclass(frozen=True)
class Batch:
    """A micro-batch of b sequences with t places each.

    `input_ids` (b, t) are tokens, `labels` (b, t) the same where an answer is learned and MASKED elsewhere; for an
    encoder `labels` (b,) are classes. `attention_mask` (b, t) is 0 at padding, and 1, 2, ... in the first, second, ...
    example of a sequence. A causal model's padding is on the left: so all answers end at one place, and scores over the
    vocabulary are computed at few.
    """

    input_ids: torch.Tensor
    labels: torch.Tensor
    attention_mask: torch.Tensor
    position_ids: torch.Tensor
    """(b, t) from 0 in each example."""
    examples: Sequences
    """What each sequence is made of; more than one only where examples are packed."""

    @property
    def texts(self) -> list[str]:
        """Each sequence to read."""
        return [" ⏐ ".join(example.text for example in sequence) for sequence in self.examples]

    @property
    def padded(self) -> int:
        """Places that are padding."""
        return self.input_ids.numel() - self.tokens

    @property
    def tokens(self) -> int:
        """Places that are not."""
        return sum(len(example.ids) for sequence in self.examples for example in sequence)

    @property
    def truncated(self) -> int:
        """Examples that were cut."""
        return sum(example.cut > 0 for sequence in self.examples for example in sequence)

    @property
    def cut(self) -> int:
        """Tokens that they lost."""
        return sum(example.cut for sequence in self.examples for example in sequence)

    @cached_property
    def columns(self) -> torch.Tensor:
        """The places (c,) whose next token is learned in any of the sequences: only there scores are needed."""
        return (self.labels[:, 1:] != MASKED).any(dim=0).nonzero()[:, 0]

    @property
    def learned(self) -> int:
        """Tokens, or classes, that are learned."""
        return sum(example.learned for sequence in self.examples for example in sequence)

    @property
    def packed(self) -> bool:
        """Whether a sequence has more than one example."""
        return any(len(sequence) > 1 for sequence in self.examples)

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """What keeps attention where it belongs: (b, t) for transformers to make causal, or, where examples are packed,
        (b, 1, t, t), 0 for what may be looked at and the lowest number for what may not: the future and others."""
        if not self.packed:
            return self.attention_mask
        part = self.attention_mask
        same = (part[:, :, None] == part[:, None, :]) & (part[:, :, None] > 0)
        # padding looks at itself, for a row that may look nowhere has no softmax
        same |= torch.eye(part.shape[1], dtype=torch.bool, device=part.device)
        allowed = same.tril()[:, None]
        return torch.zeros(allowed.shape, dtype=dtype, device=part.device).masked_fill(~allowed, torch.finfo(dtype).min)

    def to(self, device: torch.device) -> "Batch":
        """The same on another device."""
        if self.input_ids.device == device:
            return self
        tensors = (self.input_ids, self.labels, self.attention_mask, self.position_ids)
        ids, labels, mask, positions = (tensor.to(device, non_blocking=True) for tensor in tensors)
        return Batch(ids, labels, mask, positions, self.examples)


def sequences_of(examples: Sequence[Tokenised], method: Method, tokeniser: Tokeniser) -> Sequences:
    """Each example in a sequence of its own, or packed into sequences as long as may be. Raises BadInput for packing
    with an encoder, which has one answer for a sequence."""
    if not method.packing:
        return [[example] for example in examples]
    if tokeniser.base.kind == "encoder":
        raise BadInput("packing is for causal models: an encoder has one answer for a whole sequence, so leave it out.")
    packs = pack([len(example.ids) for example in examples], tokeniser.max_length)
    return [[examples[i] for i in sorted(share)] for share in packs]


def lengths_of(sequences: Sequences) -> list[int]:
    """Tokens in each sequence."""
    return [sum(len(example.ids) for example in sequence) for sequence in sequences]


def batch_of(sequences: Sequences, kind: Kind, padding: int) -> Batch:
    """Sequences of one or more examples each, padded to the longest one with the token `padding`."""
    width = max(lengths_of(sequences))
    rows = [_row(sequence, width, padding, left=kind == "causal") for sequence in sequences]
    ids, labels, parts, positions = (torch.tensor(column) for column in zip(*rows, strict=True))
    if kind == "encoder":
        labels = torch.tensor([example.label for sequence in sequences for example in sequence])
    return Batch(ids, labels, parts, positions, [list(sequence) for sequence in sequences])


def pack(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Which examples, by index, share a sequence of at most `room` tokens: each goes, the longest first, where it
    leaves the least room (best fit decreasing; Johnson 1973)."""
    packs, free = list[list[int]](), list[tuple[int, int]]()  # free: room left and number of a pack, the fullest first
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        place = bisect_left(free, (lengths[index], -1))
        left, number = free.pop(place) if place < len(free) else (room, len(packs))
        if number == len(packs):
            packs.append([])
        packs[number].append(index)
        insort(free, (left - lengths[index], number))
    return packs


def _row(sequence: Iterable[Tokenised], width: int, padding: int, left: bool) -> tuple[list[Any], ...]:
    """Tokens, labels, parts and positions of one sequence, `width` places each."""
    ids, labels, parts, positions = list[int](), list[int](), list[int](), list[int]()
    for number, example in enumerate(sequence, 1):
        ids += example.ids
        # nothing comes before an example's first token, so there is nothing to tell it from
        labels += [MASKED, *(i if t else MASKED for i, t in zip(example.ids[1:], example.trained[1:], strict=True))]
        parts += [number] * len(example.ids)
        positions += range(len(example.ids))
    fill = width - len(ids)
    padded = ((ids, padding), (labels, MASKED), (parts, 0), (positions, 0))
    return tuple([nothing] * fill + column if left else column + [nothing] * fill for column, nothing in padded)
