"""Attention as pictures: from which earlier tokens each position takes, by layer and head."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Heat, Passage, View
from tui_lab.lab.views import Tokens as TokensView

from .mosaic import below, beside

_SIDE = 32
"""Tokens along the sides of a small map, the latest ones."""
_WIDE = 64
"""Tokens along the sides of a large one."""


class AttentionView:
    """What a model takes from where: `weights[l]` (heads, t, t) of each layer, for tokens under `names`.

    `layer` and `head` are the numbers of those to be shown, 0 for all; larger ones than there are mean the last.
    """

    def __init__(self, weights: Sequence[torch.Tensor], names: Sequence[str], layer: int, head: int) -> None:
        self.weights = [each.float().cpu().numpy() for each in weights]
        self.names = list(names)
        self.layers = _chosen(layer, len(self.weights))
        self.heads = _chosen(head, len(self.weights[0]))

    def views(self) -> Iterator[View]:
        """One head large, or several beside each other; and where the newest token looks, in the text itself."""
        yield self.heat() if len(self.layers) == len(self.heads) == 1 else self.small()
        yield self.passages()

    def heat(self) -> Heat:
        """One head: rows are positions that look, columns those that they look at."""
        (layer,), (head,) = self.layers, self.heads
        weights = _future_left_out(self.weights[layer][head, -_WIDE:, -_WIDE:])
        names = self.names[-_WIDE:]
        title = f"attention of {_name(layer, head)}"
        return Heat(title, "this token", "takes from this one", names, names, weights, 0.0, _top(weights))

    def small(self) -> Heat:
        """Several heads: a small map for each, layers below each other and heads beside each other."""
        maps = [[self.weights[layer][head, -_SIDE:, -_SIDE:] for head in self.heads] for layer in self.layers]
        weights = below([beside([_future_left_out(each) for each in row]) for row in maps])
        rows, columns = [f"layer {layer + 1}" for layer in self.layers], [f"head {head + 1}" for head in self.heads]
        title = f"attention of the latest {len(maps[0][0])} tokens"
        return Heat(title, "this token", "takes from this one", rows, columns, weights, 0.0, _top(weights))

    def passages(self) -> TokensView:
        """Where the newest token looks: the text once for each head of the layer shown, or for each layer."""
        if len(self.layers) > 1:
            rows = [(f"layer {layer + 1}, heads {_range(self.heads)}", self._newest(layer)) for layer in self.layers]
        else:
            layer = self.layers[0]
            rows = [(_name(layer, head), self.weights[layer][head, -1]) for head in self.heads]
        names = self.names[-_WIDE:]
        marks = np.zeros(len(names), np.intp)
        passages = [Passage(caption, names, marks, row[-len(names) :]) for caption, row in rows]
        return TokensView(
            f"where the last token, '{self.names[-1]}', looks", passages, [], "share taken from the token", 0.0, 1.0
        )

    def _newest(self, layer: int) -> Array:
        mean: Array = self.weights[layer][self.heads, -1].mean(axis=0)
        return mean


def _chosen(number: int, count: int) -> list[int]:
    return [min(number, count) - 1] if number > 0 else list(range(count))


def _name(layer: int, head: int) -> str:
    return f"layer {layer + 1} head {head + 1}"


def _range(heads: Sequence[int]) -> str:
    return f"{heads[0] + 1} to {heads[-1] + 1}, mean" if len(heads) > 1 else f"{heads[0] + 1}"


def _future_left_out(weights: Array) -> Array:
    """What is after a position is no part of what it can look at."""
    return np.where(np.tri(len(weights), dtype=bool), weights, np.nan)


def _top(weights: Array) -> float:
    return 1.0 if not np.isfinite(weights).any() else max(float(np.nanmax(weights)), 1e-6)
