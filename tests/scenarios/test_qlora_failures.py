"""The rules of the failures, as pure functions of numbers."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.scenarios.qlora_ill import defaults
from tui_lab.lab.errors import BadInput
from tui_lab.scenarios.qlora.failures import memory, mismatch, never_stops, non_finite, unstable
from tui_lab.scenarios.qlora.failures.cut_gradients import collapse, gradients_differ, no_gradient
from tui_lab.scenarios.qlora.failures.export import merge_erases
from tui_lab.scenarios.qlora.failures.finding import Finding, Weight, gravest_first
from tui_lab.scenarios.qlora.failures.out_of_memory import is_out_of_memory
from tui_lab.scenarios.qlora.failures.precision import Formats, formats, lost_updates
from tui_lab.scenarios.qlora.failures.surroundings import Surroundings, demand_fit, instead, look_around
from tui_lab.scenarios.qlora.failures.trace import STEPS, Trace
from tui_lab.scenarios.qlora.failures.unstable import Evaluated
from tui_lab.scenarios.qlora.method import Method

Array = NDArray[np.float64]
GIB = 2**30


@pytest.fixture
def method() -> Method:
    return Method.of({**defaults(), "max_length": 512, "rank": 8, "alpha": 16.0})


def test_a_sentence_has_all_parts_and_the_gravest_comes_first() -> None:
    remark = Finding(Weight.REMARK, "Small", "1 of 2", "", "")
    stop = Finding(Weight.STOP, "Great", "2 of 2", "because", "do this")
    assert [each.sentence for each in gravest_first([remark, stop])] == [
        "Great: 2 of 2; because; do this.",
        "Small: 1 of 2.",
    ]


# 1


@pytest.mark.parametrize(
    ("blame", "scaling", "dtype", "says"),
    [
        (non_finite.Blame(), math.nan, "float32", "alpha/rank = nan"),
        (non_finite.Blame(layer="a.b", largest=9e4), 2.0, "float16", "compute_dtype=bf16"),
        (non_finite.Blame(parameter="a.A"), 2.0, "float32", "a learning rate of 0.5 has thrown the adapters too far"),
        (non_finite.Blame(layer="a.b", largest=3.0), 2.0, "float32", "look at the batch"),
        (non_finite.Blame(), 2.0, "bfloat16", "does not compute the same twice"),
    ],
)
def test_the_cause_follows_the_evidence(blame: Any, scaling: float, dtype: str, says: str) -> None:
    finding = non_finite.non_finite([math.nan], math.nan, blame, scaling, dtype, 0.5)
    assert says in finding.sentence
    assert finding.weight == Weight.STOP


def test_an_overflow_is_not_called_nan() -> None:
    finding = non_finite.non_finite([math.inf], 1.0, non_finite.Blame(), 1.0, "float32", 0.1)
    assert finding.name == "Out of range"


# 3


def test_templates_with_a_line_end_after_the_end_stop() -> None:
    rows = [([1, 2, 3, 9, 4], [-100, -100, 3, 9, 4])] * 2
    assert never_stops.never_stops(never_stops.endings(rows, {9}, 1, str)) == []


def test_every_answer_of_a_packed_sequence_must_stop() -> None:
    rows = [([1, 5, 9, 1, 6, 7], [-100, 5, 9, -100, 6, 7])]
    found = never_stops.endings(rows, {9}, None, str)
    assert (found.answers, found.stopped, found.last) == (2, 1, "7")


def test_long_answers_may_reach_the_limit() -> None:
    assert never_stops.samples_run_on([8, 8, 8], 8, longest_answer=20) is None
    assert never_stops.samples_run_on([8, 8, 8, 8, 3], 8, longest_answer=4) is not None
    assert never_stops.samples_run_on([8, 8, 3, 3], 8, longest_answer=4) is None


# 6


def test_gradients_that_are_missing_or_fade() -> None:
    assert no_gradient({"a.A": 1, "a.B": 0}, 2) is None
    assert no_gradient({"a.A": 2, "a.B": 0}, 2) is not None
    assert collapse([1e-5, 1e-2], 3) is not None
    assert collapse([1e-5, 1e-2], 2) is None
    assert collapse([1e-3, 1e-2], 9) is None
    assert collapse([], 0) is None
    assert gradients_differ(0.0, 0.0) is None
    assert gradients_differ(1e-9, 0.0) is not None


# 7


def ledger(method: Method) -> dict[str, float]:
    """A memory ledger that one can add up in the head, in GiB."""
    gib = float(GIB)
    places = method.batch_size * int(method.max_length) / 1024
    return {
        "codes": (4 if method.bits == 4 else 16) * gib,
        "constants": (0.125 if method.double_quant else 0.5) * gib if method.bits == 4 else 0.0,
        "activations": places * (1 if method.gradient_checkpointing else 4) * gib,
        "optimizer": method.rank / 8 * (0.25 if "8bit" in method.optimizer else 1) * gib,
    }


def test_cuts_are_measured_by_the_ledger(method: Method) -> None:
    found = {cut.setting: cut for cut in memory.cuts(method, ledger)}
    assert found["gradient_checkpointing=true"].saving == pytest.approx(24 * GIB)
    assert found["gradient_checkpointing=true"].row == "activations"
    assert found["batch_size=8 with accumulation=2"].saving == pytest.approx(16 * GIB)
    assert found["optimizer=paged_adamw_8bit"].row == "optimizer"
    assert "double_quant=true" not in found
    assert memory.cuts(method, ledger)[0].setting == "gradient_checkpointing=true"
    worse = replace(method, quantisation="none", upcast=True)
    assert "quantisation=nf4" in {cut.setting for cut in memory.cuts(worse, ledger)}


def test_a_run_that_does_not_fit_is_refused_with_the_smallest_change_that_helps(method: Method) -> None:
    needed = sum(ledger(method).values())
    found = memory.cuts(method, ledger)
    memory.demand_room(needed, needed / 0.95, "the GPU", found)
    with pytest.raises(BadInput, match=r"are free: set rank=4, which cuts optimizer and saves 512 MiB\.$"):
        memory.demand_room(needed, needed / 0.95 - 0.1 * GIB, "the GPU", found)
    with pytest.raises(BadInput, match="no one setting is enough; gradient_checkpointing=true cuts activations"):
        memory.demand_room(needed, 2.0 * GIB, "the GPU", found)


@pytest.mark.parametrize(
    ("usage", "name"),
    [
        (memory.Usage(4e9, 6e9, 24e9, 6e9, 100, 100, "the GPU"), ""),
        (memory.Usage(4e9, 6e9, 24e9, 8e9, 100, 1000, "the GPU"), "Memory will run out"),
        (memory.Usage(4e9, 23e9, 24e9, 23e9, 100, 100, "the GPU"), "Memory nearly full"),
        (memory.Usage(4e9, 20e9, 24e9, 12e9, 100, 100, "the GPU"), "Memory in pieces"),
    ],
)
def test_memory_that_runs_short(usage: memory.Usage, name: str, method: Method) -> None:
    found = memory.memory_findings(usage, lambda: memory.cuts(method, ledger))
    assert [finding.name for finding in found] == ([name] if name else [])


def test_errors_that_are_a_lack_of_memory() -> None:
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"))
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError) as raised:
        torch.empty(10**15)
    assert is_out_of_memory(raised.value)


# 8


def test_precision() -> None:
    assert lost_updates(0.5, 100, "bfloat16", 2e-5) is None
    finding = lost_updates(0.89, 100, "bfloat16", 2e-5)
    assert finding is not None
    assert "rounds to 2⁻⁸" in finding.sentence
    on_gpu = Formats(5 * 10**9, 10**9, "float32", True, True, False, "nf4")
    assert [each.name for each in formats(on_gpu, {})] == ["Embeddings in fp32", "Computing in fp32"]
    assert formats(replace(on_gpu, gpu=False), {}) == []


# 9


def falling(count: int, noise: float = 0.05) -> Array:
    draw = np.random.default_rng(1)
    fallen: Array = 2.0 * np.exp(-np.arange(count) / 40) + 0.3 + draw.normal(0, noise, count)
    return fallen


def test_a_falling_loss_is_fine_and_a_risen_one_is_told() -> None:
    assert unstable.rising_loss(falling(100), 1e-3) is None
    risen = np.concatenate([falling(60), np.full(5, 2.0)])
    assert "the median loss of the last 5 steps is 2," in getattr(unstable.rising_loss(risen, 1e-3), "evidence", "")
    slowly = np.concatenate([np.full(20, 1.0 + 0.15 * i) for i in range(4)])
    assert "has risen 3 times, from 1 to 1.45" in getattr(unstable.rising_loss(slowly, 1e-3), "evidence", "")


@given(st.integers(0, 2**32 - 1))
def test_noise_alone_is_no_divergence(seed: int) -> None:
    losses = np.random.default_rng(seed).normal(1.0, 0.1, 120)
    assert unstable.rising_loss(losses, 1e-3) is None


def test_a_gradient_that_stands_out() -> None:
    norms = np.ones(40)
    norms[30] = 25.0
    finding = unstable.gradient_spike(norms, 100, 0.3)
    assert finding is not None
    assert "in step 91 its norm was 25, 25 times the median" in finding.evidence
    assert finding.weight == Weight.REMARK
    assert unstable.gradient_spike(norms, 100, 30.0) is None
    unclipped = unstable.gradient_spike(norms, 100, np.inf)
    assert unclipped is not None
    assert unclipped.weight == Weight.FAILURE


@pytest.mark.parametrize(("limit", "weight"), [(0.3, Weight.REMARK), (1.0, Weight.FAILURE)])
def test_clipping(limit: float, weight: Weight) -> None:
    finding = unstable.clipped(np.full(60, 5.0), limit)
    assert finding is not None
    assert finding.weight == weight
    assert unstable.clipped(np.full(60, 0.1), limit) is None
    assert unstable.clipped(np.full(5, 5.0), limit) is None


def test_layers_that_go_far() -> None:
    line = [(10 * i, "q_proj", 0.02 * i) for i in range(1, 6)]
    assert "passes 0.3 at about step 150" in getattr(unstable.too_far(line, 200, False), "evidence", "")
    assert unstable.too_far(line, 100, False) is None
    slowing = [(10 * i, "q_proj", 0.1 * math.sqrt(i)) for i in range(1, 6)]
    assert unstable.too_far(slowing, 200, True) is None
    for worse, weight in ((False, Weight.REMARK), (True, Weight.FAILURE)):
        finding = unstable.too_far([*line, (60, "q_proj", 0.35)], 200, worse)
        assert finding is not None
        assert finding.weight == weight
        assert finding.evidence.startswith("‖ΔW‖/‖W‖ is 0.35 in q_proj at step 60")


def test_overfitting_needs_both_curves() -> None:
    curve = [Evaluated(10 * i, 0.5 + 0.05 * abs(i - 4), 1.0 - 0.1 * i) for i in range(9)]
    assert unstable.overfitting(curve[:7]) is None
    assert "in 4 evaluations since step 40" in getattr(unstable.overfitting(curve), "evidence", "")
    assert unstable.overfitting([replace(each, training=1.0) for each in curve]) is None


def test_stairs() -> None:
    assert unstable.staircase([(2.0, 1.95), (1.4, 1.38), (0.9, 0.88)]) is not None
    assert unstable.staircase([(2.0, 1.6), (1.55, 1.2), (1.15, 0.9)]) is None
    assert unstable.staircase([(2.0, 1.95), (1.4, 1.38)]) is None


def test_the_trace_is_what_it_was_after_a_way_through_arrays() -> None:
    trace = Trace(8)
    for step in range(1, STEPS + 20):
        trace.add(step, 100.0 / step, float(step))
        if step % 10 == 0:
            trace.evaluated(step, 1.0)
            trace.changed(step, 3, 0.1)
    again = Trace(8)
    again.restore(trace.state())
    for each in (trace, again):
        each.add(STEPS + 20, 0.5, 1.0)
        each.evaluated(STEPS + 20, 2.0)
    assert again.losses.tolist() == trace.losses.tolist()
    assert len(again.gradient_norms) == STEPS
    assert again.evaluations == trace.evaluations
    assert again.changes == trace.changes
    assert again.epochs == trace.epochs
    assert trace.evaluations[0].training == pytest.approx(np.mean([100 / step for step in range(1, 11)]))
    assert trace.epochs[-1][0] == pytest.approx((100 / 137 + 100 / 138) / 2)


# 10 and 11


@given(st.dictionaries(st.text(), st.text()))
def test_an_identity_survives_its_way_through_an_array(identity: dict[str, str]) -> None:
    assert mismatch.as_text(mismatch.as_array(identity)) == identity


def test_losses_after_resuming() -> None:
    assert mismatch.loss_differs(1.0, 1.0, "cpu") is None
    assert mismatch.loss_differs(1.0, 1.0005, "cuda") is None
    rounded = mismatch.loss_differs(1.0, 1.0000001, "cpu")
    assert rounded is not None
    assert rounded.weight == Weight.REMARK
    other = mismatch.loss_differs(0.82, 8.7, "cuda")
    assert other is not None
    assert other.weight == Weight.FAILURE


def test_a_merge_that_erases() -> None:
    assert merge_erases(0.99, 16) is None
    assert merge_erases(math.nan, 16) is None
    assert "4% of what the adapter does is left in the merged weights of 4 bits" in str(merge_erases(0.04, 4))


# The machine


def test_the_library_that_is_there_is_found_healthy() -> None:
    assert look_around(torch.device("cpu")).library_error == ""


def test_more_processes_than_gpus_are_refused(method: Method) -> None:
    alone = Surroundings("cuda", "H200", (9, 0), True)
    with pytest.raises(BadInput, match="processes=2 needs as many GPUs, and this machine has 1"):
        demand_fit(alone, replace(method, processes=2))
    demand_fit(replace(alone, device="cpu"), replace(method, processes=2))


def test_machines_that_cannot(method: Method) -> None:
    old = Surroundings("cuda", "Tesla P100", (6, 0))
    with pytest.raises(BadInput, match=r"Tesla P100 has compute capability 6\.0, and bitsandbytes needs 7\.5"):
        demand_fit(old, method)
    with pytest.raises(BadInput, match="optimizer=adamw"):
        demand_fit(old, replace(method, quantisation="none"))
    demand_fit(old, replace(method, quantisation="none", optimizer="adamw"))
    broken = Surroundings("cuda", "A10", (8, 6), True, "libcudart.so.11.0: cannot open shared object file\nmore")
    with pytest.raises(BadInput, match=r"library \(libcudart\.so\.11\.0: cannot open shared object file\)"):
        demand_fit(broken, method)
    demand_fit(broken, replace(method, quantisation="none", optimizer="adamw"))
    demand_fit(replace(broken, device="cpu"), method)


def test_what_a_run_does_instead(method: Method) -> None:
    (on_cpu,) = instead(Surroundings("cpu"), method, torch.float32)
    assert "everything is computed on the CPU in float32; its paged optimizer is not paged" in on_cpu.sentence
    turing = Surroundings("cuda", "Tesla T4", (7, 5))
    assert (
        "Tesla T4 has no bf16: weights are multiplied in float32" in instead(turing, method, torch.float32)[0].sentence
    )
    assert instead(Surroundings("cuda", "H200", (9, 0), True), method, torch.bfloat16) == []
