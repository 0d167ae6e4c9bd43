"""The networks of history, against torch's own and against their formulas."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from tui_lab.scenarios.language_model.attentive import AttentiveRecurrent
from tui_lab.scenarios.language_model.bengio import Bengio
from tui_lab.scenarios.language_model.cells import LSTMCell
from tui_lab.scenarios.language_model.model import Dropout, Network
from tui_lab.scenarios.language_model.recurrent import Recurrence, Recurrent
from tui_lab.scenarios.language_model.transformer import Shape, Transformer

V, T = 11, 9
MAKERS: dict[str, Callable[[], Network]] = {
    "bengio": lambda: Bengio(V, order=4, embedded=6, width=16, dropout=0.2),
    "rnn": lambda: Recurrent("rnn", V, width=12, layers=2, context=T, dropout=0.2),
    "lstm": lambda: Recurrent("lstm", V, width=12, layers=1, context=T, dropout=0.2),
    "gru": lambda: Recurrent("gru", V, width=12, layers=2, context=T, dropout=0.2),
    "attention": lambda: AttentiveRecurrent(V, width=12, context=T, dropout=0.2),
    "transformer": lambda: Transformer(Shape(V, width=16, layers=2, heads=4, hidden=24, context=T, dropout=0.2)),
}


@pytest.fixture(params=MAKERS)
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(3)
    return MAKERS[request.param]()


def twin(kind: str, recurrence: Any) -> Any:
    """torch's own layer with the same weights."""
    own = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind](5, 8, batch_first=True)
    cell = recurrence.cell
    own.weight_ih_l0.data, own.bias_ih_l0.data = cell.input.weight.data, cell.input.bias.data
    own.weight_hh_l0.data = cell.state.weight.data
    own.bias_hh_l0.data.zero_()
    if kind == "gru":
        own.bias_hh_l0.data[16:] = cell.bias.data
    return own


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_cell_is_torch_s_own(kind: str) -> None:
    torch.manual_seed(1)
    ours = Recurrence(kind, 5, 8, Dropout(0.0))
    if kind == "gru":
        nn.init.normal_(ours.cell.bias)
    theirs, x = twin(kind, ours), torch.randn(3, 20, 5)
    weights = torch.randn(3, 20, 8)
    answers = ours(x), theirs(x)[0]
    assert torch.allclose(answers[0], answers[1], atol=1e-6)
    for answer in answers:
        (answer * weights).sum().backward()
    for mine, others in ((ours.cell.input.weight, "weight_ih_l0"), (ours.cell.state.weight, "weight_hh_l0")):
        assert torch.allclose(mine.grad, getattr(theirs, others).grad, atol=1e-5)


def test_an_lstm_begins_with_its_forget_gate_open() -> None:
    cell = LSTMCell(4, 6)
    _, gates = cell.step(cell.input(torch.zeros(1, 4)), cell.begin(torch.zeros(1, 24)))
    assert (gates["forget"] > 0.7).all()
    assert torch.allclose(gates["input"], torch.tensor(0.5))


def test_bengio_is_its_formula() -> None:
    model = MAKERS["bengio"]()
    ids = torch.tensor([[3, 1, 4, 1, 5]])
    e = model.embedding.weight
    x = torch.cat([e[1], e[4], e[1]])  # the last three of the first four tokens
    y = model.output.bias + model.output.weight @ torch.tanh(model.hidden.bias + model.hidden.weight @ x)
    assert torch.allclose(model.log_probabilities(ids)[0, 3], y.log_softmax(-1), atol=1e-6)


def test_no_position_sees_what_comes_after_it(network: Network) -> None:
    ids = torch.randint(V, (2, T))
    changed = ids.clone()
    changed[:, 5] = (ids[:, 5] + 1) % V
    before, after = network.log_probabilities(ids), network.log_probabilities(changed)
    assert torch.allclose(before[:, :5], after[:, :5], atol=1e-6)
    assert not torch.allclose(before[:, 5], after[:, 5], atol=1e-4)
    assert torch.allclose(before.exp().sum(-1), torch.ones(2, T), atol=1e-5)


def test_it_sees_as_far_back_as_it_says(network: Network) -> None:
    ids = torch.randint(V, (1, T))
    last = network.log_probabilities(ids)[0, -1]
    cut = network.log_probabilities(ids[:, -network.context :])[0, -1]
    assert torch.allclose(last, cut, atol=1e-6)


def test_groups_one_after_the_other_are_the_network(network: Network) -> None:
    network.eval()
    ids = torch.randint(V, (2, T))
    x = ids
    for group in network.groups():
        x = group.compute(x)
        file, _, line = group.source.partition(":")
        assert file in ("transformer.py", "bengio.py", "recurrent.py", "cells.py", "attentive.py")
        assert int(line) > 1
    assert torch.equal(x, network(ids))
    assert x.shape == (2, T, V)


def test_traces_are_what_the_network_computes(network: Network) -> None:
    traces = network.traces(torch.randint(V, (1, T)))
    for weights in traces.attention:
        assert weights.shape[1:] == (T, T)
        assert torch.allclose(weights.sum(-1), torch.ones(weights.shape[:2]))
        assert torch.equal(weights, weights.tril())
    gates = {"rnn": set(), "gru": {"update", "reset", "candidate"}, "attention": {"update", "reset", "candidate"}}
    gates |= {"lstm": {"c", "input", "forget", "candidate", "output"}}
    expected = gates[network.name] | {"h"} if network.name in gates else set()
    assert set(traces.states) == expected
    assert all(state.shape == (T, 12) for state in traces.states.values())


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru", "attention"])
def test_unrolled_states_give_the_same_logits(kind: str) -> None:
    network = MAKERS[kind]().eval()
    ids = torch.randint(V, (2, T))
    logits, states = network.unrolled(ids)
    assert torch.allclose(logits, network(ids), atol=1e-6)
    assert [[tuple(vector.shape) for vector in state] for state in states] == [[(2, 12)] * len(states[0])] * T
    gradients = torch.autograd.grad(logits[:, -1].square().sum(), [vector for state in states for vector in state])
    assert all(gradient.abs().sum() > 0 for gradient in gradients)
