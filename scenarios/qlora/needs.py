"""What a micro-batch needs in memory besides what is there all the time: noted as it runs, with numbers or without."""

from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from .counting import ByteCount


@dataclass(frozen=True, slots=True)
class Sizes:
    """What goes through the model at once: `batch` sequences of `length` tokens, of which `learned` columns are scored
    over the vocabulary. `masked` batches have padding, or several examples in a sequence."""

    batch: int
    length: int
    learned: int
    masked: bool = False

    @property
    def tokens(self) -> int:
        """Places in the batch."""
        return self.batch * self.length

    def alike(self, other: "Sizes") -> bool:
        """Whether as many tokens in as many sequences."""
        return (self.batch, self.length) == (other.batch, other.length)

    @property
    def shape(self) -> str:
        """`16 × 78`."""
        return f"{self.batch} × {self.length}"

    def __str__(self) -> str:
        return f"{self.shape} tokens"


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes that a micro-batch needs besides what is there all the time."""

    kept: int
    """Waiting for the backward pass after the forward pass, scores apart."""
    scores: int
    """The scores over the vocabulary, or over classes, as the model hands them over."""
    forward: int
    """The peak of the forward pass. Autocast keeps what it has cast of the adapters until its end."""
    loss: int
    """The peak from there until the backward pass reaches the blocks: scores in fp32, the loss and its gradient."""
    last: int
    """The peak of the backward pass in the last block, the first that it reaches."""
    first: int
    """Its peak in the first block, when the gradients of all other adapters are there."""

    @property
    def backward(self) -> int:
        """The peak of the backward pass in the blocks: the way between the ends is even."""
        return max(self.last, self.first)

    @property
    def peak(self) -> int:
        """Most at any time."""
        return max(self.forward, self.loss, self.backward)

    def with_blocks_like(self, longer: "Needs", more: int) -> "Needs":
        """With `more` blocks, each of which adds what `longer`'s one block more has added."""
        mine, its = ([getattr(each, field.name) for field in fields(each)] for each in (self, longer))
        return Needs(*(short + more * (long - short) for short, long in zip(mine, its, strict=True)))


class Observer:
    """Notes what a micro-batch needs while it runs under a count. It is to be told where the forward pass ends and
    where the backward pass does; where that comes from one block to another it finds by itself."""

    def __init__(self, count: ByteCount, model: nn.Module) -> None:
        self._count, self._blocks = count, block_list(model)
        self._kept = self._scores = self._forward = 0
        self._peaks = list[int]()
        self._waiting = list[Any]()
        self._watching = [block.register_forward_hook(self._watch) for block in self._blocks]
        count.most()

    def forward(self, scores: int) -> None:
        """The forward pass has ended, and has handed over scores of so many bytes."""
        self._kept, self._scores, self._forward = self._count.live - scores, scores, self._count.most()

    def backward(self) -> Needs:
        """The backward pass has ended."""
        self.leave()
        first = self._count.most()
        loss, last = [*self._peaks, first, first][:2]
        return Needs(self._kept, self._scores, self._forward, loss, last, first)

    def leave(self) -> None:
        """Watch no longer."""
        for hook in (*self._watching, *self._waiting):
            hook.remove()

    def _watch(self, _module: nn.Module, _inputs: Any, output: Any) -> None:
        """When the gradient of a block's output is there, the backward pass comes to this block."""
        hidden = next(leaf for leaf in tree_leaves(output) if isinstance(leaf, torch.Tensor))
        if hidden.requires_grad and len(self._waiting) < len(self._blocks):
            self._waiting.append(hidden.register_hook(lambda _: self._peaks.append(self._count.most())))


def block_list(model: nn.Module) -> nn.ModuleList:
    """The model's blocks: its longest list of modules of one kind."""
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    return max((each for each in lists if len({type(part) for part in each}) == 1), key=len)
