"""Where a model computes, with how many threads, and how often its parameters have changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

import torch

from .model import LanguageModel


def changes(model: LanguageModel) -> int:
    """How often its tensors have been written to, as far as torch counts it."""
    return sum(tensor._version for tensor in model.tensors())


def fingerprint(model: LanguageModel) -> bytes:
    """The same for the same numbers in its tensors."""
    digest = blake2b(digest_size=16)
    for tensor in model.tensors():
        digest.update(tensor.detach().contiguous().reshape(-1).view(torch.uint8).cpu().numpy().data)
    return digest.digest()


def device(model: LanguageModel) -> torch.device:
    """Where its parameters are."""
    return next((tensor.device for tensor in model.tensors()), torch.device("cpu"))


@contextmanager
def one_thread() -> Iterator[None]:
    """Computes without helpers: for one text alone, handing out the work takes longer than doing it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
