"""What the doctor says of GPUs, torch and 4 bits, on machines that the test makes up."""

import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from types import SimpleNamespace

import pytest

from tui_lab.run import accelerators
from tui_lab.run.accelerators import Gpu, Machine, findings, machine
from tui_lab.run.finding import Finding

GIB = 2**30
H200 = Gpu(0, "NVIDIA H200", 130 * GIB, 140 * GIB, (9, 0))
GOOD = Machine(
    [H200], driver=(13, 0), torch="2.9.0+cu130", cuda=(13, 0), bitsandbytes="0.50.2", glibc=(2, 36), environment={}
)


def by_subject(found: Machine) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings(found)}


def with_capability(*capability: int) -> Machine:
    major, minor = capability
    return replace(GOOD, gpus=[H200, replace(H200, number=1, name="Old", capability=(major, minor))])


def test_a_good_machine_needs_nothing() -> None:
    found = by_subject(GOOD)
    assert all(finding.ok for finding in found.values())
    assert found["GPU 0"].found == "NVIDIA H200, 130.0 of 140.0 GiB free, compute capability 9.0"
    assert found["CUDA"].found == "torch 2.9.0+cu130 is built for CUDA 13.0, the driver knows 13.0"
    assert found["4 bits"].found == "by bitsandbytes 0.50.2, on the GPU"
    assert found.keys() == {"GPU 0", "CUDA", "bf16", "4 bits"}


@pytest.mark.parametrize(
    ("capability", "warned"),
    [((9, 0), set()), ((8, 0), set()), ((7, 5), {"bf16"}), ((7, 0), {"bf16", "4 bits"}), ((6, 1), {"bf16", "4 bits"})],
)
def test_an_old_gpu_says_what_happens_instead(capability: tuple[int, int], warned: set[str]) -> None:
    found = by_subject(with_capability(*capability))
    assert {subject for subject, finding in found.items() if not finding.ok} == warned
    if "bf16" in warned:
        assert found["bf16"].found.startswith("Old cannot") and "fp32" in found["bf16"].remedy
    if "4 bits" in warned:
        assert "needs compute capability 7.5, Old has" in found["4 bits"].found
        assert "device=cpu, or quantisation=none" in found["4 bits"].remedy


def test_without_a_gpu_the_cpu_trains() -> None:
    found = by_subject(replace(GOOD, gpus=[], driver=None, absent="Driver Not Loaded"))
    assert found["GPU"].ok and "(Driver Not Loaded): device=auto trains on the CPU, in fp32" in found["GPU"].found
    assert found["4 bits"].found == "by bitsandbytes 0.50.2, on the CPU"
    assert found.keys() == {"GPU", "4 bits"}


def test_a_gpu_that_does_not_answer_is_told_beside_one_that_does() -> None:
    found = by_subject(replace(GOOD, silent={1: "GPU is lost"}))
    assert found["GPU 0"].ok and not found["GPU 1"].ok and "GPU is lost" in found["GPU 1"].found


@pytest.mark.parametrize(
    ("change", "subject", "said", "remedy"),
    [
        ({"torch": None, "cuda": None}, "CUDA", "torch is not installed", "pip install torch"),
        ({"torch": "2.9.0+cpu", "cuda": None}, "CUDA", "was built without CUDA", "--force-reinstall torch"),
        ({"driver": (12, 4)}, "CUDA", "built for CUDA 13.0, the driver only knows 12.4", "update the NVIDIA driver"),
        ({"bitsandbytes": None}, "4 bits", "bitsandbytes is not installed", "until then qlora cannot run"),
        ({"glibc": (2, 17)}, "glibc", "2.17", "bitsandbytes needs 2.24"),
        ({"environment": {"BNB_CUDA_VERSION": "122"}}, "BNB_CUDA_VERSION", "left set, to 122", "unset"),
    ],
)
def test_what_is_amiss_is_told_with_what_to_do(change: dict[str, object], subject: str, said: str, remedy: str) -> None:
    found = by_subject(replace(GOOD, **change))  # type: ignore[arg-type]
    assert [name for name, finding in found.items() if not finding.ok] == [subject]
    assert said in found[subject].found and remedy in found[subject].remedy


def test_a_driver_of_the_same_major_version_will_do() -> None:
    assert all(finding.ok for finding in findings(replace(GOOD, cuda=(12, 8), driver=(12, 2))))


@pytest.mark.parametrize(
    ("version", "asked", "cuda"),
    [
        ("2.13.0+cpu", ["numpy"], None),
        ("2.8.0+cu128", [], (12, 8)),
        ("2.9.0+cu130", [], (13, 0)),
        ("2.7.1", ["sympy", "nvidia-cuda-runtime-cu12==12.6.77; platform_system == 'Linux'"], (12, 6)),
        ("2.10.0", ["nvidia-cuda-runtime==13.0.48; platform_system == 'Linux'"], (13, 0)),
        ("2.4.0", None, None),
        ("2.8.0+rocm6.2", [], None),
    ],
)
def test_the_cuda_of_torch_is_known_without_importing_it(
    monkeypatch: pytest.MonkeyPatch, version: str, asked: list[str] | None, cuda: tuple[int, int] | None
) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: version)
    monkeypatch.setattr(metadata, "requires", lambda _: asked)
    assert machine().cuda == cuda


class NoGpu(Exception):
    """What stands for pynvml's error."""


def driver(**functions: object) -> SimpleNamespace:
    """A pynvml with two GPUs, of which the second does not answer."""

    def handle(number: int) -> int:
        if number == 1:
            raise NoGpu("GPU is lost")
        return number

    return SimpleNamespace(
        NVMLError=NoGpu,
        nvmlInit=lambda: None,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=handle,
        nvmlDeviceGetMemoryInfo=lambda _: SimpleNamespace(free=3 * GIB, total=4 * GIB),
        nvmlDeviceGetName=lambda _: b"Tesla",
        nvmlDeviceGetCudaComputeCapability=lambda _: (7, 5),
        nvmlSystemGetCudaDriverVersion=lambda: 12040,
        **functions,
    )


def test_gpus_are_asked_for_what_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", driver())
    found = accelerators.machine()
    assert found.gpus == [Gpu(0, "Tesla", 3 * GIB, 4 * GIB, (7, 5))]
    assert (found.silent, found.driver, found.absent) == ({1: "GPU is lost"}, (12, 4), "")


def test_looking_loads_nothing_that_trains() -> None:
    code = (
        "import sys; from tui_lab.run.doctor import examine; assert examine(); "
        "print(sorted({'torch', 'bitsandbytes', 'transformers'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
