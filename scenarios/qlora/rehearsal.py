"""A training step without numbers: the model's own code runs on tensors that have shapes only, and their bytes are
counted as they come and go.

So the memory that a step will need is known for any architecture before a weight is loaded. A rehearsal of two blocks
and one of three tell what each further block adds, so 80 blocks take no more time than three. Tests compare it with
real steps, and with this count of what one block of a Llama keeps for the backward pass, for T tokens, widths h and f,
queries and keys of hq and hk numbers, and adapters of rank r, n numbers in all, on its seven layers, in bf16:

    norms        8·T·(h + 1)                x in fp32 and its 1/√(mean of squares), twice
    adapters     2·T·(2h + f + 7r) + 2·n    each different x and each A·x, for ∂L/∂A and ∂L/∂B; A and B in bf16
    attention    4·T·(hq + hk + heads)      q, k, v, what comes out, and the sums of its softmax
    MLP          6·T·f                      gate, its activation, up
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import torch
from peft import PeftModel
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._pytree import tree_leaves

from .adapter import attach, head_modules
from .base import Base, Kind
from .batches import Batch
from .census import Census
from .counting import ByteCount
from .fake import fake
from .method import Method
from .network import Network
from .packed import ATTENTION, fuse_dropout, pack_linear

_FEW = 2
"""Blocks of the shorter rehearsal; the longer one has one more."""


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


@dataclass(frozen=True, slots=True)
class Rehearsal:
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

    def with_blocks_like(self, longer: "Rehearsal", more: int) -> "Rehearsal":
        """With `more` blocks, each of which adds what `longer`'s one block more has added."""
        mine, its = ([getattr(each, field.name) for field in fields(each)] for each in (self, longer))
        return Rehearsal(*(short + more * (long - short) for short, long in zip(mine, its, strict=True)))


def rehearse(base: Base, method: Method, dtype: torch.dtype, sizes: Sizes, census: Census, gpu: bool) -> Rehearsal:
    """What a micro-batch of these sizes needs, computed in `dtype` on a GPU or a CPU."""
    blocks = len(block_list(base.skeleton()))
    few = min(_FEW, blocks)
    shorter = _rehearse(base, method, dtype, sizes, census, gpu, few)
    if blocks == few:
        return shorter
    return shorter.with_blocks_like(_rehearse(base, method, dtype, sizes, census, gpu, few + 1), blocks - few)


def block_list(model: nn.Module) -> nn.ModuleList:
    """The model's blocks: its longest list of modules of one kind."""
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    return max((each for each in lists if len({type(part) for part in each}) == 1), key=len)


def _rehearse(
    base: Base, method: Method, dtype: torch.dtype, sizes: Sizes, census: Census, gpu: bool, blocks: int
) -> Rehearsal:
    model = _prepared(base, method, dtype, census, blocks)
    if gpu:
        fuse_dropout(model)
    mode = FakeTensorMode()
    fake(model, mode)
    known = [*model.parameters(), *model.buffers()]
    with mode, _cuda_autocast(gpu and dtype != torch.float32):
        if method.accumulation > 1:  # gradients are there already, from the batch before
            known += [_with_gradient(each) for each in model.parameters() if each.requires_grad]
        with ByteCount(known) as count:
            return observed(count, Network(model, base.kind, dtype), _batch(base.kind, sizes))


@contextmanager
def _cuda_autocast(enabled: bool) -> Iterator[None]:
    """Where a GPU computes, PEFT asks whether its autocast is on, and then leaves the casting of each x to it."""
    before = torch.is_autocast_enabled("cuda")
    torch.set_autocast_enabled("cuda", enabled or before)
    try:
        yield
    finally:
        torch.set_autocast_enabled("cuda", before)


def observed(count: ByteCount, network: Network, batch: Batch) -> Rehearsal:
    """What forward, loss and backward of one batch need, counted while they run, with numbers or without."""
    peaks = list[int]()

    def watch(_module: nn.Module, _inputs: Any, output: Any) -> None:
        """When the gradient of a block's output is there, the backward pass comes to this block."""
        hidden = next(leaf for leaf in tree_leaves(output) if isinstance(leaf, torch.Tensor))
        if hidden.requires_grad and len(hooks) < len(blocks):
            hooks.append(hidden.register_hook(lambda _: peaks.append(count.most())))

    blocks, hooks = block_list(network.model), list[Any]()
    watching = [block.register_forward_hook(watch) for block in blocks]
    scores = network.forward(batch)
    size = scores.untyped_storage().nbytes()
    kept, most = count.live - size, count.most()
    loss = network.summed_loss(scores, batch)
    del scores
    loss.backward()
    for hook in watching:
        hook.remove()
    return Rehearsal(kept, size, most, peaks[0], peaks[1] if len(peaks) > 1 else count.most(), count.most())


def _with_gradient(parameter: nn.Parameter) -> torch.Tensor:
    parameter.grad = torch.empty_like(parameter)
    return parameter.grad


def _prepared(base: Base, method: Method, dtype: torch.dtype, census: Census, blocks: int) -> PeftModel:
    """The model with its first blocks only, packed and adapted, as a run has it."""
    skeleton = base.skeleton()
    skeleton.to(dtype)  # type: ignore[arg-type]
    skeleton.set_attn_implementation(ATTENTION)
    every = block_list(skeleton)
    del every[blocks:]
    here = {name for name, _ in skeleton.named_modules()}
    if method.bits:
        pack_linear(skeleton, {name: shape for name, shape in census.linear.items() if name in here}, method, dtype)
    for parameter in skeleton.parameters():
        parameter.requires_grad_(False)
        if method.upcast and parameter.dtype.itemsize == 2:
            parameter.data = parameter.data.float()
    targets = [name for name in census.adapted if name in here]
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        adapted = attach(skeleton, base, method, targets, head_modules(base, skeleton), seed=0)
    adapted.train()
    return adapted


class _Batch(Batch):
    """A batch without numbers: what would follow from them is said."""

    said: Sizes

    @property
    def columns(self) -> torch.Tensor:
        """As many as the sizes say."""
        return torch.zeros(self.said.learned, dtype=torch.long)

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """(b, 1, t, t) where a mask is needed, otherwise one that masks nothing."""
        if not self.said.masked:
            return self.attention_mask
        return torch.zeros(self.said.batch, 1, self.said.length, self.said.length, dtype=dtype)


def _batch(kind: Kind, sizes: Sizes) -> Batch:
    places = torch.zeros(sizes.batch, sizes.length, dtype=torch.long)
    batch = _Batch(places, places if kind == "causal" else places[:, 0], torch.ones_like(places), places, [])
    object.__setattr__(batch, "said", sizes)
    return batch
