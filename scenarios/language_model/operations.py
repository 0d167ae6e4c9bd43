"""The operations of a step as the inspector tells them, with the numbers of this moment."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import OperationLine

from .chain import Chain
from .counts import Counting
from .model import Group, source_of
from .optimizers import EQUATIONS

if TYPE_CHECKING:
    from .scenario import LanguageModelling


@dataclass(frozen=True, slots=True)
class Operation:
    """An equation; `value` gives what it has computed, None as long as it has not, and `more` what there is to say
    besides."""

    phase: str
    symbols: str
    source: str
    value: Callable[[], Tensor | None]
    more: Callable[[], str] = str

    def line(self, index: Sequence[int] | None = None) -> OperationLine:
        """With one entry of the value, the first if none is named. Raises BadInput if there is no such entry."""
        value = self.value()
        if value is None:
            return self.blank()
        shape = tuple(value.shape)
        place = tuple(index) if index is not None else (0,) * len(shape)
        if len(place) != len(shape) or any(i >= n for i, n in zip(place, shape, strict=True)):
            raise BadInput(f"'{self.symbols}' has no entry {list(place)}: its shape is {list(shape)}.")
        name = self.symbols.partition(" = ")[0]
        at = f"[{','.join(map(str, place))}]" if place else ""
        told = [f"{name}{at} = {number(value[place].item())}", self.more()]
        return OperationLine(self.phase, self.symbols, ", ".join(filter(None, told)), shape, source=self.source)

    def blank(self) -> OperationLine:
        """Without numbers."""
        return OperationLine(self.phase, self.symbols, "", source=self.source)


class Operations:
    """Those of a step in order, and how far the present one has come: `reached` is the index of the latest done."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = list(operations)
        self.reached = -1

    def places(self, phase: str) -> range:
        """The indices of a phase's operations."""
        phases = [operation.phase for operation in self.operations]
        return range(phases.index(phase), phases.index(phase) + phases.count(phase))

    def lines(self) -> list[OperationLine]:
        """All of them; what the present step has not come to is without numbers."""
        return [
            operation.line() if place <= self.reached else operation.blank()
            for place, operation in enumerate(self.operations)
        ]

    def entry(self, place: int, index: Sequence[int]) -> OperationLine:
        """One entry of what operation number `place` has computed. Raises BadInput if there is no such entry."""
        operation = self.operations[place]
        return operation.line(index) if place <= self.reached else operation.blank()


def learning_operations(scenario: "LanguageModelling") -> Iterator[Operation]:
    """Of a network: tokens, forward, loss, backward, clip, update."""
    chain = scenario.chain
    yield tokens_operation(scenario)
    yield from forward_operations(chain)
    symbols = "L = −mean ln softmax(z)[y]"
    yield Operation("loss", symbols, source_of(Chain.measure), lambda: chain.loss, lambda: "nats per token")
    yield from backward_operations(chain)
    yield clip_operation(scenario)
    yield update_operation(scenario)


def counting_operations(scenario: "LanguageModelling", model: Counting) -> Iterator[Operation]:
    """Of a model that counts: tokens, forward, loss, update."""
    source = source_of(type(model).log_probabilities)
    yield tokens_operation(scenario)
    yield Operation("forward", model.formula, source, lambda: scenario.logs.exp())
    symbols, source = "L = −mean ln p[y]", source_of(type(scenario).compare_with_targets)
    yield Operation("loss", symbols, source, lambda: scenario.loss, lambda: "nats per token")
    source = source_of(type(model).count)
    yield Operation("update", "Δc = 1 for each new token after what stood before it", source, lambda: _counts(scenario))


def tokens_operation(scenario: "LanguageModelling") -> Operation:
    """What is read: inputs x and targets y."""

    def told() -> str:
        x, y = (scenario.tokens.pieces([int(ids[0, 0])])[0] for ids in (scenario.inputs, scenario.targets))
        return f"that is {x!r}; after it comes {y!r}"

    symbols = "x = windows of the text, y = the same, one token on"
    return Operation("tokens", symbols, source_of(type(scenario).draw), lambda: scenario.inputs, told)


