"""The equations of a step as the inspector tells them, with the numbers of this moment."""

import inspect
from functools import cache
from typing import TYPE_CHECKING

import torch

from tui_lab.lab.scenario import OperationLine

from .adapted import AdaptedLayer
from .places import PHASES

if TYPE_CHECKING:
    from .scenario import QLoRA

_CODE = {
    "tokens": "self.draw()",
    "forward": "self.forward(batch)",
    "loss": "self.summed_loss(scores, batch)",
    "backward": ".backward()",
    "clip": "self.clip()",
    "update": "self.update()",
}
"""What each phase's line in scenario.py has in it."""


def operation_lines(scenario: "QLoRA") -> list[OperationLine]:
    """All of PHASES in order, for the layer that is looked at closely."""
    layer = scenario.closeup.layer
    told = _told(scenario)
    return [
        OperationLine(phase, symbols, *told[phase][number], _parameter(layer, symbols), source_of(phase))
        for phase, equations in PHASES.items()
        for number, symbols in enumerate(equations)
    ]


@cache
def source_of(phase: str) -> str:
    """The line of scenario.py that does it, as `scenario.py:42`."""
    from .scenario import QLoRA

    lines, first = inspect.getsourcelines(QLoRA.phases)
    return next(f"scenario.py:{first + i}" for i, line in enumerate(lines) if _CODE[phase] in line)


def _parameter(layer: AdaptedLayer, symbols: str) -> str:
    """The parameter whose gradient or update an equation is."""
    letter = symbols.split(" ")[0].removeprefix("∂L/∂")
    return f"{layer.name}.{letter}" if letter in ("A", "B") else ""


Told = list[tuple[str, tuple[int, ...]]]
"""Of each equation of a phase: its numbers, and the shape of what it computes."""


def _told(scenario: "QLoRA") -> dict[str, Told]:
    return {
        "tokens": [_tokens(scenario)],
        "forward": _forward(scenario),
        "loss": [_loss(scenario)],
        "backward": _backward(scenario),
        "clip": [_clip(scenario)],
        "update": _update(scenario),
    }


def _tokens(scenario: "QLoRA") -> tuple[str, tuple[int, ...]]:
    batches = scenario.micro_batches
    if not batches:
        return "", ()
    places, padded = sum(batch.input_ids.numel() for batch in batches), sum(batch.padded for batch in batches)
    learned, cut = sum(batch.learned for batch in batches), sum(batch.truncated for batch in batches)
    numbers = f"x: {places} tokens, of which {padded} padding and {learned} to learn; {cut} examples cut"
    return numbers, tuple(batches[-1].input_ids.shape)


def _forward(scenario: "QLoRA") -> Told:
    """u₀, v₀ and y₀: the first entries, for the last token of the first sequence."""
    layer, seen, batches = scenario.closeup.layer, scenario.closeup.seen, scenario.micro_batches
    shapes = [(layer.b.shape[1],), (layer.b.shape[0],), (layer.b.shape[0],), scenario.scored]
    if seen is None or not batches:
        return [("", shape) for shape in shapes]
    y, v = seen.y[0].item(), seen.v[0].item()
    columns = f" {batches[-1].columns.numel()} of {batches[-1].input_ids.shape[1]} columns" * (len(shapes[3]) == 3)
    return [
        (f"u₀ = {_product(layer.a[0], seen.x)} = {seen.u[0]:.4g}", shapes[0]),
        (f"v₀ = {layer.scaling:.4g}·({_product(layer.b[0], seen.u)}) = {v:.4g}", shapes[1]),
        (f"y₀ = {y - v:.4g} + {v:.4g} = {y:.4g}", shapes[2]),
        (f"{' × '.join(map(str, shapes[3]))}{columns and ', for' + columns}", shapes[3]),
    ]


def _product(row: torch.Tensor, column: torch.Tensor) -> str:
    """The first two terms of a sum of products."""
    terms = [f"{a:.3g}·{b:.3g}" for a, b in zip(row[:2].tolist(), column[:2].tolist(), strict=True)]
    return " + ".join(terms) + " + …" * (len(row) > len(terms))


def _loss(scenario: "QLoRA") -> tuple[str, tuple[int, ...]]:
    if not scenario.losses:
        return "", ()
    batch = scenario.micro_batches[len(scenario.losses) - 1]
    return f"L = {scenario.losses[-1] * batch.learned:.4g} / {batch.learned} = {scenario.losses[-1]:.4g}", ()


def _backward(scenario: "QLoRA") -> Told:
    layer = scenario.closeup.layer
    return [_gradient("∂L/∂B", layer.b), _gradient("∂L/∂A", layer.a)]


def _gradient(name: str, tensor: torch.Tensor) -> tuple[str, tuple[int, ...]]:
    shape = tuple(tensor.shape)
    return ("", shape) if tensor.grad is None else (f"‖{name}‖ = {tensor.grad.norm():.4g}", shape)


def _clip(scenario: "QLoRA") -> tuple[str, tuple[int, ...]]:
    limit, norm = scenario.method.max_grad_norm, scenario.gradient_norm
    if limit == "off":
        return f"not shortened: ‖g‖ = {norm:.4g}", ()
    return f"min(1, {limit:g}/{norm:.4g}) = {min(1.0, limit / norm) if norm else 1.0:.4g}", ()


def _update(scenario: "QLoRA") -> Told:
    parameters = {parameter.name: parameter for parameter in scenario.trainables.described()}
    layer = scenario.closeup.layer
    told: Told = []
    for name, letter in ((f"{layer.name}.B", "B"), (f"{layer.name}.A", "A")):
        norm, _, moved = parameters[name].norms()
        told.append((f"η = {scenario.rate:.3g}: ‖{letter}‖ = {norm:.4g}, moved by {moved:.3g}", parameters[name].shape))
    return told
