"""Language models that count: what came next so far comes next again (Markov 1913; Shannon 1948)."""

from abc import abstractmethod

import torch
from torch import Tensor, nn

from tui_lab.lab.scenario import Parameter
from tui_lab.torch_lab.arrays import AnyArray, array_of
from tui_lab.torch_lab.parameters import TensorParameter

from .model import LanguageModel


class Counting(nn.Module, LanguageModel):
    """Learns by reading every token once."""

    formula: str
    """Its probability, for the step inspector."""

    @abstractmethod
    def count(self, inputs: Tensor, targets: Tensor) -> None:
        """Read ids (b, t) and their next ones (b, t): windows of t + 1 tokens that overlap by one."""

    @abstractmethod
    def rest(self) -> None:
        """Nothing new was read: the latest batch added nothing."""

    @abstractmethod
    def described(self) -> list[Parameter]:
        """The tables of counts, each with what was added to it latest."""

    @abstractmethod
    def arrays(self) -> dict[str, AnyArray]:
        """Copies of all counts."""

    @abstractmethod
    def load(self, arrays: dict[str, AnyArray]) -> None:
        """Have the counts that `arrays` told."""


class Bigram(Counting):
    """p(b | a) = (c(ab) + α) / (c(a) + αV): how often b came after a, of all that came after a.

    With α = 0, what never came after a is impossible. A little α leaves it a chance (Lidstone 1920).
    """

    name, context = "bigram", 1
    formula = "p = (c(xy) + α)/(c(x) + α·V)"
    counts: Tensor

    def __init__(self, tokens: int, smoothing: float) -> None:
        """`smoothing` is α."""
        super().__init__()
        self.smoothing = smoothing
        self.register_buffer("counts", torch.zeros(tokens, tokens))  # c(ab) in row a, column b; whole numbers
        self._before: Tensor | None = None

    def count(self, inputs: Tensor, targets: Tensor) -> None:
        self._before = self.counts.clone()
        pairs = (inputs * len(self.counts) + targets).flatten()
        self.counts.view(-1).index_add_(0, pairs, torch.ones_like(pairs, dtype=self.counts.dtype))

    def rest(self) -> None:
        self._before = None

    def log_probabilities(self, ids: Tensor) -> Tensor:
        rows = self.counts[ids].double() + self.smoothing  # (b, t, V)
        return (rows / rows.sum(-1, keepdim=True)).log()

    def entropy(self) -> float:
        """H(next | last) = −Σ c(ab)/N · log₂ c(ab)/c(a), in bits per token: what the text that was counted costs if its
        own frequencies predict it."""
        counts = self.counts.double()
        firsts, _ = places = counts.nonzero(as_tuple=True)  # 0 · log 0 counts as 0
        often = counts[places]
        return float(-(often * (often / counts.sum(1)[firsts]).log2()).sum() / often.sum())

    def described(self) -> list[Parameter]:
        return [TensorParameter("counts", self.counts, self._before)]

    def arrays(self) -> dict[str, AnyArray]:
        return {"counts": array_of(self.counts)}

    def load(self, arrays: dict[str, AnyArray]) -> None:
        self.counts.copy_(torch.from_numpy(arrays["counts"]))
        self._before = None
