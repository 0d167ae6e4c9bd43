"""What the machine can do, and what a run does instead of what it cannot."""

from dataclasses import dataclass

import torch

from tui_lab.lab.errors import BadInput

from ..method import Method
from .finding import Finding, Weight

LEAST_CAPABILITY = (7, 5)
"""The oldest GPUs for which bitsandbytes has kernels: Turing, 2018."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A machine, as far as it matters."""

    device: str
    """`cpu` or `cuda`, where the run computes."""
    gpu: str = ""
    capability: tuple[int, int] = (0, 0)
    has_bf16: bool = False
    library_error: str = ""
    """Why bitsandbytes cannot load its own library; empty if it can."""
    gpus: int = 1
    """How many there are, where it is `cuda`."""


def look_around(device: torch.device) -> Surroundings:
    """This machine, where a run computes on `device`."""
    error = _library_error()
    if device.type != "cuda":
        return Surroundings(device.type, library_error=error)
    return Surroundings(
        device.type,
        torch.cuda.get_device_name(device),
        torch.cuda.get_device_capability(device),
        torch.cuda.is_bf16_supported(including_emulation=False),
        error,
        torch.cuda.device_count(),
    )


def _library_error() -> str:
    """bitsandbytes does not fail when it is imported, but later, at the first call into the library that it lacks."""
    from bitsandbytes import cextension

    # A library that is there answers to every name, with a function that fails when it is called.
    return str(vars(cextension.lib).get("error_msg", ""))


def demand_fit(here: Surroundings, method: Method) -> None:
    """Before anything is loaded: raises BadInput where the method needs what this machine cannot do."""
    if here.device == "cuda" and method.processes > here.gpus:
        raise BadInput(
            f"processes={method.processes} needs as many GPUs, and this machine has {here.gpus}: say "
            f"processes={here.gpus}, or device=cpu."
        )
    needs_library = here.device == "cuda" and (method.bits or method.optimizer != "adamw")
    if needs_library and here.capability < LEAST_CAPABILITY:
        raise BadInput(
            f"{here.gpu} has compute capability {'.'.join(map(str, here.capability))}, and bitsandbytes needs "
            f"{'.'.join(map(str, LEAST_CAPABILITY))}: say quantisation=none with optimizer=adamw, or device=cpu."
        )
    if here.library_error and needs_library:
        raise BadInput(
            f"bitsandbytes cannot load its library ({here.library_error.strip().splitlines()[0]}): see what "
            "`python -m bitsandbytes` finds and unset BNB_CUDA_VERSION, or say quantisation=none with optimizer=adamw."
        )


def instead(here: Surroundings, method: Method, dtype: torch.dtype) -> list[Finding]:
    """What this run does instead of what the method is known for; told before its first step."""
    computes = str(dtype).removeprefix("torch.")
    if here.device != "cuda":
        paged = "; its paged optimizer is not paged" if "paged" in method.optimizer else ""
        evidence = f"no GPU is used: everything is computed on the CPU in {computes}{paged}"
        cause = "4 bits save memory here, and no time" if method.bits else ""
        return [Finding(Weight.REMARK, "On the CPU", evidence, cause, "")]
    if not here.has_bf16 and computes != "bfloat16":
        evidence = f"{here.gpu} has no bf16: weights are multiplied in {computes}"
        safe = "fp32 is safe and slow; compute_dtype=fp16 is faster, and a fifth of the paper's 7B runs failed in it"
        risky = "fp16 ends at 65504: a fifth of the paper's 7B runs failed in it"
        return [Finding(Weight.REMARK, "No bf16", evidence, safe if computes == "float32" else risky, "")]
    return []
