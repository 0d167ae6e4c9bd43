"""Tries what trains: `python -m tui_lab.trainer.probe` tells its findings as JSON on stdout."""

import os
import sys
from collections.abc import Callable
from time import perf_counter

import msgspec

from tui_lab.run.finding import Finding

_SIZE = 256
_EXPECTED = 0.092
"""Relative error of NF4 on numbers of a normal distribution (Dettmers et al. 2023 quantise by its quantiles)."""
_TOLERANCE = 0.005


def probe() -> list[Finding]:
    """What happens when torch and bitsandbytes are imported and made to compute."""
    return [_told(subject, attempt) for subject, attempt in (("torch, tried", _torch), ("4 bits, tried", _four_bits))]


def _told(subject: str, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, True, attempt())
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in there is the finding
        sentence = " ".join(str(error).split())
        return Finding(subject, False, f"{type(error).__name__}: {sentence}", "see the findings above")


def _torch() -> str:
    began = perf_counter()
    import torch

    took = perf_counter() - began
    device = "cuda" if torch.cuda.is_available() else "cpu"
    matrix = torch.eye(_SIZE, device=device, dtype=torch.bfloat16)
    if not torch.equal(matrix @ matrix, matrix):
        raise ArithmeticError(f"I·I is not I in bf16 on {device}")
    name = torch.cuda.get_device_name() if device == "cuda" else f"the CPU, {torch.get_num_threads()} threads"
    return f"{torch.__version__} imports in {took:.1f} s and computes on {name}"


def _four_bits() -> str:
    import torch
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    device = "cuda" if torch.cuda.is_available() else "cpu"
    numbers = torch.randn(_SIZE, _SIZE, generator=torch.Generator().manual_seed(0)).to(device)
    codes, state = quantize_4bit(numbers, quant_type="nf4")
    error = float((dequantize_4bit(codes, state) - numbers).norm() / numbers.norm())
    if abs(error - _EXPECTED) > _TOLERANCE:
        raise ArithmeticError(f"NF4 on {device} loses {error:.3f} of normal numbers, not {_EXPECTED}")
    return f"NF4 on {device} loses {error:.1%} of normal numbers, as it should"


if __name__ == "__main__":
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is not the answer
    answer.write(msgspec.json.encode(probe()))
    answer.close()
    sys.exit()