def forward_operations(chain: Chain) -> Iterator[Operation]:
    """What each group makes of what it gets."""
    for place, group in enumerate(chain.groups):
        yield _forward_through(chain, place, group)


def _forward_through(chain: Chain, place: int, group: Group) -> Operation:
    def made() -> Tensor | None:
        return _at(chain.outputs, place)

    return Operation("forward", group.symbols, group.source, made, lambda: f"{group.name}: norm {norm(made())}")


def backward_operations(chain: Chain) -> Iterator[Operation]:
    """The gradient of the logits, then of what each group got and of its parameters, the last group first."""
    source, count = source_of(Chain.backward), len(chain.groups)

    def of_logits() -> Tensor | None:
        return _gradient(chain, count)

    symbols = "∂L/∂z = (softmax(z) − onehot(y))/(b·t)"
    yield Operation("backward", symbols, source, of_logits, lambda: f"norm {norm(of_logits())}")
    for place in reversed(range(count)):
        yield _backward_through(chain, place, chain.groups[place], source)


def _backward_through(chain: Chain, place: int, group: Group, source: str) -> Operation:
    """∂L/∂θ is over all parameters θ of the group, as far as the step has added it up."""

    def told() -> str:
        gradients = [p.grad.flatten() for module in group.modules for p in module.parameters() if p.grad is not None]
        return f"back through {group.name}" + (f": norm of ∂L/∂θ {norm(torch.cat(gradients))}" if gradients else "")

    if place == 0:  # token ids have no gradient: what arrives here ends in the embedding
        weights = next(group.modules[0].parameters())
        again = any(weights is p for module in chain.groups[-1].modules for p in module.parameters())
        symbols = f"∂L/∂E = Σ ∂L/∂{_made(group)} of each place of a token" + " + Σ ∂L/∂z·norm(h)ᵀ" * again
        return Operation("backward", symbols, source, lambda: weights.grad, told)
    symbols = f"∂L/∂{_made(chain.groups[place - 1])} = Jᵀ·∂L/∂(next)"
    return Operation("backward", symbols, source, lambda: _gradient(chain, place), told)


def _made(group: Group) -> str:
    """The symbol of what a group makes."""
    return group.symbols.partition(" = ")[0]


def clip_operation(scenario: "LanguageModelling") -> Operation:
    """The length of all gradients together, before it is cut."""

    def told() -> str:
        limit = scenario.settings["max_grad_norm"]
        shortened = limit != "off" and scenario.gradient_norm > limit
        return f"shortened to {number(limit)}" if shortened else "not shortened"

    symbols = "‖g‖ = √Σg², g = g·min(1, limit/‖g‖)"
    return Operation("clip", symbols, source_of(type(scenario).clip), lambda: scenario.gradient_norm, told)


def update_operation(scenario: "LanguageModelling") -> Operation:
    """How far all parameters together have moved."""

    def moved() -> Tensor:
        return torch.tensor(math.hypot(*(parameter.norms()[2] for parameter in scenario.parameters())))

    def told() -> str:
        return f"‖Δθ‖ of all parameters, η = {number(scenario.optimizer.param_groups[0]['lr'])}"

    symbols = EQUATIONS[scenario.settings["optimizer"]]
    return Operation("update", symbols, source_of(type(scenario).update), moved, told)


def _counts(scenario: "LanguageModelling") -> Tensor:
    """How many were added to all counts of the longest grams."""
    return torch.tensor(scenario.parameters()[-1].update.sum())


def _at(tensors: Sequence[Tensor], place: int) -> Tensor | None:
    return tensors[place] if place < len(tensors) else None


def _gradient(chain: Chain, place: int) -> Tensor | None:
    """Of what group `place` got; after the last group, of the logits."""
    got = _at(chain.inputs, place)
    return None if got is None else got.grad


def norm(tensor: Tensor | None) -> str:
    """√Σx², as text."""
    return "" if tensor is None else number(float(torch.linalg.vector_norm(tensor.detach())))


def number(value: float) -> str:
    """Four digits are enough to follow."""
    return f"{value:.4g}"
