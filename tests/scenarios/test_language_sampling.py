"""How tokens are chosen: greedy at 0, nuclei that sum up, the order of the rules, and draws that are what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tui_lab.scenarios.language_model.sampling import Rules, distribution, draw, kept, tempered, uniforms

logits = arrays(np.float64, st.integers(1, 12), elements=st.floats(-30, 30))


def test_temperature_one_is_the_model_itself_and_zero_is_greedy() -> None:
    logs = np.log([0.1, 0.6, 0.3])
    np.testing.assert_allclose(tempered(logs, 1.0), [0.1, 0.6, 0.3])
    assert tempered(logs, 0.0).tolist() == [0, 1, 0]
    assert tempered(np.log([0.4, 0.4, 0.2]), 0.0).tolist() == [1, 0, 0]


def test_temperature_is_a_power_of_the_probabilities() -> None:
    p = np.array([0.1, 0.6, 0.3])
    for temperature in (0.5, 2.0, 5.0):
        np.testing.assert_allclose(
            tempered(np.log(p), temperature), p ** (1 / temperature) / (p ** (1 / temperature)).sum()
        )
    np.testing.assert_allclose(tempered(np.log(p), 1e-300), [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(tempered(np.log(p), 1e12), [1 / 3] * 3)


def test_top_k_keeps_the_likeliest() -> None:
    p = np.array([0.1, 0.4, 0.2, 0.3])
    assert kept(p, 2, 1.0).tolist() == [False, True, False, True]
    assert kept(p, 0, 1.0).all() and kept(p, 9, 1.0).all()
    assert kept(np.full(4, 0.25), 1, 1.0).tolist() == [True, False, False, False]


def test_the_nucleus_is_the_fewest_that_reach_top_p() -> None:
    """The example of Holtzman et al.: the smallest set of the likeliest whose probabilities sum to at least p."""
    p = np.array([0.5, 0.3, 0.15, 0.05])
    sizes = [kept(p, 0, top_p).sum() for top_p in (0.01, 0.5, 0.51, 0.8, 0.81, 0.95, 0.96, 1.0)]
    assert sizes == [1, 1, 2, 2, 3, 3, 4, 4]


def test_top_p_looks_at_what_top_k_left() -> None:
    """Of 0.4, 0.3 and 0.3, two are kept: 0.4 is then 57 % of what is left, and a nucleus of 0.5 by itself."""
    p = np.array([0.4, 0.3, 0.3])
    assert kept(p, 0, 0.5).sum() == 2 and kept(p, 2, 0.5).sum() == 1


def test_temperature_comes_before_the_cuts() -> None:
    logs = np.log([0.5, 0.3, 0.2])
    hot, cold = (distribution(logs, Rules(t, top_p=0.6)) for t in (5.0, 0.2))
    assert np.count_nonzero(hot) == 2 and np.count_nonzero(cold) == 1


@given(logits, st.floats(0, 5), st.integers(0, 14), st.floats(0.01, 1))
def test_every_distribution_is_one(logs: np.ndarray, temperature: float, top_k: int, top_p: float) -> None:
    p = distribution(logs, Rules(temperature, top_k, top_p))
    assert p.sum() == pytest.approx(1) and (p >= 0).all() and p[tempered(logs, temperature).argmax()] > 0
    before = tempered(logs, temperature)
    inside, outside = before[p > 0], before[p == 0]
    assert not outside.size or inside.min() >= outside.max() - 1e-12
    assert p[draw(p, 0.999999999)] > 0 and draw(p, 0.0) == p.argmax()


def test_draws_follow_the_distribution() -> None:
    p = distribution(np.log([0.2, 0.5, 0.25, 0.05]), Rules(top_k=3))
    found = np.bincount([draw(p, u) for u in uniforms(3, 4000)], minlength=4) / 4000
    np.testing.assert_allclose(found, np.array([0.2, 0.5, 0.25, 0]) / 0.95, atol=4 * 0.5 / np.sqrt(4000))


def test_the_same_number_picks_a_token_about_as_likely() -> None:
    a, b = (np.array(p) for p in ([0.5, 0.3, 0.2], [0.3, 0.5, 0.2]))
    assert [draw(a, u) for u in (0.1, 0.6, 0.9)] == [0, 1, 2]
    assert [draw(b, u) for u in (0.1, 0.6, 0.9)] == [1, 0, 2]


def test_a_longer_text_begins_like_a_shorter_one() -> None:
    assert (uniforms(7, 400)[:20] == uniforms(7, 20)).all() and (uniforms(7, 20) != uniforms(8, 20)).any()
    assert ((uniforms(7, 400) >= 0) & (uniforms(7, 400) < 1)).all()


def test_tokens_without_any_probability_are_never_drawn() -> None:
    logs = np.array([-np.inf, 0.0, -np.inf])
    for temperature in (0.0, 0.5, 5.0):
        assert distribution(logs, Rules(temperature)).tolist() == [0, 1, 0]
        assert draw(distribution(logs, Rules(temperature)), 0.999) == 1


def test_what_is_not_a_number_stays_so() -> None:
    for temperature in (0.0, 1.0):
        assert np.isnan(tempered(np.array([0.0, np.nan]), temperature)).any()
