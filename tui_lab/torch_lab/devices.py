"""Where to compute."""

import torch

from tui_lab.lab.errors import BadInput


def device_of(name: str) -> torch.device:
    """`auto` is a GPU if there is one. Raises BadInput for `cuda` without one."""
    if name == "cuda" and not torch.cuda.is_available():
        raise BadInput(
            "There is no CUDA GPU that torch can use here: say device=cpu, or see what tui-lab doctor finds."
        )
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def threads_of(device: torch.device) -> int:
    """How many threads of this process compute there: a GPU is told what to do by one."""
    return torch.get_num_threads() if device.type == "cpu" else 1
