"""What a model has made of its tokens: which follow which, and which lie near each other."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn

from tui_lab.lab.views import Heat, Words

from .model import LanguageModel, Network
from .spelling import names
from .tensors import device
from .tokens import Tokens

_FOLLOWERS = 40
_POINTS = 60


def followers(model: LanguageModel, tokens: Tokens, frequent: Sequence[int]) -> Heat:
    """p(next | one token) among the most frequent tokens: for the bigram this is all that it knows."""
    ids = list(frequent[:_FOLLOWERS])
    logs = model.log_probabilities(torch.tensor(ids, device=device(model))[:, None])[:, 0]  # (n, V)
    probabilities = logs[:, ids].double().exp().cpu().numpy()
    shown = names(tokens, ids)
    title = f"which token follows which, among the {len(ids)} most frequent of {tokens.size}"
    high = float(np.nan_to_num(probabilities).max()) or 1.0
    return Heat(
        title, "after this token", "comes this one, with the probability", shown, shown, probabilities, 0.0, high
    )


def embedding_view(model: Network, tokens: Tokens, frequent: Sequence[int]) -> Iterator[Words]:
    """The embeddings of the most frequent tokens in the plane in which they differ most (principal components, Pearson
    1901); nothing for a model that has no embedding."""
    table = next((module for module in model.modules() if isinstance(module, nn.Embedding)), None)
    if table is None:
        return
    ids = list(frequent[:_POINTS])
    vectors = table.weight.detach()[ids].double().cpu().numpy()
    if not np.isfinite(vectors).all():
        return
    vectors -= vectors.mean(axis=0)
    _, sizes, axes = np.linalg.svd(vectors, full_matrices=False)
    axes = axes[:2] * np.sign(axes[:2, np.abs(axes[:2]).argmax(axis=1)].diagonal())[:, None]  # not mirrored at random
    x, y = axes @ vectors.T
    share = float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-300))
    none = np.zeros((len(ids), 0))
    title = f"embeddings of {len(ids)} tokens: {share:.0%} of how they differ is in this plane"
    yield Words(title, "first principal component", "second", names(tokens, ids), x, y, none, none)
