"""Lets a language model write: token after token, each drawn from what the model says after all before it."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch

from tui_lab.lab.scenario import Array

from .model import LanguageModel
from .sampling import Rules, distribution, draw, uniforms
from .tensors import device

MOST = 400
"""Tokens that are written at most: `grown` goes no further."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A beginning and what a model wrote after it.

    `probabilities` (w,) are the model's own for each of the w written tokens, before temperature and cuts; `following`
    (V,) has the natural logs of what comes next. `uniform` is the number that will choose it. `complete` is false where
    time ran out, or where the model's answers are not numbers; `mixed` is true where the model has changed while it
    wrote, so that each token is by the model of its moment.
    """

    beginning: list[int]
    written: list[int]
    probabilities: Array
    following: Array
    uniform: float
    complete: bool
    mixed: bool

    @property
    def ids(self) -> list[int]:
        """All of it."""
        return [*self.beginning, *self.written]


class Writer:
    """Writes on from a beginning. The same model, rules and seed write the same text, and what is longer begins like
    what is shorter: the i-th token is chosen by the seed's i-th number. A model sees the latest `window` tokens."""

    def __init__(self, model: LanguageModel, window: int) -> None:
        self.model, self._window = model, window
        self._asked: tuple[Any, ...] = ()
        self._version: Hashable = None
        self._beginning: list[int] = []
        self._written: list[int] = []
        self._logs: list[Array] = []  # what the model says after the beginning, and after each written token
        self._mixed = False

    def write(
        self,
        version: Hashable,
        beginning: Sequence[int],
        rules: Rules,
        seed: int,
        count: int,
        patience: float = math.inf,
    ) -> Sample:
        """`count` tokens after a beginning of at least one, as they follow from the model as it is now; `version` is
        another where the model has changed.

        With `patience`, in seconds, the text grows from call to call instead, by at least a token, also while the model
        changes, and begins anew when it has its `count` tokens.
        """
        began, chances = perf_counter(), uniforms(seed, MOST + 1)
        growing = patience < math.inf and len(self._written) < count
        self._catch_up(version, beginning, rules, seed, chances, growing)
        least = len(self._written)
        while len(self._written) < count and self._sound:
            if len(self._written) > least and perf_counter() - began > patience:
                break
            token = draw(distribution(self._logs[-1], rules), chances[len(self._written)])
            self._written.append(token)
            self._logs.append(self._after([*self._beginning, *self._written])[-1])
        written = self._written[:count]
        place = len(written)
        said = np.array([np.exp(logs[token]) for token, logs in zip(written, self._logs, strict=False)])
        end = self._logs[place], float(chances[place])
        return Sample(self._beginning, written, said, *end, complete=place == count, mixed=self._mixed)

    @property
    def _sound(self) -> bool:
        """Whether the model's latest answer is made of numbers."""
        return bool(np.isfinite(self._logs[-1].max()))

    def _catch_up(
        self, version: Hashable, beginning: Sequence[int], rules: Rules, seed: int, chances: Array, growing: bool
    ) -> None:
        """Make what is written agree with what is asked for, and, unless the text is `growing`, with the model."""
        asked = tuple(beginning), rules, seed
        if asked == self._asked and version != self._version and growing:
            self._mixed = self._mixed or bool(self._written)
            self._logs[-1] = self._after([*self._beginning, *self._written])[-1]
        elif asked != self._asked or version != self._version or (self._mixed and not growing):
            self._begin(beginning, rules, chances)
        self._asked, self._version = asked, version

    def _begin(self, beginning: Sequence[int], rules: Rules, chances: Array) -> None:
        """Keep of the text before this one as much as would be written again: one pass over it tells."""
        room = max(self._window - len(beginning), 0)
        before = self._written[:room]
        said = self._after([*beginning, *before], self._window)[-len(before) - 1 :]
        self._beginning, self._written, self._logs, self._mixed = list(beginning), [], [said[0]], False
        for token, logs in zip(before, said[1:], strict=True):
            if not self._sound or draw(distribution(self._logs[-1], rules), chances[len(self._written)]) != token:
                return
            self._written.append(token)
            self._logs.append(logs)

    def _after(self, ids: Sequence[int], window: int | None = None) -> Array:
        """Natural logs (t, V) of what comes next after each of the latest t ids, as many as the model looks at or as
        fit into `window`."""
        window = window or min(self._window, self.model.context)
        seen = torch.tensor([list(ids[-window:])], device=device(self.model))
        logs: Array = self.model.log_probabilities(seen)[0].double().cpu().numpy()
        return logs
