"""Training in several processes, each with a copy of the model and batches of its own."""

from collections.abc import Iterable

import torch
from torch import distributed


def rank() -> int:
    """Which of the processes this is, from 0."""
    return distributed.get_rank() if _on() else 0


def count() -> int:
    """How many there are."""
    return distributed.get_world_size() if _on() else 1


def add_up(tensors: Iterable[torch.Tensor]) -> None:
    """Replace each tensor by its sum over all processes."""
    if _on():
        for tensor in tensors:
            distributed.all_reduce(tensor)


def total(number: float, device: torch.device) -> float:
    """The sum of every process's number."""
    if not _on():
        return number
    tensor = torch.tensor(number, dtype=torch.float64, device=device)
    distributed.all_reduce(tensor)
    return tensor.item()


def _on() -> bool:
    return distributed.is_available() and distributed.is_initialized()
