"""QLoRA: a trained language model is frozen in 4 bits, and small adapters on its layers learn what it should do.

    y = W·x + s·B·A·x        W (out, in) frozen, 4 bits a number; A (r, in) and B (out, r) trained, 32 bits

Hu et al. 2021 (LoRA): the change of a weight in fine-tuning has a low rank, so learn it as a product of two thin
matrices. Dettmers et al. 2023 (QLoRA): W may then lie in 4 bits, for only what flows through it needs a gradient.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from tui_lab.lab.scenario import Moment, State
from tui_lab.torch_lab.arrays import arrays_of, load_all
from tui_lab.torch_lab.devices import device_of, threads_of
from tui_lab.torch_lab.parameters import Trainables

from . import eager, processes  # noqa: F401 - eager before anything that imports bitsandbytes
from .adapter import adapted_layers, attach, head_modules, target_layers, trainable_tensors
from .base import open_base
from .batches import Batch, Sequences, batch_of, lengths_of, sequences_of
from .bookkeeping import Bookkeeping
from .closeup import CloseUp, demand_layer
from .evaluation import Evaluation, Examiner
from .examples import read_examples
from .failures.health import Health
from .failures.room import demand_memory, while_loading
from .failures.surroundings import demand_fit, look_around
from .measured import Memory
from .method import Method
from .network import Network
from .optimizers import make_optimizer, optimizer_arrays, rate_factor, restore_optimizer
from .order import Order
from .places import moments
from .probes import GradientProbe
from .quantise import compute_dtype, load_frozen
from .samples import Answers, Sampler
from .shown import Shown
from .tally import Tally
from .tokenise import Tokeniser
from .watch import Watch

LOSS_SCALE = {torch.float16: 1024.0}
"""fp16 has no numbers below 6e-8: there the loss is scaled up before the backward pass, and gradients down after it."""


class QLoRA(Shown):
    """The whole fine-tune: tokens, forward, loss, backward, clip, update."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        self.method, self.seed = Method.of(settings), seed
        self.device = device_of(self.method.device)
        self.threads = threads_of(self.device)
        self.memory = Memory(self.device)
        self.looks = {name: settings[name] for name in ("prompt", "layer", "sequence")}

        # Data: examples as tokens, each at most max_length long. Those that share a sequence are in one list.
        self.examples = read_examples(settings["data"], self.method.held_out)
        self.class_words = self.examples.classes
        self.base = open_base(self.method.model, len(self.class_words))
        self.tokeniser = Tokeniser(self.base, self.method, self.examples)
        self.sequences = sequences_of(self.tokeniser(self.examples.train), self.method, self.tokeniser)
        self.order = Order(lengths_of(self.sequences), self.method, seed)
        self.steps_per_epoch = self.order.steps_per_epoch

        # Model: all that can be wrong is found on its skeleton, before the weights are loaded. They are frozen in 4
        # bits; then A and B are put beside each W: A drawn from the seed, B = 0, so that nothing has changed yet.
        skeleton = self.base.skeleton()
        heads, targets = head_modules(self.base, skeleton), target_layers(self.base, self.method, skeleton)
        demand_layer(self.looks["layer"], len(targets))
        self.dtype = compute_dtype(self.method, self.device)
        self.bookkeeping = Bookkeeping(self)  # what all of it takes in memory
        demand_fit(look_around(self.device), self.method)
        demand_memory(self)
        with while_loading(self):
            self.load(heads, list(targets))

    def load(self, heads: list[str], targets: list[str]) -> None:
        """The weights, frozen; the adapters, and what trains them; and what the model says before its first step."""
        torch.manual_seed(self.seed)  # an encoder's head is drawn while loading
        frozen = load_frozen(self.base, self.method, self.device, heads)
        self.model = attach(frozen, self.base, self.method, targets, heads, self.seed)
        self.model.train()
        self.layers = adapted_layers(self.model)
        self.network = Network(self.model, self.base.kind, self.dtype)

        # Optimizer: it knows the adapters only, and a head that is new.
        self.trainables = Trainables(trainable_tensors(self.model, self.layers))
        self.learning_rate = self.method.learning_rate
        self.optimizer = make_optimizer(self.method, self.trainables.tensors)

        # What a step leaves behind to be looked at, and what held-out examples say before the first.
        self.done = self.drawn = self.step_tokens = 0
        self.learned = 1
        self.scored: tuple[int, ...] = ()
        self.scores_size = 0
        self.micro_batches = list[Batch]()
        self.losses = list[float]()
        self.gradient_norm = 0.0
        self.watch, self.tally, self.probe = Watch(), Tally(self), GradientProbe(self.layers)
        self.closeup = CloseUp(self.model, self.layers, self.looks["layer"])
        self.examiner = Examiner(self, self.tokeniser(self.examples.held_out))
        self.before = self.evaluation = self.examiner()
        self.health = Health(self)  # stops a step that would spoil the adapters, and explains what goes wrong
        self.health.predict = self.bookkeeping.predict
        self.sampler = Sampler(self)  # a few prompts, answered without the adapters and with them
        with self.health.sampling():
            self.plain_answers = self.sampler(adapted=False)
            self.answers = self.sampler()

    def step(self) -> Iterator[Moment]:
        """One update of the adapters, and now and then an evaluation after it."""
        yield from self.health.over(self.watch.over(self.memory.over(self.tally.over(self.phases()))))
        with self.health.within_memory():
            if self.done % self.method.evaluate_every == 0 and self.finite:
                self.evaluation = self.examiner()
                self.metrics |= self.evaluation.metrics
                self.health.evaluated()
            if self.done % self.method.sample_every == 0 and self.finite:
                self.answers = self.sampler()

    def phases(self) -> Iterator[Moment]:
        """The parts of a step. Forward, loss and backward come once for each micro-batch."""
        # Tokens: sequences (b, t) in each micro-batch. `learned` counts the answers' tokens in all of them: the loss
        # is the mean over these, whatever batch they are in, so accumulating is the same as a larger batch.
        self.micro_batches, self.learned = self.draw()
        self.losses = []
        self.optimizer.zero_grad()
        yield from self.stop("tokens")

        for number, batch in enumerate(self.micro_batches):
            # Forward: y = W·x + s·B·A·x in each adapted layer, and in the end scores for the next token.
            torch.manual_seed(self.dropout_seed(number))
            with self.closeup.watching():
                scores = self.forward(batch)  # (b, c, V), at the c places before a token of an answer
            self.scored, self.scores_size = tuple(scores.shape), scores.nbytes
            yield from self.stop("forward")

            # Loss: −log p of each token of an answer, added up; what is only read costs nothing.
            loss = self.summed_loss(scores, batch)  # ()
            self.losses.append(loss.item() / max(batch.learned, 1))
            del scores  # as wide as the vocabulary, and not needed for the gradient
            yield from self.stop("loss")

            # Backward: ∂L/∂A and ∂L/∂B of each layer. W gets no gradient of its own, but what flows on to the layer
            # before needs it, ∂L/∂x = Wᵀ·∂L/∂y + …, so it is dequantised once more. Gradients add up over batches.
            (loss * (self.loss_scale / self.learned)).backward()
            del loss
            yield from self.stop("backward")

        # Clip: all gradients together are one long vector. If it is longer than the limit, it is shortened to it.
        self.gather()
        self.probe.measure(self.done)
        self.gradient_norm = self.clip()
        yield from self.stop("clip")

        # Update: each adapter moves against its gradient, as AdamW has it. Where something is not a finite number,
        # nothing moves, and the adapters stay the last good ones.
        self.metrics = self.measured()
        if self.finite:
            self.update()
        self.metrics["tokens_per_second"] = self.watch.per_second(self.step_tokens)
        yield from self.stop("update")

    def stop(self, phase: str) -> Iterator[Moment]:
        """Where a person may stop in a phase."""
        return moments(phase, self.stop_at_operations)

    def draw(self) -> tuple[list[Batch], int]:
        """This process's micro-batches of the step, and how many tokens are learned in those of all processes."""
        self.drawn, size = self.done, self.method.batch_size
        chosen = [self.sequences[row] for row in self.order.rows(self.drawn)]
        parts = [chosen[start : start + size] for start in range(0, len(chosen), size)]
        self.step_tokens = sum(len(example.ids) for sequence in chosen for example in sequence)
        learned = sum(example.learned for sequence in chosen for example in sequence)
        return [self.batch(part) for part in parts[processes.rank() :: processes.count()]], max(learned, 1)

    def batch(self, sequences: Sequences) -> Batch:
        """Sequences in tensors where the model is."""
        return batch_of(sequences, self.base.kind, self.base.padding).to(self.device)

    def forward(self, batch: Batch) -> torch.Tensor:
        """The scores (b, c, V) for the next token after each of the batch's columns, or (b, C) for classes."""
        return self.network.forward(batch)

    def summed_loss(self, scores: torch.Tensor, batch: Batch) -> torch.Tensor:
        """−Σ log softmax(scores)[label] over all that is learned."""
        return self.network.summed_loss(scores, batch)

    def gather(self) -> None:
        """Add up the gradients of all processes, and take back what the loss was scaled by."""
        for tensor in self.trainables.tensors.values():
            if tensor.grad is None:  # it had no part in this step
                tensor.grad = torch.zeros_like(tensor)
        processes.add_up(self.gradients)
        if self.loss_scale != 1.0:
            torch._foreach_div_(self.gradients, self.loss_scale)

    def clip(self) -> float:
        """g ← g·min(1, c/‖g‖) for the vector g of all gradients. Returns its length before."""
        norm = torch.nn.utils.get_total_norm(self.gradients)
        if self.method.max_grad_norm != "off" and torch.isfinite(norm):
            torch._foreach_mul_(self.gradients, torch.clamp(self.method.max_grad_norm / norm, max=1.0))
        return norm.item()

    def update(self) -> None:
        """θ ← θ − η·(m̂/(√v̂ + ε) + λ·θ), for every number of every adapter."""
        self.optimizer.param_groups[0]["lr"] = self.rate
        self.trainables.remember()
        self.optimizer.step()
        self.done += 1

    def measured(self) -> dict[str, float]:
        """What the step has found, before the update. The loss is the mean over all that is learned in the step."""
        total = sum(loss * batch.learned for loss, batch in zip(self.losses, self.micro_batches, strict=True))
        return {
            "loss": processes.total(total, self.device) / self.learned,
            "grad_norm": self.gradient_norm,
            "learning_rate": self.rate,
        }

    @property
    def finite(self) -> bool:
        """Whether loss and gradient of the latest step are numbers to go by."""
        return bool(np.isfinite(self.metrics["loss"]) and np.isfinite(self.metrics["grad_norm"]))

    @property
    def gradients(self) -> list[torch.Tensor]:
        """Of all that is trained, as they are now."""
        return [tensor.grad for tensor in self.trainables.tensors.values() if tensor.grad is not None]

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
        sequence = np.random.SeedSequence(self.seed, spawn_key=(self.drawn, micro_batch))
        return int(sequence.generate_state(1, np.uint64)[0])

    def change(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self.learning_rate = value
        elif name in self.looks:
            self.look(name, value)
        else:
            super().change(name, value)

    def state(self) -> State:
        # Neither the frozen weights, which are in their folder, nor random numbers, which follow from the step.
        return {
            "done": np.array(self.done),
            **arrays_of("adapter/", self.trainables.tensors),
            **optimizer_arrays(self.optimizer, self.trainables.tensors),
            **self.probe.state(),
            **self.before.state("before"),
            **self.evaluation.state("evaluation"),
            **self.answers.state(),
            **self.health.state(),
        }

    def restore(self, state: State) -> None:
        self.health.demand_own(state)
        self.done = int(state["done"])
        load_all("adapter/", self.trainables.tensors, state)
        restore_optimizer(self.optimizer, self.trainables.tensors, state)
        self.before, self.evaluation = Evaluation.restored("before", state), Evaluation.restored("evaluation", state)
        self.answers = Answers.restored(state)
        self.probe.restore(state)
        self.trainables.forget()
        self.forget_step()
        self.health.restored(state)

    def refresh(self) -> None:
        """Loss and gradients of the latest batches once more, for adapters that were changed by hand."""
        if not self.micro_batches:
            return
        self.optimizer.zero_grad()
        self.losses = []
        for number, batch in enumerate(self.micro_batches):
            torch.manual_seed(self.dropout_seed(number))
            with self.closeup.watching():
                loss = self.summed_loss(self.forward(batch), batch)
            self.losses.append(loss.item() / max(batch.learned, 1))
            (loss * (self.loss_scale / self.learned)).backward()
        self.gather()
        self.gradient_norm = self.clip()
        self.metrics = self.metrics | {"loss": self.measured()["loss"], "grad_norm": self.gradient_norm}

    def look_again(self) -> None:
        """Let the layer that is looked at closely see the latest batch."""
        if self.micro_batches:
            torch.manual_seed(self.dropout_seed(len(self.micro_batches) - 1))
            with self.closeup.watching(), torch.no_grad():
                self.forward(self.micro_batches[-1])

    def forget_step(self) -> None:
        """What the latest step left behind belongs to another place in time."""
        self.micro_batches, self.losses, self.gradient_norm = [], [], 0.0
        self.closeup.seen = None
        self.optimizer.zero_grad()
