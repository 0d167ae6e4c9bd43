"""What all language models have in common: a probability for each token to come next, given those before."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Traces:
    """What a model computed on one text of t tokens, for views."""

    attention: list[Tensor] = field(default_factory=list)
    """(heads, t, t) per layer: how much position i (row) takes from position j."""
    states: dict[str, Tensor] = field(default_factory=dict)
    """(t, width) by name: the hidden state `h`, an LSTM's cell `c`, and gates."""


class LanguageModel(ABC):
    """Counts and networks alike."""

    name: str
    context: int
    """How many tokens back it looks at most."""

    @abstractmethod
    def log_probabilities(self, ids: Tensor) -> Tensor:
        """ln p(next token | ids[:, :i + 1]) for each position i, (b, t, V), of token ids (b, t)."""

    def tensors(self) -> list[Tensor]:
        """All that its answers follow from."""
        return [*self.parameters(), *self.buffers()] if isinstance(self, nn.Module) else []

    def traces(self, ids: Tensor) -> Traces:
        """What it computes on the way for ids (1, t)."""
        return Traces()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a network's operations that is stepped through as one, `attention 1` say."""

    name: str
    symbols: str
    compute: Callable[[Tensor], Tensor]
    source: str = ""
    """Where it stands in the code, as `transformer.py:42`."""
    modules: tuple[nn.Module, ...] = ()
    """Those whose parameters it uses."""


class Network(nn.Module, LanguageModel):
    """A model that is a chain of groups: the first takes token ids (b, t), the last gives logits (b, t, V)."""

    dropout: "Dropout"

    @abstractmethod
    def groups(self) -> list[Group]:
        """The groups in the order in which they are computed."""

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (b, t, V): p(next = v) is proportional to exp(logit of v)."""
        x = ids
        for group in self.groups():
            x = group.compute(x)
        return x

    def log_probabilities(self, ids: Tensor) -> Tensor:
        with evaluating(self):
            return F.log_softmax(self(ids), dim=-1)


class Dropout(nn.Module):
    """Sets a random part of its inputs to 0 while training and scales up the others (Srivastava et al. 2014).

    One for the whole network. What is dropped in a step follows from (seed, step) alone, so that a step done again is
    the same.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self._generator = torch.Generator()

    def begin(self, seed: int, step: int, device: torch.device) -> None:
        """Called before each step."""
        if self._generator.device != device:
            self._generator = torch.Generator(device)
        self._generator.manual_seed((seed * 1_000_003 + step) % 2**63)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        kept = torch.empty_like(x).bernoulli_(1 - self.rate, generator=self._generator)
        return x * kept / (1 - self.rate)


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Without dropout and without a graph for gradients; afterwards as before."""
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(training)


def source_of(function: Callable[..., Any]) -> str:
    """Where a function stands, as `transformer.py:42`."""
    code = inspect.unwrap(function).__code__
    return f"{Path(code.co_filename).name}:{code.co_firstlineno}"
