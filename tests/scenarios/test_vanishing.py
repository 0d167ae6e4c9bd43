"""How far gradients reach back: against closed forms, finite differences, and what is known of networks."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.scenarios.language_subjects import SIZE, one_thread, recurrent, transformer  # noqa: F401
from tui_lab.lab.views import Curves
from tui_lab.scenarios.language_model.model import Network
from tui_lab.scenarios.language_model.vanishing import Reach, reach


def texts(count: int = 4, length: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    ids = torch.randint(SIZE, (count, length + 1), generator=draw)
    return ids[:, :-1], ids[:, -1]


def network(model: object) -> Network:
    assert isinstance(model, Network)
    return model


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.0, 1.2])
def test_a_linear_state_shrinks_by_its_factor_exactly(factor: float) -> None:
    """W is `factor` times a rotation, so ‖(Wᵀ)^d·g‖ = factor^d·‖g‖."""
    found = reach(network(recurrent(factor).model), *texts())
    assert found.symbol == "h"
    np.testing.assert_allclose(found.norms / found.norms[0], factor ** np.arange(12.0), rtol=1e-4)
    assert found.rate == pytest.approx(factor, rel=1e-4) and found.left(5) == pytest.approx(factor**5, rel=1e-4)


def test_the_first_gradient_is_that_of_the_softmax() -> None:
    """∂L/∂h_t = softmax(h_t) − one-hot, where the logits are the state."""
    model, (ids, targets) = network(recurrent().model), texts()
    expected = (model(ids)[:, -1].softmax(-1) - F.one_hot(targets, SIZE)).norm(dim=1).mean()
    assert reach(model, ids, targets).norms[0] == pytest.approx(expected.item(), rel=1e-5)


def test_a_transformers_embedding_gradients_agree_with_finite_differences() -> None:
    model, (ids, targets) = network(transformer().model).double(), texts(2, 4)
    found = reach(model, ids, targets)
    assert found.symbol == "x"
    x = model.groups()[0].compute(ids).detach()

    def losses(x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            for group in model.groups()[1:]:
                x = group.compute(x)
        return F.cross_entropy(x[:, -1], targets, reduction="none")

    slopes = torch.zeros_like(x)
    for place in np.ndindex(tuple(x.shape[1:])):
        nudge = torch.zeros_like(x)
        nudge[(slice(None), *place)] = 1e-6
        slopes[(slice(None), *place)] = (losses(x + nudge) - losses(x - nudge)) / 2e-6
    np.testing.assert_allclose(found.norms, slopes.norm(dim=-1).mean(dim=0).flip(0).numpy(), rtol=1e-5)


def test_parameters_keep_the_gradients_that_training_left() -> None:
    model = network(transformer().model)
    model.embed_tokens.weight.grad = marked = torch.ones(SIZE, 24)
    model.train()
    reach(model, *texts())
    assert model.embed_tokens.weight.grad is marked and bool((marked == 1).all()) and model.training


def test_the_curve_and_its_fit_are_drawn_on_a_logarithmic_axis() -> None:
    view = Reach("h", 3.0 * 0.7 ** np.arange(30.0)).view()
    assert isinstance(view, Curves) and view.log_y
    measured, fitted = view.lines
    np.testing.assert_allclose(fitted.y, measured.y[1:], rtol=1e-9)
    assert fitted.name == "× 0.7 per token" and view.title.endswith(f"{0.7**20:.2g} left 20 tokens back")


def test_what_is_nothing_is_told_as_nothing() -> None:
    """A model of a fixed window has no gradient beyond it."""
    found = Reach("x", np.array([2.0, 1.0, 0.5, 0.0, 0.0]))
    assert found.left(4) == 0 and found.rate == pytest.approx(0.5)
    assert np.isnan(Reach("x", np.zeros(4)).rate) and np.isnan(Reach("x", np.zeros(4)).left(2))
    for norms in (np.zeros(5), np.full(5, np.nan), np.array([1.0, np.inf, np.nan]), np.array([1.0])):
        assert Reach("x", norms).view().lines
