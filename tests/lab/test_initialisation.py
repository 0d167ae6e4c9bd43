"""What weights are before the first step."""

import numpy as np
import pytest

from tui_lab.lab.initialisation import INITIALISATIONS


@pytest.mark.parametrize(
    ("name", "deviation", "largest", "bias"),
    [
        ("uniform", 0.5 / np.sqrt(3), 0.5, 0.1),
        ("xavier", np.sqrt(2 / 500), np.sqrt(6 / 500), 0.0),
        ("he", np.sqrt(2 / 300), np.inf, 0.0),
        ("zero", 0.0, 0.0, 0.0),
    ],
)
def test_size_and_spread(name: str, deviation: float, largest: float, bias: float) -> None:
    weights, biases = INITIALISATIONS[name](300, 200, np.random.default_rng(0))
    assert weights.shape == (300, 200) and biases.tolist() == [bias] * 200
    assert weights.std() == pytest.approx(deviation, rel=0.01)
    assert abs(weights.mean()) <= 3 * deviation / np.sqrt(weights.size)
    assert np.abs(weights).max() <= largest


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_one_neuron_with_one_input(name: str) -> None:
    weights, biases = INITIALISATIONS[name](1, 1, np.random.default_rng(0))
    assert weights.shape == (1, 1) and biases.shape == (1,) and np.isfinite(weights).all()


@pytest.mark.parametrize("name", ["uniform", "xavier", "he"])
def test_seeds_differ_and_repeat(name: str) -> None:
    first, second, again = (INITIALISATIONS[name](3, 4, np.random.default_rng(seed))[0] for seed in (0, 1, 0))
    assert (first == again).all() and (first != second).all()
