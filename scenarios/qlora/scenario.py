"""QLoRA: a trained language model is frozen in 4 bits, and small adapters on its layers learn what it should do.

    y = W·x + s·B·A·x        W (out, in) frozen, 4 bits a number; A (r, in) and B (out, r) trained, 32 bits

Hu et al. 2021 (LoRA): the change of a weight in fine-tuning has a low rank, so learn it as a product of two thin
matrices. Dettmers et al. 2023 (QLoRA): W may then lie in 4 bits, for only what flows through it needs a gradient.
"""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from tui_lab.lab.scenario import Moment, OperationLine, Parameter, Scenario, State
from tui_lab.lab.views import View
from tui_lab.torch_lab.arrays import arrays_of, load_all
from tui_lab.torch_lab.devices import device_of
from tui_lab.torch_lab.parameters import Trainables

from . import processes
from .adapter import adapted_layers, attach, head_modules, target_layers, trainable_tensors
from .base import open_base
from .batches import MASKED, Batch, Sequences, batch_of, sequences_of
from .evaluation import Evaluation, Examiner
from .examples import read_examples
from .method import Method
from .operations import operation_lines
from .optimizers import make_optimizer, moments, rate_factor, restore_moments
from .order import Order
from .probes import GradientProbe
from .quantise import compute_dtype, load_frozen
from .tokenise import Tokeniser
from .watch import Watch

LOSS_SCALE = {torch.float16: 1024.0}
"""fp16 has no numbers below 6e-8: there the loss is scaled up before the backward pass, and gradients down after it."""


