"""How fast a QLoRA fine-tune goes with the lab around it, against the same in a bare loop of peft and bitsandbytes and
in TRL's SFTTrainer; and how far numbers of few bits are off.

All of them learn the same tokens in the same order from the shipped model and the shipped reviews, by the scenario's
other defaults. Evaluations and samples are left out everywhere: a bare loop has none.
"""

import warnings
from collections.abc import Iterator
from statistics import median

import torch
from bitsandbytes.nn.modules import Linear4bit

from tests.benchmarks.figure import Figure, alternate, ratio
from tests.benchmarks.home import own_home
from tests.benchmarks.qlora_contestants import STEPS, WARM_UP, BareLoop, Plan, SupervisedTrainer, lab
from tui_lab.scenarios.qlora.adapted import AdaptedLayer
from tui_lab.scenarios.qlora.nf4 import bits_per_weight, in_int8
from tui_lab.scenarios.qlora.survival import in_4bit

ROUNDS, FEWER_ROUNDS = 11, 3
"""Beside the bare loop, and beside SFTTrainer, which begins anew in each."""
NEVER = 1_000_000
ALONE = [f"evaluate_every={NEVER}", f"sample_every={NEVER}", f"steps={NEVER}"]
ORACLES = {"nf4": 0.092, "fp4": 0.122, "int8": 0.0059}
"""Relative RMSE of Gaussian weights in blocks of 64 (int8: a scale for each row), and how far off a figure may be."""
SLACK = 0.001


def figures() -> list[Figure]:
    """Speed on the CPU, and exactness."""
    warnings.simplefilter("ignore")
    return [*_on_the_cpu(), *_exactness()]


def _on_the_cpu() -> list[Figure]:
    words = [*ALONE, "device=cpu"]
    plan = Plan(words, WARM_UP + (ROUNDS + FEWER_ROUNDS) * STEPS)
    with own_home(), lab(words, plan) as running:
        beside_bare, bare = alternate(ROUNDS, running, BareLoop(plan))
        beside_theirs, theirs = alternate(FEWER_ROUNDS, running, SupervisedTrainer(plan))
    what = "QLoRA of the shipped model on reviews, viewer attached, all probes on"
    return [
        speed(what, beside_bare, bare, "the same in a bare peft + bitsandbytes loop", 0.95),
        speed(what, beside_theirs, theirs, "the same in TRL's SFTTrainer", 1.0),
    ]


def speed(what: str, ours: list[float], theirs: list[float], against: str, bar: float) -> Figure:
    """Tokens a second beside another's."""
    times = ratio(ours, theirs)
    return Figure(
        what=what,
        measured=f"{median(ours):,.0f} tokens/s, {times:.2f} ×",
        against=f"{against}, {median(theirs):,.0f} tokens/s",
        bar=f"≥ {bar:g} ×",
        reached=times >= bar,
    )


def _exactness() -> Iterator[Figure]:
    """Errors of the number formats on Gaussian weights, and what a weight takes, as the scenario's own views measure
    them."""
    draw = torch.Generator().manual_seed(0)
    weight = torch.randn(1024, 4096, generator=draw)
    rounded = {"nf4": in_4bit(weight), "fp4": in_4bit(weight, kind="fp4"), "int8": in_int8(weight)}
    for kind, oracle in ORACLES.items():
        error = float((rounded[kind] - weight).norm() / weight.norm())
        yield Figure(
            what=f"relative RMSE of Gaussian weights in {kind}",
            measured=f"{error:.4f}",
            against=f"{oracle:g}",
            bar=f"± {SLACK:g}",
            reached=abs(error - oracle) <= SLACK,
        )
    layer = Linear4bit(4096, 1024, bias=False, quant_type="nf4", compress_statistics=True).to("cpu")
    a, b = torch.nn.Parameter(torch.zeros(8, 4096)), torch.nn.Parameter(torch.zeros(1024, 8))
    bits = bits_per_weight([AdaptedLayer("layer", -1, "layer", layer, a, b, 1.0)])
    yield Figure(
        what="bits per weight in NF4 with double quantisation",
        measured=f"{bits:.3f}",
        against="4 + 8/64 + 32/(64·256), and code books",
        bar="4.13 ± 0.01",
        reached=abs(bits - 4.13) <= 0.01,
    )
