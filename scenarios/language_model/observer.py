"""Looks at a language model as it stands: what it writes, what goes on in it, what surprises it, how far it reaches."""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import TypeVar, cast

import torch

from .model import LanguageModel, Network, Traces
from .perplexity import MOST, Surprise, surprise
from .sampling import Rules
from .standards import Standards, standards
from .subject import Subject
from .tensors import changes, device, fingerprint, one_thread
from .vanishing import Reach, reach
from .writer import Sample, Writer

_PATIENCE = 0.015
"""Seconds that writing may take of a frame while training goes on; what is missing comes when it pauses."""
_STALE = 15.0
"""Seconds that what is dear to compute may be old while training goes on."""
_TEXTS, _FAR = 8, 64
"""Held-out texts, and tokens of each, over which gradients are followed back."""

T = TypeVar("T")


class Observer:
    """Nothing that training depends on is touched; what has not changed since the last look is not computed again."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._writer = Writer(subject.model, subject.window)
        self._results: dict[str, _Result] = {}
        self._counted: Hashable = None
        self._print = b""

    @property
    def rules(self) -> Rules:
        """How the next token is chosen."""
        looks = self.subject.looks
        return Rules(float(looks["temperature"]), int(looks["top_k"]), float(looks["top_p"]))

    @property
    def _version(self) -> Hashable:
        """Another one for other parameters, and the same for the same ones: whoever goes back an operation has seen the
        model as it is there. What costs a few milliseconds is found only where parameters may have changed: torch
        counts most changes of a tensor, but not those by an optimizer's fused kernel, and these come with another step.
        """
        counted = self.subject.model, self.subject.done, changes(self.subject.model)
        if counted != self._counted:
            self._counted, self._print = counted, fingerprint(self.subject.model)
        return self._print

    @cached_property
    def frequent(self) -> list[int]:
        """The ids of the tokens that are in the training text, the most frequent first."""
        counts = torch.bincount(self.subject.training)
        order = torch.argsort(counts, descending=True, stable=True)
        return order[counts[order] > 0].tolist()

    def sample(self) -> Sample:
        """What is written after the prompt. A prompt begins a text, so an end of the text before stands before it."""
        subject, looks = self.subject, self.subject.looks
        beginning = [subject.tokens.end, *subject.tokens.encode(looks["prompt"])]
        seed, count = int(looks["sample_seed"]), int(looks["grown"])
        patience = _PATIENCE if subject.hurried else math.inf
        if self._writer.model is not subject.model:
            self._writer = Writer(subject.model, subject.window)

        def write() -> Sample:
            return self._writer.write(self._version, beginning, self.rules, seed, count, patience)

        return self.latest("sample", (tuple(beginning), self.rules, seed, count, patience), write)

    def traces(self, sample: Sample) -> tuple[list[int], Traces]:
        """The latest ids of the sample that the model can see, and what it computes over them."""
        model = self.subject.model
        ids = sample.ids[-self.subject.window :]
        what = torch.tensor([ids], device=device(model))
        return ids, self.latest("traces", tuple(ids), lambda: model.traces(what))

    def surprise(self) -> Surprise:
        """How much each token of the user's sentence surprises, the first MOST of them."""
        subject = self.subject
        ids = subject.tokens.encode(subject.looks["sentence"])[:MOST]

        def make() -> Surprise:
            return surprise(subject.model, subject.window, subject.tokens.end, ids, self._lengths)

        return self.latest("surprise", tuple(ids), make)

    def reach(self) -> Reach | None:
        """How far the gradient of a held-out token reaches back; None for a model without gradients."""
        model = self.subject.model
        if not isinstance(model, Network) or len(self._windows) == 0:
            return None
        windows = self._windows.to(device(model))
        return self.latest("reach", (), lambda: reach(model, windows[:, :-1], windows[:, -1]), _STALE)

    @cached_property
    def standards(self) -> Standards:
        """What the model has to beat."""
        subject = self.subject
        texts = subject.training, subject.held_out, subject.lengths
        with one_thread():
            return standards(*texts, subject.window, float(subject.settings["smoothing"]))

    @cached_property
    def _windows(self) -> torch.Tensor:
        """Held-out texts of so many tokens, and one more: (texts, tokens + 1)."""
        ids = self.subject.held_out
        length = min(_FAR, self.subject.window, len(ids) - 1)
        starts = torch.linspace(0, len(ids) - length - 1, _TEXTS).long()
        return ids[starts[:, None] + torch.arange(length + 1)]

    @cached_property
    def _lengths(self) -> list[int]:
        return self.subject.tokens.lengths()

    def latest(self, name: str, key: Hashable, make: Callable[[], T], stale: float = 0.0) -> T:
        """What was made last if key and parameters are what they were; or, while training goes on, not long ago."""
        what = _What(self.subject.model, self._version, key)
        now, last = perf_counter(), self._results.get(name)
        if last is not None:
            fresh_enough = self.subject.hurried and now - last.made < stale and last.what.like(what)
            if last.what == what or fresh_enough:
                return cast(T, last.result)
        with one_thread():
            result = make()
        self._results[name] = _Result(what, now, result)
        return result


@dataclass(frozen=True, slots=True)
class _What:
    """What a result follows from."""

    model: LanguageModel
    version: Hashable
    key: Hashable

    def like(self, other: "_What") -> bool:
        """The same but for changed parameters."""
        return self.model is other.model and self.key == other.key


@dataclass(frozen=True, slots=True)
class _Result:
    """What was made, and when."""

    what: _What
    made: float
    result: object
