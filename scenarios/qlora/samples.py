"""Before and after: what the model writes to a few prompts, and what it takes them for, with the adapters on and off.

Greedy, the likeliest token each time, so no random number is drawn and training goes on as if nobody had asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import GenerationConfig

from .batches import batch_of
from .examples import Example
from .merging import stops_of
from .tokenise import Tokenised

if TYPE_CHECKING:
    from .scenario import QLoRA

COUNT = 4
"""Fixed prompts."""
_LOOKED_AT = 200
"""Held-out examples that they are chosen from."""
_LONGEST = 48
"""Tokens that are written at most, where answers may be long."""
_ROOM = 3
"""Tokens beyond the longest label, where answers are labels."""
NONE = -1
"""In place of a token that was not written any more."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model made of n prompts after `step` steps: `written` (n, m) tokens each, up to and with the one that
    ends a text, then NONE; and the probability of each class, `likely` (n, C). Either is empty where it has none."""

    step: int
    written: NDArray[np.int64]
    likely: NDArray[np.float64]

    def tokens(self, prompt: int) -> list[int]:
        """What was written to one of the prompts."""
        return [int(token) for token in self.written[prompt] if token != NONE]

    def state(self) -> dict[str, NDArray[Any]]:
        """As arrays, so that going back in time shows what was shown then."""
        step = np.array(self.step)
        return {"samples/step": step, "samples/written": self.written, "samples/likely": self.likely}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> "Answers":
        """What `state` told."""
        return cls(int(state["samples/step"]), state["samples/written"].copy(), state["samples/likely"].copy())


class Sampler:
    """Asks a scenario's model. It leaves the model in the mode that it was in."""

    def __init__(self, scenario: "QLoRA") -> None:
        self.scenario = scenario
        self.limit = _limit(scenario)
        self.prompts = [self._fitting(_prompt(each)) for each in _varied(scenario)]
        self.stops = stops_of(scenario.model, scenario.base)
        firsts = [answer[0] for answer in scenario.tokeniser.answers]
        self._firsts = firsts if len(set(firsts)) == len(firsts) else []
        """The classes' first tokens, where those tell them apart."""

    def __call__(self, prompts: Sequence[Tokenised] | None = None, adapted: bool = True) -> Answers:
        """What the model makes of the fixed prompts, or of others, with its adapters or without."""
        asked = self.prompts if prompts is None else prompts
        with self._asking(adapted):
            if self.scenario.base.kind == "causal":
                return Answers(self.scenario.done, *self._write(asked))
            batch = batch_of([[each] for each in asked], "encoder", self.scenario.base.padding)
            likely = _probabilities(self.scenario.forward(batch.to(self.scenario.device)))
            return Answers(self.scenario.done, np.zeros((len(asked), 0), np.int64), likely)

    def read(self, text: str) -> Tokenised:
        """A text of one's own as a prompt, read as the training examples are."""
        tokeniser, examples = self.scenario.tokeniser, self.scenario.examples
        if examples.train[0].messages:
            talk = ({"role": "user", "content": text}, {"role": "assistant", "content": ""})
            return self._fitting(_prompt(tokeniser([Example("", messages=talk)])[0]))
        if self.scenario.base.kind == "encoder":
            return tokeniser([Example(text, label=0)])[0]
        ids = tokeniser.prompt(text) if examples.classes else tokeniser.read(text)[-tokeniser.max_length + 1 :]
        return self._fitting(Tokenised(ids, [False] * len(ids), text))

    def _fitting(self, prompt: Tokenised) -> Tokenised:
        """A prompt without as much of its beginning as leaves the model positions for what it is to write."""
        most, base = self.scenario.base.positions, self.scenario.base
        if most is None or base.kind == "encoder" or len(prompt.ids) <= most - self.limit:
            return prompt
        first = prompt.ids[:1] if prompt.ids[0] == base.tokenizer.bos_token_id else []
        cut = len(prompt.ids) - (most - self.limit)
        ids = first + prompt.ids[len(first) + cut :]
        return Tokenised(ids, [False] * len(ids), prompt.text, prompt.label, prompt.cut + cut)

    @contextmanager
    def _asking(self, adapted: bool) -> Iterator[None]:
        model, dtype = self.scenario.model, self.scenario.dtype
        training = model.training
        model.eval()
        try:
            with torch.no_grad(), torch.autocast(self.scenario.device.type, dtype, enabled=dtype != torch.float32):
                if adapted:
                    yield
                else:
                    with model.disable_adapter():
                        yield
        finally:
            model.train(training)

    def _write(self, prompts: Sequence[Tokenised]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The likeliest continuation of each prompt, token by token; and how likely it was, where there are classes, to
        begin with the first token of each one's word, among all tokens."""
        padding = self.scenario.base.padding
        batch = batch_of([[each] for each in prompts], "causal", padding).to(self.scenario.device)
        config = GenerationConfig(
            max_new_tokens=self.limit,
            do_sample=False,
            eos_token_id=sorted(self.stops) or None,
            pad_token_id=padding,
            use_cache=True,
            output_logits=True,
            return_dict_in_generate=True,
        )
        found = self.scenario.model.generate(  # type: ignore[no-untyped-call]
            input_ids=batch.input_ids, attention_mask=batch.attention_mask, generation_config=config
        )
        written = found.sequences[:, batch.input_ids.shape[1] :].cpu().numpy()
        return _until_end(written, sorted(self.stops)), _probabilities(found.logits[0])[:, self._firsts]


def _varied(scenario: "QLoRA") -> list[Tokenised]:
    """The first held-out examples, one of each class in turn where there are classes."""
    examples = scenario.tokeniser(scenario.examples.held_out[:_LOOKED_AT])
    labels = dict.fromkeys(example.label for example in examples)
    turns = zip_longest(*([each for each in examples if each.label == label] for label in labels))
    return list(islice((each for turn in turns for each in turn if each is not None), COUNT))


def _prompt(example: Tokenised) -> Tokenised:
    """An example without its answer."""
    start = example.answer_start
    return Tokenised(example.ids[:start], [False] * start, example.text, example.label, example.cut)


def _limit(scenario: "QLoRA") -> int:
    """How many tokens may be written: more than an answer has that stops where it should; but no more than half of the
    positions that the model has."""
    most = (scenario.base.positions or 2 * _LONGEST) // 2
    if scenario.tokeniser.answers:
        return min(max(len(answer) for answer in scenario.tokeniser.answers) + _ROOM, most)
    longest = max(len(each.ids) - each.answer_start for sequence in scenario.sequences for each in sequence)
    return min(longest + _ROOM, _LONGEST, most)


def _until_end(written: NDArray[np.int64], end: Sequence[int]) -> NDArray[np.int64]:
    """With NONE after the first token that ends a text."""
    ended = np.isin(written, end)
    after = np.cumsum(ended, axis=1) - ended > 0
    return np.where(after, NONE, written)


def _probabilities(scores: torch.Tensor) -> NDArray[np.float64]:
    found: NDArray[np.float64] = scores.float().softmax(-1).double().cpu().numpy()
    return found
