"""Test the ring of gradient norms."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.scenarios import qlora_models
from tui_lab.scenarios.qlora.adapted import AdaptedLayer
from tui_lab.scenarios.qlora.probes import STEPS, GradientProbe


def layers(count: int = 3) -> list[AdaptedLayer]:
    def tensor(*shape: int) -> nn.Parameter:
        parameter = nn.Parameter(torch.zeros(*shape))
        parameter.grad = torch.zeros(*shape)
        return parameter

    return [
        AdaptedLayer(f"layers.{place}.q", place, "q", nn.Identity(), tensor(2, 4), tensor(3, 2), 1.0)
        for place in range(count)
    ]


def set_gradients(model: list[AdaptedLayer], size: float) -> None:
    for place, layer in enumerate(model, 1):
        layer.a.grad = torch.full_like(layer.a, size * place)
        layer.b.grad = torch.full_like(layer.b, -2 * size * place)


def test_norms_of_both_tensors_of_each_layer() -> None:
    model = layers()
    probe = GradientProbe(model)
    set_gradients(model, 0.5)
    probe.measure(0)
    norms = probe.latest(1)
    assert norms.shape == (2, 3, 1)
    places = np.array([1, 2, 3])
    assert norms[0, :, 0] == pytest.approx(0.5 * places * np.sqrt(8))
    assert norms[1, :, 0] == pytest.approx(places * np.sqrt(6))


def test_the_latest_steps_come_oldest_first() -> None:
    model = layers(1)
    probe = GradientProbe(model)
    for step in range(STEPS + 7):
        set_gradients(model, float(step))
        probe.measure(step)
    norms = probe.latest(STEPS + 7)[0, 0] / np.sqrt(8)
    assert norms == pytest.approx(np.arange(7, STEPS + 7))


def test_a_step_that_is_not_done_yet_takes_no_others_place() -> None:
    model = layers(1)
    probe = GradientProbe(model)
    for step in range(STEPS + 1):
        set_gradients(model, float(step))
        probe.measure(step)
    assert probe.latest(STEPS)[0, 0, 0] == 0  # step 0 is still there while step STEPS has been measured


def test_nothing_has_been_measured_at_first() -> None:
    assert GradientProbe(layers()).latest(0).shape == (2, 3, 0)
    assert GradientProbe([]).latest(0).shape == (2, 0, 0)
    GradientProbe([]).measure(0)


def test_a_missing_gradient_counts_as_none_at_all() -> None:
    model = layers(2)
    set_gradients(model, 1.0)
    model[1].a.grad = None
    probe = GradientProbe(model)
    probe.measure(0)
    assert probe.latest(1)[0, :, 0] == pytest.approx([np.sqrt(8), 0])


def test_state_and_back() -> None:
    model = layers()
    probe, other = GradientProbe(model), GradientProbe(model)
    for step in range(5):
        set_gradients(model, float(step))
        probe.measure(step)
    kept = probe.state()
    set_gradients(model, 99.0)
    probe.measure(5)
    other.restore(kept)
    assert other.latest(5) == pytest.approx(probe.latest(5))
    assert np.isnan(other.latest(6)[:, :, -1]).all()


def test_a_run_measures_before_it_clips() -> None:
    """All norms together are the gradient's length before it was shortened, and A's are 0 in the first step."""
    scenario = qlora_models.build("max_grad_norm=0.01")
    qlora_models.train(scenario, 2)
    norms = scenario.probe.latest(2)
    assert np.sqrt(np.square(norms[:, :, 1]).sum()) == pytest.approx(scenario.metrics["grad_norm"], rel=1e-5)
    assert scenario.metrics["grad_norm"] > 0.02
    assert norms[0, :, 0] == pytest.approx(0, abs=0)
    assert (norms[1, :, 0] > 0).all()
