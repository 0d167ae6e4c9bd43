"""How well the model does on held-out examples: its loss, its accuracy, and what it takes for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from tui_lab.lab.scenario import Array, State

from .batches import MASKED, Batch
from .tokenise import Tokenised

if TYPE_CHECKING:
    from .scenario import QLoRA

MOST = 400
"""Held-out examples that are looked at: enough to tell accuracies apart that differ by a few hundredths."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured on held-out examples after `step` steps.

    `confusion` (C, C) counts examples of class i that were taken for class j; it is (0, 0) where there are no classes,
    and the accuracy NaN. `loss` is the mean over all answers' tokens, or over examples for an encoder.
    """

    step: int
    loss: float
    confusion: Array

    @property
    def accuracy(self) -> float:
        """The share of examples whose class was found."""
        return float(np.trace(self.confusion) / self.confusion.sum()) if self.confusion.size else float("nan")

    @property
    def metrics(self) -> dict[str, float]:
        """As the run's history knows them."""
        return {"held_out_loss": self.loss} | ({"held_out_accuracy": self.accuracy} if self.confusion.size else {})

    def state(self, name: str) -> State:
        """As arrays under `name`."""
        return {
            f"{name}/step": np.array(self.step),
            f"{name}/loss": np.array(self.loss),
            f"{name}/confusion": self.confusion,
        }

    @classmethod
    def restored(cls, name: str, state: State) -> "Evaluation":
        """What `state` told."""
        return cls(int(state[f"{name}/step"]), float(state[f"{name}/loss"]), state[f"{name}/confusion"].copy())


class Examiner:
    """Asks a model about held-out examples. It draws no random numbers and leaves the model as it was."""

    def __init__(self, scenario: "QLoRA", held_out: Sequence[Tokenised]) -> None:
        self.scenario = scenario
        # Those of a length together: little padding.
        self.held_out = sorted(held_out[:MOST], key=lambda example: len(example.ids))
        answers = scenario.tokeniser.answers
        self.told_by_first = len({answer[0] for answer in answers}) == len(answers)
        """Whether the classes' words differ in their first token already: then its score tells the class."""

    def __call__(self) -> Evaluation:
        """Loss, and confusion of classes where there are classes, with the adapters as they stand."""
        model, classes = self.scenario.model, len(self.scenario.class_words)
        size = self.scenario.method.batch_size  # so that the scores take no more memory than in a step
        losses, targets, confusion = 0.0, 0, np.zeros((classes, classes))
        training = model.training
        model.eval()
        with torch.no_grad():
            for start in range(0, len(self.held_out), size):
                examples = self.held_out[start : start + size]
                batch = self._batch(examples)
                scores = self.scenario.forward(batch)
                losses += float(self.scenario.summed_loss(scores, batch))
                targets += batch.learned
                if classes:
                    np.add.at(
                        confusion, ([each.label for each in examples], self._classes(examples, batch, scores)), 1.0
                    )
        model.train(training)
        return Evaluation(self.scenario.done, losses / max(targets, 1), confusion)

    def _batch(self, examples: Sequence[Tokenised]) -> Batch:
        return self.scenario.batch([[example] for example in examples])

    def _classes(self, examples: Sequence[Tokenised], batch: Batch, scores: torch.Tensor) -> list[int]:
        """The class that each example is taken for, from the scores of its batch."""
        if self.scenario.base.kind == "encoder":
            return list(scores.argmax(dim=1).tolist())
        if self.told_by_first:
            first = torch.tensor([answer[0] for answer in self.scenario.tokeniser.answers], device=scores.device)
            return list(self._before_answer(examples, batch, scores)[:, first].argmax(dim=1).tolist())
        likely = torch.stack([self._log_probability(examples, answer) for answer in self.scenario.tokeniser.answers])
        return list(likely.argmax(dim=0).tolist())

    def _before_answer(self, examples: Sequence[Tokenised], batch: Batch, scores: torch.Tensor) -> torch.Tensor:
        """The scores (b, V) for the first token of each answer; answers end at the right edge."""
        width = batch.input_ids.shape[1]
        places = [width - len(example.ids) + example.answer_start - 1 for example in examples]
        columns = torch.searchsorted(batch.columns, torch.tensor(places, device=scores.device))
        return scores[torch.arange(len(examples), device=scores.device), columns]

    def _log_probability(self, examples: Sequence[Tokenised], answer: list[int]) -> torch.Tensor:
        """log p (b,) of one answer to each example, whose beginning goes where the longest answer would not fit."""
        tokeniser = self.scenario.tokeniser
        room = max(tokeniser.max_length - max(map(len, tokeniser.answers)), 1)
        read = [each.ids[: each.answer_start][-room:] for each in examples]
        batch = self._batch([Tokenised(ids + answer, [False] * len(ids) + [True] * len(answer), "") for ids in read])
        scores, wanted = self.scenario.forward(batch), batch.labels[:, batch.columns + 1]
        losses = functional.cross_entropy(scores.float().mT, wanted, ignore_index=MASKED, reduction="none")
        return -losses.sum(dim=1)
