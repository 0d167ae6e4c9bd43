"""The model at work: from a batch to scores, and from scores to what they cost."""

import inspect
from contextlib import AbstractContextManager

import torch
from peft import PeftModel
from torch.nn import functional

from .base import Kind
from .batches import MASKED, Batch


class Network:
    """A model with adapters, computing in one dtype. A causal one scores every token of its vocabulary as the next one,
    an encoder scores classes."""

    def __init__(self, model: PeftModel, kind: Kind, dtype: torch.dtype) -> None:
        self.model, self.kind, self.dtype = model, kind, dtype
        forward = type(model.get_base_model()).forward
        self._can_choose = "logits_to_keep" in inspect.signature(forward).parameters

    def forward(self, batch: Batch) -> torch.Tensor:
        """The scores (b, c, V) for the next token after each of the batch's columns, or (b, C) for classes."""
        inputs = {"input_ids": batch.input_ids, "attention_mask": batch.mask(self.dtype)}
        if self.kind == "causal":
            inputs["position_ids"] = batch.position_ids
            if self._can_choose:  # the output head is the widest layer of all: only where it is needed
                inputs["logits_to_keep"] = batch.columns
        with self._precision():
            scores: torch.Tensor = self.model(**inputs).logits
        return scores if self._can_choose or self.kind == "encoder" else scores[:, batch.columns]

    def summed_loss(self, scores: torch.Tensor, batch: Batch) -> torch.Tensor:
        """−Σ log softmax(scores)[label] over all that is learned, in fp32 and never smoothed or filtered."""
        labels = batch.labels if self.kind == "encoder" else batch.labels[:, batch.columns + 1]
        scores = scores.float().flatten(0, -2)  # (b·c, V)
        return functional.cross_entropy(scores, labels.flatten(), ignore_index=MASKED, reduction="sum")

    def _precision(self) -> AbstractContextManager[object]:
        """Multiply in the compute dtype, whatever the numbers are kept in."""
        device = next(self.model.parameters()).device.type
        return torch.autocast(device, self.dtype, enabled=self.dtype != torch.float32)
