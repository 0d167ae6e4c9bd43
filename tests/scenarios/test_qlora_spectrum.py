"""Test singular values of ΔW against those of the matrix written out in full."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tui_lab.scenarios.qlora.adapted import AdaptedLayer
from tui_lab.scenarios.qlora.spectrum import Spectrum, core, spectra


def layer(rows: int, columns: int, rank: int, seed: int = 0, scaling: float = 2.0) -> AdaptedLayer:
    numbers = torch.Generator().manual_seed(seed)
    a = nn.Parameter(torch.randn(rank, columns, generator=numbers))
    b = nn.Parameter(torch.randn(rows, rank, generator=numbers))
    return AdaptedLayer("model.layers.0.q_proj", 0, "q_proj", nn.Linear(columns, rows), a, b, scaling)


@pytest.mark.parametrize(("rows", "columns", "rank"), [(96, 64, 4), (64, 96, 16), (32, 48, 1), (8, 12, 8), (6, 40, 16)])
def test_they_are_those_of_the_whole_matrix(rows: int, columns: int, rank: int) -> None:
    one = layer(rows, columns, rank)
    dense = np.linalg.svd(one.change().double().numpy(), compute_uv=False)
    found = spectra([one])[0].values
    assert len(found) == min(rank, rows, columns)
    assert found == pytest.approx(dense[: len(found)], rel=1e-5)
    assert dense[len(found) :] == pytest.approx(0, abs=1e-4)
    assert spectra([one])[0].norm == pytest.approx(np.linalg.norm(one.change().numpy()), rel=1e-5)


def test_the_core_is_small() -> None:
    assert core(layer(512, 384, 8)).shape == (8, 8)


def test_each_layer_gets_its_own() -> None:
    layers = [layer(32, 16, 4, seed=1), layer(24, 64, 8, seed=2), layer(32, 16, 4, seed=3)]
    alone = [spectra([each])[0].values for each in layers]
    for together, single in zip(spectra(layers), alone, strict=True):
        assert together.values == pytest.approx(single)
    assert spectra([]) == []


def test_a_new_adapter_changes_nothing() -> None:
    one = layer(32, 16, 4)
    with torch.no_grad():
        one.b.zero_()
    found = spectra([one])[0]
    assert found.values == pytest.approx(np.zeros(4))
    assert found.norm == found.effective_rank == 0


def test_effective_rank() -> None:
    assert Spectrum(np.ones(5)).effective_rank == pytest.approx(5)
    assert Spectrum(np.array([3.0, 0, 0])).effective_rank == pytest.approx(1)
    two = Spectrum(np.array([0.75, 0.25]))
    assert two.effective_rank == pytest.approx(np.exp(-0.75 * np.log(0.75) - 0.25 * np.log(0.25)))


def test_adapters_that_broke_have_no_spectrum() -> None:
    one = layer(32, 16, 4)
    with torch.no_grad():
        one.a[0, 0] = torch.nan
    other = replace(layer(32, 16, 4), scaling=0.5)
    broken, whole = spectra([one, other])
    assert np.isnan(broken.values).all()
    assert np.isnan(broken.effective_rank)
    assert whole.values == pytest.approx(np.linalg.svd(other.change().numpy(), compute_uv=False)[:4], rel=1e-5)
