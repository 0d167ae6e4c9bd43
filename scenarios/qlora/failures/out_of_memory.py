"""Telling a lack of memory from other errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

_SAYINGS = ("can't allocate memory", "not enough memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on a GPU or on the CPU, where torch says so in a RuntimeError."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(saying in str(error) for saying in _SAYINGS)


@contextmanager
def telling(tell: Callable[[str], Exception]) -> Iterator[None]:
    """Around what may fill the memory: raises what `tell` makes of the message if it does."""
    full: str | None = None
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        full = str(error)
    if full is not None:  # out of the handler: what filled the memory hangs on the error
        raise tell(full)
