"""The memory ledger: what a fine-tune keeps in memory, part by part, before anything is loaded.

Dettmers et al. 2023, section 3, for codes and constants; Loshchilov & Hutter 2019 and Dettmers et al. 2022 for what
optimizers keep. Sizes are bytes. What is there all the time follows from counting the model's numbers; what a step
needs besides comes from a rehearsal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch

from .accounts import CUDA, PAGES, Accounts, Part
from .base import Base
from .census import Census, census
from .fullest import FIRST, UPDATE, Moments
from .method import Method
from .needs import Needs, Sizes
from .rehearsal import rehearse
from .words import counted


@dataclass(frozen=True)
class Ledger:
    """Everything that a run keeps. `lasting` parts are there all the time; `passing` ones are what a step adds at its
    fullest moment: others of its parts are gone by then, or not there yet. `beside` are outside of torch's own memory,
    or come at other times."""

    lasting: list[Part]
    passing: list[Part]
    beside: list[Part]
    moments: Moments
    """What a step needs at its moments; none of it where that is not known."""
    numbers: int
    """Parameters of the model."""
    reference: list[Part]
    """The same model fine-tuned in full, in 16 bits."""
    unknown: str = ""
    """Why nothing is known of what a step adds; empty where it is."""

    @cached_property
    def resident(self) -> float:
        """What is there between two steps."""
        return sum(part.size for part in self.lasting)

    @cached_property
    def peak(self) -> float:
        """The most that torch has at any time."""
        return self.resident + sum(part.size for part in self.passing)

    @property
    def on_gpu(self) -> float:
        """What a GPU should have free: the peak, what CUDA takes, and what may be paged but had better not be."""
        return self.peak + sum(part.size for part in self.beside if part.name in (CUDA, PAGES))

    @property
    def full(self) -> float:
        """What full fine-tuning would keep, activations apart."""
        return sum(part.size for part in self.reference)

    @property
    def rows(self) -> dict[str, float]:
        """The bytes of each part of the peak: they add up to it."""
        return {part.name: part.size for part in [*self.lasting, *self.passing]}


def ledger(base: Base, method: Method, dtype: torch.dtype, sizes: Sizes, gpu: bool) -> Ledger:
    """What a run by this method needs, computed in `dtype` on a GPU or a CPU, with micro-batches of these sizes at
    most. Raises BadInput for targets that the model does not have."""
    counts = census(base, method, base.skeleton())
    accounts = Accounts(counts, method, dtype, gpu)
    moments, unknown = Moments(accounts, Needs(0, 0, 0, 0, 0, 0), sizes), ""
    try:
        moments = Moments(accounts, rehearse(base, method, dtype, sizes, counts, gpu), sizes)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's model makes of tensors without numbers; it is told
        unknown = f"this model's code cannot be rehearsed without numbers: {type(error).__name__}"
    lasting, beside = [*accounts.lasting()], [*accounts.paged(), *accounts.context()]
    beside += accounts.asking(base, sizes.batch, sizes.length, sizes.learned)
    if method.accumulation > 1:
        lasting.append(moments.gradients())
    elif moments.fullest not in (FIRST, UPDATE):
        beside.append(moments.gradients())
    passing = [*moments.parts(moments.fullest)]
    return Ledger(lasting, passing, beside, moments, counts.total, [*full_fine_tuning(counts)], unknown)


def full_fine_tuning(counts: Census) -> Iterator[Part]:
    """Weights and gradients in 16 bits, Adam's two averages in 32: 12 bytes a number, 780 GB for 65 billion (Dettmers
    et al. 2023)."""
    number = counts.total
    yield Part("weights, 16 bits", f"{counted(number)} × 2 B", 2 * number, "every number of the model")
    yield Part("gradients", f"{counted(number)} × 2 B", 2 * number, "one for every number")
    yield Part("Adam's averages", f"{counted(number)} × (4 + 4) B", 8 * number, "of each gradient and its square")
