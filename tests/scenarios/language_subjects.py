"""Small language models with known answers, and a subject around them as the scenario is one, for tests."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tui_lab.scenarios.language_model.cells import State
from tui_lab.scenarios.language_model.model import Dropout, Group, LanguageModel, Network, Traces, evaluating
from tui_lab.scenarios.language_model.record import Record
from tui_lab.scenarios.language_model.tokens import Characters
from tui_lab.scenarios.language_model.transformer import Shape, Transformer

TEXT = "the cat sat on the mat. a rat ate that hat.\n" * 8
LOOKS: dict[str, Any] = {
    "prompt": "the c",
    "grown": 12,
    "temperature": 1.0,
    "top_k": 0,
    "top_p": 1.0,
    "sample_seed": 3,
    "sentence": "the cat ate.",
    "layer": 0,
    "head": 0,
}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small products are done sooner by one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Table(nn.Module, LanguageModel):  # type: ignore[misc]  # mypy does not see tui_lab.scenarios
    """p(next | token) from a table of natural logs (V, V)."""

    name, context = "bigram", 1

    def __init__(self, logs: Tensor) -> None:
        super().__init__()
        self.logs = nn.Buffer(logs)

    def log_probabilities(self, ids: Tensor) -> Tensor:
        return self.logs[ids].log_softmax(-1)


class Linear(Network):  # type: ignore[misc]
    """h_t = W·h_{t−1} + E[id]; the logits are h. A state's gradient d tokens back is (Wᵀ)^d of the last one's."""

    name, context = "rnn", 16

    def __init__(self, size: int, matrix: Tensor) -> None:
        super().__init__()
        self.dropout = Dropout(0.0)
        self.embedding = nn.Embedding(size, size)
        self.matrix = nn.Parameter(matrix)

    def groups(self) -> list[Group]:
        return [Group("embedding", "x = E[ids]", self.embedding), Group("states", "h = W·h + x", self.states)]

    def states(self, x: Tensor) -> Tensor:
        """All states (b, t, width)."""
        h, found = torch.zeros_like(x[:, 0]), []
        for column in x.unbind(1):
            h = h @ self.matrix.T + column
            found.append(h)
        return torch.stack(found, 1)

    def unrolled(self, ids: Tensor) -> tuple[Tensor, list[State]]:
        h, found = torch.zeros(len(ids), self.embedding.embedding_dim), []
        for column in self.embedding(ids).unbind(1):
            h = h @ self.matrix.T + column
            found.append(h)
        return torch.stack(found, 1), [(h,) for h in found]

    def traces(self, ids: Tensor) -> Traces:
        with evaluating(self):
            h = self.states(self.embedding(ids))[0]
        return Traces(states={"h": h, "c": 2 * h, "forget": h.sigmoid(), "candidate": h.tanh()})


class Subject:
    """What pictures and remarks look at."""

    def __init__(self, model: LanguageModel, **looks: Any) -> None:
        self.tokens = Characters([TEXT])
        self.model: Any = model
        self.looks = {**LOOKS, **looks}
        self.settings: dict[str, Any] = {"max_grad_norm": 1.0, "smoothing": 0.1}
        ids = torch.tensor(self.tokens.encode(TEXT))
        self.training, self.held_out = ids[:250], ids[250:]
        self.window, self.hurried = 16, False
        self.metrics: dict[str, float] = {}
        self.done, self.records = 0, [Record(model.name, 0)]
        self.lengths = torch.tensor(self.tokens.lengths())


SIZE = Characters([TEXT]).size


def table(**looks: Any) -> Subject:
    """A bigram with random probabilities."""
    return Subject(Table(3 * torch.randn(SIZE, SIZE, generator=torch.Generator().manual_seed(5))), **looks)


def transformer(**looks: Any) -> Subject:
    """A transformer of two layers with three heads."""
    torch.manual_seed(1)
    model = Transformer(Shape(SIZE, 24, 2, 3, 32, 16))
    with torch.no_grad():
        model.embed_tokens.weight.mul_(30)  # surer of itself than a new one is
    return Subject(model, **looks)


def recurrent(factor: float = 0.8, **looks: Any) -> Subject:
    """A linear network whose state's gradient shrinks by `factor` per token, exactly."""
    torch.manual_seed(2)
    rotation, _ = torch.linalg.qr(torch.randn(SIZE, SIZE))
    return Subject(Linear(SIZE, factor * rotation.contiguous()), **looks)