class QLoRA(Scenario):
    """The whole fine-tune: tokens, forward, loss, backward, clip, update."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        self.method, self.seed = Method.of(settings), seed
        self.device = device_of(self.method.device)
        self.looks = {name: settings[name] for name in ("prompt", "layer", "sequence")}

        # Data: examples as tokens, each at most max_length long. Those that share a sequence are in one list.
        self.examples = read_examples(settings["data"], self.method.held_out)
        self.class_words = self.examples.classes
        self.base = open_base(self.method.model, max(len(self.class_words), 1))
        self.tokeniser = Tokeniser(self.base, self.method, self.examples)
        self.sequences = sequences_of(self.tokeniser(self.examples.train), self.method, self.tokeniser.max_length)
        self.order = Order(len(self.sequences), self.method, seed)
        self.steps_per_epoch = self.order.steps_per_epoch

        # Model: all that can be wrong is found on its skeleton, before the weights are loaded. They are frozen in 4
        # bits; then A and B are put beside each W: A drawn from the seed, B = 0, so that nothing has changed yet.
        skeleton = self.base.skeleton()
        heads, targets = head_modules(self.base, skeleton), target_layers(self.base, self.method, skeleton)
        self.dtype = compute_dtype(self.method, self.device)
        torch.manual_seed(seed)  # an encoder's head is drawn while loading
        frozen = load_frozen(self.base, self.method, self.device, heads)
        self.model = attach(frozen, self.base, self.method, list(targets), heads, seed)
        self.model.train()
        self.layers = adapted_layers(self.model)
        self.can_choose = "logits_to_keep" in inspect.signature(type(frozen).forward).parameters

        # Optimizer: it knows the adapters only, and a head that is new.
        self.trainables = Trainables(trainable_tensors(self.model, self.layers))
        self.learning_rate = self.method.learning_rate
        self.optimizer = make_optimizer(self.method, self.trainables.tensors)

        # What a step leaves behind to be looked at, and what held-out examples say before the first.
        self.done, self.step_tokens = 0, 0
        self.micro_batches = list[Batch]()
        self.losses = list[float]()
        self.gradient_norm = 0.0
        self.watch, self.probe = Watch(), GradientProbe(self.layers)
        self.examiner = Examiner(self, self.tokeniser(self.examples.held_out))
        self.before = self.evaluation = self.examiner()

    def step(self) -> Iterator[Moment]:
        """One update of the adapters, and now and then an evaluation after it."""
        yield from self.watch.over(self.phases())
        if self.done % self.method.evaluate_every == 0 and self.finite:
            self.evaluation = self.examiner()
            self.metrics |= self.evaluation.metrics

    def phases(self) -> Iterator[Moment]:
        """The parts of a step. Forward, loss and backward come once for each micro-batch."""
        # Tokens: sequences (b, t) in each micro-batch. `learned` counts the answers' tokens in all of them: the loss
        # is the mean over these, whatever batch they are in, so accumulating is the same as a larger batch.
        self.micro_batches, learned = self.draw()
        self.optimizer.zero_grad()
        sums: list[torch.Tensor] = []
        yield Moment("tokens", 0)

        for number, batch in enumerate(self.micro_batches):
            # Forward: y = W·x + s·B·A·x in each adapted layer, and in the end scores for the next token.
            torch.manual_seed(self.dropout_seed(number))
            scores = self.forward(batch)  # (b, c, V), at the c places before a token of an answer
            yield Moment("forward", 1)

            # Loss: −log p of each token of an answer, added up; what is only read costs nothing.
            sums.append(self.summed_loss(scores, batch))  # ()
            yield Moment("loss", 2)

            # Backward: ∂L/∂A and ∂L/∂B of each layer. W gets no gradient of its own, but what flows on to the layer
            # before needs it, ∂L/∂x = Wᵀ·∂L/∂y + …, so it is dequantised once more. Gradients add up over batches.
            (sums[-1] * (self.loss_scale / learned)).backward()
            yield Moment("backward", 3)

        # Clip: all gradients together are one long vector. If it is longer than the limit, it is shortened to it.
        loss = self.mean_loss(sums, learned)
        self.gradient_norm = self.clip()
        yield Moment("clip", 4)

        # Update: each adapter moves against its gradient, as AdamW has it. Where something is not a finite number,
        # nothing moves, and the adapters stay the last good ones.
        self.metrics = self.measured(loss)
        if self.finite:
            self.update()
        yield Moment("update", 5)

    def draw(self) -> tuple[list[Batch], int]:
        """This process's micro-batches of the step, and how many tokens are learned in those of all processes."""
        rows, size = self.order.rows(self.done), self.method.batch_size
        chosen = [self.sequences[row] for row in rows]
        parts = [chosen[start : start + size] for start in range(0, len(chosen), size)]
        self.step_tokens = sum(len(example.ids) for sequence in chosen for example in sequence)
        learned = sum(example.learned for sequence in chosen for example in sequence)
        return [self.batch(part) for part in parts[processes.rank() :: processes.count()]], max(learned, 1)

    def batch(self, sequences: Sequences) -> Batch:
        """Sequences in tensors where the model is."""
        return batch_of(sequences, self.base.kind, self.base.padding).to(self.device)

    def forward(self, batch: Batch) -> torch.Tensor:
        """The scores (b, c, V) for the next token after each of the batch's columns, or (b, C) for classes."""
        inputs = {"input_ids": batch.input_ids, "attention_mask": batch.mask(self.dtype)}
        if self.base.kind == "encoder":
            with self.precision():
                return self.scores(**inputs)
        if self.can_choose:  # the output head is the widest layer of all: only where it is needed
            inputs["logits_to_keep"] = batch.columns
        with self.precision():
            scores = self.scores(**inputs, position_ids=batch.position_ids)
        return scores if self.can_choose else scores[:, batch.columns]

    def scores(self, **inputs: torch.Tensor) -> torch.Tensor:
        """What the model computes from its inputs, before any softmax."""
        scores: torch.Tensor = self.model(**inputs).logits
        return scores

    def summed_loss(self, scores: torch.Tensor, batch: Batch) -> torch.Tensor:
        """−Σ log softmax(scores)[label] over all that is learned, in fp32 and never smoothed or filtered."""
        labels = batch.labels if self.base.kind == "encoder" else batch.labels[:, batch.columns + 1]
        scores = scores.float().flatten(0, -2)
        return functional.cross_entropy(scores, labels.flatten(), ignore_index=MASKED, reduction="sum")

    def mean_loss(self, sums: Sequence[torch.Tensor], learned: int) -> float:
        """The loss of the step: over all its micro-batches, those of other processes too."""
        total = torch.stack([each.detach() for each in sums]).sum() if sums else torch.zeros((), device=self.device)
        self.losses = [
            each.item() / max(batch.learned, 1) for each, batch in zip(sums, self.micro_batches, strict=True)
        ]
        processes.add_up([total])
        return float(total) / learned

    def clip(self) -> float:
        """Add up the gradients of all processes, and shorten them if they are too long. Returns their norm before."""
        tensors = list(self.trainables.tensors.values())
        for tensor in tensors:
            if tensor.grad is None:  # this process had no batch, or a layer had no part in it
                tensor.grad = torch.zeros_like(tensor)
        gradients = [tensor.grad for tensor in tensors if tensor.grad is not None]
        processes.add_up(gradients)
        if self.loss_scale != 1.0:
            torch._foreach_div_(gradients, self.loss_scale)
        self.probe.measure(self.done)
        norm = torch.nn.utils.get_total_norm(gradients)
        if self.method.max_grad_norm != "off" and torch.isfinite(norm):
            torch.nn.utils.clip_grads_with_norm_(tensors, self.method.max_grad_norm, norm)
        return float(norm)

    def update(self) -> None:
        """θ ← θ − η·(m̂/(√v̂ + ε) + λ·θ), for every number of every adapter."""
        self.optimizer.param_groups[0]["lr"] = self.rate
        self.trainables.remember()
        self.optimizer.step()
        self.done += 1

    def measured(self, loss: float) -> dict[str, float]:
        """What the step has found, before the update."""
        return {
            "loss": loss,
            "grad_norm": self.gradient_norm,
            "learning_rate": self.rate,
            "tokens_per_second": self.watch.per_second(self.step_tokens),
        }

    @property
    def finite(self) -> bool:
        """Whether loss and gradient of the latest step are numbers to go by."""
        return bool(np.isfinite(self.metrics["loss"]) and np.isfinite(self.metrics["grad_norm"]))

    @property
    def rate(self) -> float:
        """The learning rate of the next update."""
        return self.learning_rate * rate_factor(self.method, self.done)

    @property
    def loss_scale(self) -> float:
        """What the loss is multiplied by on its way back, and gradients divided by."""
        return LOSS_SCALE.get(self.dtype, 1.0)

    def dropout_seed(self, number: int) -> int:
        """Which inputs dropout leaves out follows from the run's seed, the step and the micro-batch: there is no state
        of a generator to lose, and nothing that is shown can disturb it."""
        micro_batch = number * processes.count() + processes.rank()
        sequence = np.random.SeedSequence(self.seed, spawn_key=(self.done, micro_batch))
        return int(sequence.generate_state(1, np.uint64)[0])

    def precision(self) -> AbstractContextManager[object]:
        """Multiply in the compute dtype, whatever the numbers are kept in."""
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)

    def change(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self.learning_rate = value
        elif name in self.looks:
            self.looks[name] = value
        else:
            super().change(name, value)

    def state(self) -> State:
        # Neither the frozen weights, which are in their folder, nor random numbers, which follow from the step.
        return {
            "done": np.array(self.done),
            **arrays_of("adapter/", self.trainables.tensors),
            **moments(self.optimizer, self.trainables.tensors),
            **self.probe.state(),
            **self.before.state("before"),
            **self.evaluation.state("evaluation"),
        }

    def restore(self, state: State) -> None:
        self.done = int(state["done"])
        load_all("adapter/", self.trainables.tensors, state)
        restore_moments(self.optimizer, self.trainables.tensors, state)
        self.before, self.evaluation = Evaluation.restored("before", state), Evaluation.restored("evaluation", state)
        self.probe.restore(state)
        self.trainables.forget()
        self.forget_step()

    def forget_step(self) -> None:
        """What the latest step left behind belongs to another place in time."""
        self.micro_batches, self.losses, self.gradient_norm = [], [], 0.0
        self.optimizer.zero_grad()

    def parameters(self) -> list[Parameter]:
        return self.trainables.described()

    def operations(self) -> list[OperationLine]:
        return operation_lines(self)

    def views(self) -> list[View]:
        return list(self.pictures.views())

    def notes(self) -> list[str]:
        return list(self.remarks.sentences())

    @cached_property
    def pictures(self) -> Any:
        """What draws this fine-tune."""
        from .pictures import Pictures

        return Pictures(self)

    @cached_property
    def remarks(self) -> Any:
        """What there is to say about this fine-tune."""
        from .remarks import Remarks

        return Remarks(self)
