"""How much of a device's memory is taken."""

import psutil
import torch

from .memory import Usage


def free_memory(device: torch.device) -> float:
    """Bytes that could be taken now: of the GPU's memory, or of the machine's without swapping."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    return float(psutil.virtual_memory().available)


def usage_of(device: torch.device, peak: float, places: int, worst: int) -> Usage:
    """This process's memory; `peak` is the most that a step has taken on a GPU so far. On the CPU nothing is known of
    tensors alone: what the process holds is all there is."""
    if device.type == "cuda":
        taken = torch.cuda.memory_reserved(device)
        return Usage(
            allocated=torch.cuda.memory_allocated(device),
            reserved=taken,
            total=taken + free_memory(device),
            peak=peak,
            places=places,
            worst=worst,
            where="the GPU",
        )
    held = float(psutil.Process().memory_info().rss)
    return Usage(held, held, held + free_memory(device), held, places, places, "the machine")
