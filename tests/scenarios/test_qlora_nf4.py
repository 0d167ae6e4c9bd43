"""Test the NF4 view against published values, and against what a model has in memory."""

import numpy as np
import pytest
import torch
from bitsandbytes.functional import dequantize_4bit, quantize_4bit

from tui_lab.scenarios.qlora.nf4 import (
    code_book,
    code_counts,
    entropy,
    gaussian_counts,
    in_int8,
    worst_block,
)
from tui_lab.scenarios.qlora.survival import error, in_4bit

NF4 = [-1, -0.6961928, -0.52507305, -0.39491749, -0.28444138, -0.18477343, -0.09105004, 0]
NF4 += [0.0795803, 0.1609302, 0.2461123, 0.33791524, 0.44070983, 0.562617, 0.72295684, 1]
"""Dettmers et al. 2023, appendix E."""


@pytest.fixture(scope="module")
def weights() -> torch.Tensor:
    return torch.randn(1024, 1024, generator=torch.Generator().manual_seed(1))


def test_the_code_book_is_the_papers() -> None:
    assert code_book("nf4") == pytest.approx(NF4, abs=1e-7)


@pytest.mark.parametrize(("kind", "expected"), [("nf4", 0.092), ("fp4", 0.122)])
def test_errors_of_normally_distributed_weights(weights: torch.Tensor, kind: str, expected: float) -> None:
    assert error(in_4bit(weights, kind=kind), weights) == pytest.approx(expected, abs=0.001)


def test_8_bits_are_far_better(weights: torch.Tensor) -> None:
    assert error(in_int8(weights), weights) == pytest.approx(0.0059, abs=0.001)
    assert error(in_int8(weights), weights) < error(in_4bit(weights), weights) / 10


def test_8_bits_spell_zeros() -> None:
    assert torch.equal(in_int8(torch.zeros(2, 64)), torch.zeros(2, 64))


def test_how_often_each_code_is_used() -> None:
    shares = np.array(gaussian_counts("nf4"))
    assert shares.sum() == pytest.approx(1)
    assert shares[[0, -1]] == pytest.approx([0.018, 0.018], abs=0.002)  # the ends are met once or so in a block
    assert shares[6:9].max() == pytest.approx(0.09, abs=0.01)
    assert entropy(shares) == pytest.approx(3.88, abs=0.01)


def test_codes_are_counted_one_by_one(weights: torch.Tensor) -> None:
    small = weights[:4, :128]
    packed, state = quantize_4bit(small, blocksize=64, quant_type="nf4")
    spelt = dequantize_4bit(packed, state).reshape(-1, 64) / state.absmax[:, None]
    book = torch.tensor(code_book("nf4"))
    nearest = (spelt.double().reshape(-1, 1) - book).abs().argmin(1)
    assert code_counts(packed).tolist() == torch.bincount(nearest, minlength=16).tolist()


def test_entropy_of_equally_frequent_codes_is_4_bits() -> None:
    assert entropy(np.ones(16)) == pytest.approx(4)
    assert entropy(np.eye(16)[3]) == 0


def test_the_worst_block_is_the_one_that_is_off_most() -> None:
    weight = torch.ones(3, 64)
    rounded = weight.clone()
    rounded[1] *= 1.25
    rounded[2] *= 1.1
    assert worst_block(rounded, weight) == pytest.approx(0.25)
    assert worst_block(weight, torch.zeros(3, 64)) == 0
