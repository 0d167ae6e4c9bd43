"""Imports bitsandbytes without the compiler that it asks torch for.

As it is imported it hands five functions to `torch.compile`, which loads the compiler: several seconds of each start of
a run. They stand in for kernels where it has none, and none of a fine-tune's are among them. Uncompiled they are also
the same on a machine that has a C compiler as on one that has not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def nothing_compiled() -> Iterator[None]:
    """While it lasts, `torch.compile` gives functions back as they are."""
    compile_ = torch.compile
    torch.compile = _as_it_is
    try:
        yield
    finally:
        torch.compile = compile_


def _as_it_is(model: Any = None, **_: Any) -> Any:
    return _as_it_is if model is None else model


with nothing_compiled():
    import bitsandbytes  # noqa: F401
