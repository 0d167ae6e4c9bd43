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
from dataclasses import dataclass

import torch
from peft import PeftModel
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from .adapter import attach, head_modules
from .base import Base, Kind
from .batches import Batch
from .census import Census
from .counting import ByteCount
from .fake import fake
from .method import Method
from .needs import Needs, Observer, Sizes, block_list
from .network import Network
from .packed import ATTENTION, fuse_dropout, pack_linear

_FEW = 2
"""Blocks of the shorter rehearsal; the longer one has one more."""


def rehearse(base: Base, method: Method, dtype: torch.dtype, sizes: Sizes, census: Census, gpu: bool) -> Needs:
    """What a micro-batch of these sizes needs, computed in `dtype` on a GPU or a CPU."""
    blocks = len(block_list(base.skeleton()))
    few = min(_FEW, blocks)
    shorter = _rehearse(base, method, dtype, sizes, census, gpu, few)
    if blocks == few:
        return shorter
    return shorter.with_blocks_like(_rehearse(base, method, dtype, sizes, census, gpu, few + 1), blocks - few)


def _rehearse(
    base: Base, method: Method, dtype: torch.dtype, sizes: Sizes, census: Census, gpu: bool, blocks: int
) -> Needs:
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
            return observed(count, Network(model, base.kind, dtype), _batch(base.kind, sizes, method.packing))


@contextmanager
def _cuda_autocast(enabled: bool) -> Iterator[None]:
    """Where a GPU computes, PEFT asks whether its autocast is on, and then leaves the casting of each x to it."""
    before = torch.is_autocast_enabled("cuda")
    torch.set_autocast_enabled("cuda", enabled or before)
    try:
        yield
    finally:
        torch.set_autocast_enabled("cuda", before)


def observed(count: ByteCount, network: Network, batch: Batch) -> Needs:
    """What forward, loss and backward of one batch need, counted while they run, with numbers or without."""
    observer = Observer(count, network.model)
    scores = network.forward(batch)
    observer.forward(scores.untyped_storage().nbytes())
    loss = network.summed_loss(scores, batch)
    del scores
    loss.backward()
    return observer.backward()


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


@dataclass(frozen=True)
class _Batch(Batch):
    """A batch without numbers: what would follow from them is said."""

    said: Sizes
    packs: bool

    @property
    def columns(self) -> torch.Tensor:
        """As many as the sizes say."""
        return torch.zeros(self.said.learned, dtype=torch.long)

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """(b, 1, t, t) where a mask is needed, otherwise one that masks nothing. What transformers makes of padding is
        true and false; a mask between packed examples is made of numbers."""
        if not self.said.masked:
            return self.attention_mask
        kind = dtype if self.packs else torch.bool
        return torch.zeros(self.said.batch, 1, self.said.length, self.said.length, dtype=kind)


def _batch(kind: Kind, sizes: Sizes, packs: bool) -> Batch:
    places = torch.zeros(sizes.batch, sizes.length, dtype=torch.long)
    labels = places if kind == "causal" else places[:, 0]
    return _Batch(places, labels, torch.ones_like(places), places, [], sizes, packs)
