"""What this machine can train large models with, found out without loading what trains: GPUs, torch's kind, 4 bits.

The limits are bitsandbytes' own (its installation guide): compute capability 7.5, glibc 2.24; bf16 is computed by
NVIDIA GPUs from capability 8.0 (Ampere) on.
"""

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import metadata

from tui_lab.run.finding import Finding

Version = tuple[int, int]
_GIB = 1024**3
_BF16, _FOUR_BITS, _GLIBC = (8, 0), (7, 5), (2, 24)


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU; memory in bytes."""

    number: int
    name: str
    free: int
    total: int
    capability: Version


@dataclass(frozen=True, slots=True)
class Machine:
    """What the findings follow from. What is not there or not known is None or empty."""

    gpus: list[Gpu] = field(default_factory=list)
    silent: dict[int, str] = field(default_factory=dict)
    """Why GPUs that are there do not answer, by their number."""
    absent: str = ""
    """Why there is none to be seen."""
    driver: Version | None = None
    """The newest CUDA that the driver knows."""
    torch: str | None = None
    cuda: Version | None = None
    """The CUDA that torch was built for."""
    bitsandbytes: str | None = None
    glibc: Version | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def machine() -> Machine:
    """This one."""
    library, version = platform.libc_ver()
    return replace(
        _ask_nvml(),
        torch=_installed("torch"),
        cuda=_cuda_of_torch(),
        bitsandbytes=_installed("bitsandbytes"),
        glibc=_version(version) if library == "glibc" else None,
        environment=os.environ,
    )


def findings(found: Machine) -> Iterator[Finding]:
    """What of it serves, what does not, and what happens instead."""
    yield from _gpus(found)
    if found.gpus:
        yield _cuda(found)
        yield _bf16(found)
    yield _four_bits(found)
    if found.glibc is not None and found.glibc < _GLIBC:
        wanted = f"bitsandbytes needs {_spelt(_GLIBC)}: a newer system, or quantisation=none and an optimizer of torch"
        yield Finding("glibc", False, _spelt(found.glibc), wanted)
    if number := found.environment.get("BNB_CUDA_VERSION"):
        remedy = "unset BNB_CUDA_VERSION, or bitsandbytes loads its library for that CUDA and for no other"
        yield Finding("BNB_CUDA_VERSION", False, f"left set, to {number}", remedy)


def _gpus(found: Machine) -> Iterator[Finding]:
    for gpu in found.gpus:
        memory = f"{gpu.free / _GIB:.1f} of {gpu.total / _GIB:.1f} GiB free"
        yield Finding(f"GPU {gpu.number}", True, f"{gpu.name}, {memory}, compute capability {_spelt(gpu.capability)}")
    for number, reason in found.silent.items():
        yield Finding(f"GPU {number}", False, f"cannot be asked: {reason}", "see what nvidia-smi says")
    if not found.gpus and not found.silent:
        why = f" ({found.absent})" if found.absent else ""
        yield Finding("GPU", True, f"no NVIDIA GPU to be seen{why}: device=auto trains on the CPU, in fp32")


def _cuda(found: Machine) -> Finding:
    python = f"{sys.executable} -m pip install"
    if found.torch is None:
        return Finding("CUDA", False, "torch is not installed", f"{python} torch")
    if found.cuda is None:
        remedy = f"{python} --force-reinstall torch, from pypi.org; until then the CPU trains"
        return Finding("CUDA", False, f"torch {found.torch} was built without CUDA and cannot use the GPU", remedy)
    built = f"torch {found.torch} is built for CUDA {_spelt(found.cuda)}"
    if found.driver is not None and found.driver[0] < found.cuda[0]:
        remedy = "update the NVIDIA driver, or install a torch for the older CUDA; until then the CPU trains"
        return Finding("CUDA", False, f"{built}, the driver only knows {_spelt(found.driver)}", remedy)
    knows = f", the driver knows {_spelt(found.driver)}" if found.driver is not None else ""
    return Finding("CUDA", True, built + knows)


def _bf16(found: Machine) -> Finding:
    old = [gpu for gpu in found.gpus if gpu.capability < _BF16]
    if not old:
        return Finding("bf16", True, "computed by the hardware")
    needs = f"{old[0].name} cannot: that begins with compute capability {_spelt(_BF16)}"
    return Finding("bf16", False, needs, "compute_dtype=auto takes fp32; fp16 is faster, but large numbers overflow")


def _four_bits(found: Machine) -> Finding:
    if found.bitsandbytes is None:
        remedy = f"{sys.executable} -m pip install bitsandbytes; until then qlora cannot run"
        return Finding("4 bits", False, "bitsandbytes is not installed", remedy)
    name = f"bitsandbytes {found.bitsandbytes}"
    old = [gpu for gpu in found.gpus if gpu.capability < _FOUR_BITS]
    if old:
        needs = f"{name} needs compute capability {_spelt(_FOUR_BITS)}, {old[0].name} has {_spelt(old[0].capability)}"
        return Finding("4 bits", False, needs, "device=cpu, or quantisation=none with optimizer=adamw on the GPU")
    return Finding("4 bits", True, f"by {name}, on the {'GPU' if found.gpus else 'CPU'}")


def _ask_nvml() -> Machine:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return Machine(absent=str(error))
    gpus: list[Gpu] = []
    silent: dict[int, str] = {}
    try:
        for number in range(pynvml.nvmlDeviceGetCount()):
            try:
                gpus.append(_gpu(number))
            except pynvml.NVMLError as error:
                silent[number] = str(error)
        version = int(pynvml.nvmlSystemGetCudaDriverVersion())
        return Machine(gpus, silent, driver=(version // 1000, version % 1000 // 10))
    except pynvml.NVMLError as error:
        return Machine(gpus, silent, absent=str(error))
    finally:
        pynvml.nvmlShutdown()


def _gpu(number: int) -> Gpu:
    import pynvml

    device = pynvml.nvmlDeviceGetHandleByIndex(number)
    memory, name = pynvml.nvmlDeviceGetMemoryInfo(device), pynvml.nvmlDeviceGetName(device)
    major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(device)
    spelt = name.decode(errors="replace") if isinstance(name, bytes) else name
    return Gpu(number, spelt, int(memory.free), int(memory.total), (int(major), int(minor)))


def _installed(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cuda_of_torch() -> Version | None:
    """From what torch's package says of itself: its version's suffix, or the CUDA runtime that it asks for."""
    try:
        asked = [f"torch=={metadata.version('torch')}", *(metadata.requires("torch") or [])]
    except metadata.PackageNotFoundError:
        return None
    pattern = r"torch==.*\+cu(?P<a>\d+)(?P<b>\d)$|nvidia-cuda-runtime(?:-cu\d+)?==(?P<c>\d+)\.(?P<d>\d+)"
    for match in filter(None, (re.match(pattern, line) for line in asked)):
        major, minor = (number for number in match.groups() if number is not None)
        return int(major), int(minor)
    return None


def _version(text: str) -> Version | None:
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None


def _spelt(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
