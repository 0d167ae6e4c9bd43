"""What the machine has, in one line; read off the event loop."""

import platform

import psutil

_GIB = 1024**3


def describe_machine() -> str:
    """Cores, memory, and every GPU with its memory: `2 cores · 15 of 23 GiB free · no GPU`."""
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count() or 1
    parts = [
        f"{cores} core{'s' if cores > 1 else ''} {platform.machine()}",
        f"{memory.available / _GIB:.0f} of {memory.total / _GIB:.0f} GiB memory free",
        *(_gpus() or ["no GPU"]),
    ]
    return " · ".join(part.strip() for part in parts)


def _gpus() -> list[str]:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        return [_gpu(pynvml.nvmlDeviceGetName(handle), pynvml.nvmlDeviceGetMemoryInfo(handle)) for handle in handles]
    except pynvml.NVMLError as error:
        return [f"GPU that does not answer ({error})"]
    finally:
        pynvml.nvmlShutdown()


def _gpu(name: str | bytes, memory: object) -> str:
    spelt = name.decode(errors="replace") if isinstance(name, bytes) else name
    free, total = (int(getattr(memory, part)) / _GIB for part in ("free", "total"))
    return f"{spelt} {free:.0f} of {total:.0f} GiB free"
