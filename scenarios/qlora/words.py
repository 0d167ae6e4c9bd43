"""Numbers of memory and parameters, for people."""

import torch

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_NAMES = {torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32"}


def bytes_of(size: float) -> str:
    """`3.6 GiB`: three digits, and a unit that suits them."""
    place = unit_of(size)
    return (
        f"{size / 1024**place:.3g} {_UNITS[place]}"
        if size < 1000 * 1024**place
        else f"{size / 1024**place:.0f} {_UNITS[place]}"
    )


def unit_of(size: float) -> int:
    """The power of 1024 that a size is best told in."""
    place = 0
    while size >= 1024 ** (place + 1) and place < len(_UNITS) - 1:
        place += 1
    return place


def unit_name(place: int) -> str:
    """What that power is called."""
    return _UNITS[place]


def rounded(number: float, digits: int = 3) -> float:
    """The same to so many digits: no more than anybody reads."""
    return float(f"{number:.{digits}g}")


def counted(number: int) -> str:
    """`6,738,415,616`."""
    return f"{number:,}"


def dtype_name(dtype: torch.dtype) -> str:
    """`bf16`."""
    return _NAMES.get(dtype, str(dtype).removeprefix("torch."))
