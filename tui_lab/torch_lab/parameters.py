"""Trainable tensors as the lab shows and edits them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from tui_lab.lab.scenario import Array, Parameter


@dataclass(frozen=True, slots=True)
class TensorParameter:
    """A parameter in torch, on any device. Its arrays are float32 copies on the CPU; the norms are computed where the
    tensor is. `before` is what it was before the latest step, None if there has been no step."""

    name: str
    tensor: torch.Tensor
    before: torch.Tensor | None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape)

    @property
    def value(self) -> Array:
        return _array(self.tensor)

    @property
    def gradient(self) -> Array:
        return _array(torch.zeros_like(self.tensor) if self.tensor.grad is None else self.tensor.grad)

    @property
    def update(self) -> Array:
        return _array(torch.zeros_like(self.tensor) if self.before is None else self.tensor.detach() - self.before)

    def norms(self) -> tuple[float, float, float]:
        value, gradient = self.tensor.detach(), self.tensor.grad
        return (
            _norm(value),
            0.0 if gradient is None else _norm(gradient),
            0.0 if self.before is None else _norm(value - self.before),
        )

    def write(self, values: Array) -> None:
        with torch.no_grad():
            self.tensor.copy_(torch.as_tensor(values))

    def write_entry(self, index: tuple[int, ...], value: float) -> None:
        with torch.no_grad():
            self.tensor[index] = value


class Trainables:
    """The trainable tensors of a model by name, and what they were before the latest step."""

    def __init__(self, tensors: Mapping[str, torch.Tensor]) -> None:
        self.tensors = dict(tensors)
        self._before: list[torch.Tensor] | None = None

    def remember(self) -> None:
        """Called before each optimizer update."""
        present = [tensor.detach() for tensor in self.tensors.values()]
        if self._before is None:
            self._before = [tensor.clone() for tensor in present]
        else:
            torch._foreach_copy_(self._before, present)

    def forget(self) -> None:
        """Called after going elsewhere in time: there is no step before."""
        self._before = None

    def described(self) -> list[Parameter]:
        """What `Scenario.parameters` tells."""
        before: Sequence[torch.Tensor | None] = self._before or [None] * len(self.tensors)
        return [
            TensorParameter(name, tensor, b) for (name, tensor), b in zip(self.tensors.items(), before, strict=True)
        ]


def _array(tensor: torch.Tensor) -> Array:
    array: Array = tensor.detach().float().cpu().numpy()
    return array


def _norm(tensor: torch.Tensor) -> float:
    return float(torch.linalg.vector_norm(tensor.detach().float()))
