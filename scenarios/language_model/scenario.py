"""Language models: how probable is each token to come next, given those before it?

    p(text) = Π p(token i + 1 | tokens 1 … i)        loss = −mean ln p, in nats per token

Who can say that can write: draw a token, append it, ask again. Eight models, from counting (Markov 1913, Shannon 1948)
to the transformer (Vaswani et al. 2017), learn from the same text, cut into the same tokens, and are measured alike.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tui_lab.lab.scenario import Moment, State
from tui_lab.torch_lab.arrays import arrays_of, load_all
from tui_lab.torch_lab.devices import device_of, threads_of
from tui_lab.torch_lab.optimizers import optimizer_state, restore_optimizer
from tui_lab.torch_lab.parameters import Trainables

from .chain import Chain
from .counts import Counting
from .course import Course, Leg
from .measure import MOST, measure
from .model import Network
from .models import learning_rate, make_model
from .operations import Operations, counting_operations, learning_operations
from .optimizers import make_optimizer, rate_factor
from .record import Record
from .shown import ShownModel
from .text import read_text
from .tokens import make_tokens
from .watch import Watch
from .windows import Reading, Windows, stream

LOOKS = ("prompt", "grown", "temperature", "top_k", "top_p", "sample_seed", "sentence", "layer", "head")


class LanguageModelling(ShownModel):
    """One model from beginning to end; or, as `compare`, one after the other. `leg` says whose turn it is."""

    def build(self, settings: Mapping[str, Any], seed: int, device: str) -> None:
        self.settings, self.seed = dict(settings), seed
        self.looks = {name: settings[name] for name in LOOKS}
        self.device = device_of(settings["device"])
        self.threads = threads_of(self.device)

        # Data: the text's pieces as one long row of token ids (n,); every tenth piece is held out, to see what has been
        # learned of the language, and not only of this text.
        self.text = read_text(settings["data"])
        self.tokens = make_tokens(settings["tokens"], settings["vocabulary"], self.text.training)
        self.training, self.held_out = (
            stream(self.tokens, pieces) for pieces in (self.text.training, self.text.held_out)
        )
        self.lengths = torch.tensor(self.tokens.lengths(), device=self.device)

        # A step learns from b windows of t tokens: from every token which one comes next.
        self.window = settings["context"]
        windows = self.training, self.window, settings["batch_size"]
        self.windows, self.reading = Windows(*windows, seed), Reading(*windows, seed)

        # Model and optimizer, anew for each leg.
        self.course, self.done = Course(settings), 0
        for leg in self.course.legs:  # sizes that do not fit together are found before the first step
            with torch.device("meta"):
                make_model(leg.name, self.settings, self.tokens.size)
        self.records = []
        self.watch = Watch()
        self.begin(self.course.at(0))
        self.steps_per_epoch = self.batches.per_epoch

    def begin(self, leg: Leg) -> None:
        """The model of a leg, before its first step."""
        self.leg = leg
        torch.manual_seed(self.seed)
        model = make_model(leg.name, self.settings, self.tokens.size).to(self.device)
        self.model = model
        self.batches: Windows | Reading = self.reading if isinstance(model, Counting) else self.windows
        if isinstance(model, Counting):
            self.equations = Operations(counting_operations(self, model))
        else:
            self.trainables = Trainables(dict(model.named_parameters()))
            self.optimizer = make_optimizer(self.settings, self.trainables.tensors)
            self.chain = Chain(model.groups())
            self.equations = Operations(learning_operations(self))
        self.records[leg.number :] = [Record(leg.name, self.size)]
        self.inputs, self.targets = self.draw()

    def step(self) -> Iterator[Moment]:
        """One batch; and now and then a measurement of the held-out text after it."""
        if self.course.at(self.done) is not self.leg:
            self.begin(self.course.at(self.done))
        yield from self.watch.over(self.phases())
        tokens, seconds = self.targets.numel(), self.watch.seconds
        self.metrics |= {"tokens_per_second": tokens / seconds}
        self.records[-1].learned(tokens, seconds)
        follows = self.leg.number > 0 and self.done == self.leg.first + 1  # what is told is not the one's before it
        if self.done % self.settings["evaluate_every"] == 0 or self.done == self.leg.last or follows:
            self.metrics |= self.evaluate()
        if self.done == self.leg.last and len(self.course.legs) > 1:
            self.records[-1].sample = self.comparison.written()

    def phases(self) -> Iterator[Moment]:
        """The parts of a step."""
        # Tokens: inputs x (b, t) and targets y (b, t), which are the inputs' next tokens.
        self.inputs, self.targets = self.draw()
        yield from self.at("tokens", iter([None]))
        if isinstance(self.model, Network):
            yield from self.learn(self.model)
        elif isinstance(self.model, Counting):
            yield from self.count(self.model)

    def learn(self, network: Network) -> Iterator[Moment]:
        """A network predicts, is corrected, and moves every weight a little."""
        self.optimizer.zero_grad()
        network.dropout.begin(self.seed, self.done, self.device)

        # Forward: ids → embedding → group by group → logits z (b, t, V). The groups are those of the model's own file.
        yield from self.at("forward", self.chain.forward(self.inputs, cut=self.stop_at_operations))

        # Loss: L = −mean ln softmax(z)[y], over all b·t places at once.
        yield from self.at("loss", self.chain.measure(self.targets))

        # Backward: from ∂L/∂z, group by group, to ∂L/∂(embedding). A recurrent group goes back through time inside.
        yield from self.at("backward", self.chain.backward())

        # Clip: all gradients together are one long vector g; if it is longer than the limit, it is shortened to it.
        yield from self.at("clip", self.clip())

        # Update: every weight moves against its gradient.
        yield from self.at("update", self.update())
        self.metrics = self.measured() | {"learning_rate": self.optimizer.param_groups[0]["lr"]}

    def count(self, model: Counting) -> Iterator[Moment]:
        """Counts predict, and then what came next is counted: once, since a text read twice says nothing new."""
        # Forward: what the counts so far say of each place, p (b, t, V).
        yield from self.at("forward", self.ask(model))

        # Loss: L = −mean ln p[y].
        yield from self.at("loss", self.compare_with_targets())

        # Update: one more for each token that came after what stood before it.
        yield from self.at("update", self.count_batch(model))
        self.metrics = self.measured()

    def at(self, phase: str, work: Iterator[None]) -> Iterator[Moment]:
        """Do a phase's operations, which `work` does one by one; stop after each if the pace is so fine, or at the end.
        What is computed is the same."""
        places = self.equations.places(phase)
        for place, _ in zip(places, work, strict=True):
            self.equations.reached = place
            if self.stop_at_operations or place == places[-1]:
                yield Moment(phase, place, last=place == places[-1])

    def draw(self) -> tuple[Tensor, Tensor]:
        """Inputs and targets (b, t) of the next step."""
        inputs, targets = self.batches.of_step(self.done - self.leg.first)
        return inputs.to(self.device), targets.to(self.device)

    def clip(self) -> Iterator[None]:
        """g ← g · min(1, limit/‖g‖) (Pascanu, Mikolov and Bengio 2013)."""
        self.gradient_norm = self.length_of_gradient()
        if self.settings["max_grad_norm"] != "off":
            tensors = list(self.trainables.tensors.values())
            torch.nn.utils.clip_grads_with_norm_(tensors, self.settings["max_grad_norm"], self.gradient_norm)
        yield

    def length_of_gradient(self) -> Tensor:
        """‖g‖ over all parameters together."""
        tensors = self.trainables.tensors.values()
        return torch.nn.utils.get_total_norm([tensor.grad for tensor in tensors if tensor.grad is not None])

    def update(self) -> Iterator[None]:
        """As the optimizer has it."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate
        self.trainables.remember()
        self.optimizer.step()
        self.done += 1
        yield

    def ask(self, model: Counting) -> Iterator[None]:
        """ln p (b, t, V)."""
        self.logs = model.log_probabilities(self.inputs)
        yield

    def compare_with_targets(self) -> Iterator[None]:
        """L, a number."""
        self.loss = -self.logs.gather(-1, self.targets[..., None]).mean()
        yield

    def count_batch(self, model: Counting) -> Iterator[None]:
        """c ← c + 1, as long as the batch is new."""
        if self.done - self.leg.first < self.reading.per_epoch:
            model.count(self.inputs, self.targets)
        else:
            model.rest()
        self.done += 1
        yield

    def measured(self) -> dict[str, float]:
        """What the model made of its latest batch."""
        if isinstance(self.model, Counting):
            return {"loss": self.loss.item()}
        assert self.chain.loss is not None
        return {"loss": self.chain.loss.item(), "grad_norm": self.gradient_norm.item()}

    def evaluate(self) -> dict[str, float]:
        """How well the model predicts text that it has not learned from."""
        found = measure(self.model, self.held_out, self.lengths, self.window, MOST)
        self.records[-1].parameters = self.size
        self.records[-1].measured(found.bits_per_character)
        return {
            "held_out_loss": found.loss,
            "bits_per_character": found.bits_per_character,
            "perplexity": found.perplexity,
        }

    @property
    def rate(self) -> float:
        """The learning rate of the next update."""
        factor = rate_factor(self.settings, self.done - self.leg.first, self.leg.steps)
        return learning_rate(self.settings, self.leg.name) * factor

    def change(self, name: str, value: Any) -> None:
        if name in self.looks:
            self.looks = {**self.looks, name: value}
            return
        self.settings = {**self.settings, name: value}
        if name == "dropout" and isinstance(self.model, Network):
            self.model.dropout.rate = value

    def state(self) -> State:
        # Batches and what dropout leaves out follow from the seed and the number of the step: no random state is kept.
        found: State = {"done": np.array(self.done), "leg": np.array(self.leg.number)}
        for number, record in enumerate(self.records):
            found |= record.state(f"record/{number}/")
        if isinstance(self.model, Counting):
            return found | {f"model/{name}": array for name, array in self.model.arrays().items()}
        named = self.trainables.tensors
        return found | arrays_of("model/", named) | optimizer_state(self.optimizer, named)

    def restore(self, state: State) -> None:
        self.done = int(state["done"])
        leg = self.course.legs[int(state["leg"])]
        if leg is not self.leg:
            self.begin(leg)
        names = [each.name for each in self.course.legs[: leg.number + 1]]
        self.records = [Record.restored(name, f"record/{number}/", state) for number, name in enumerate(names)]
        if isinstance(self.model, Counting):
            self.model.load(
                {name.removeprefix("model/"): array for name, array in state.items() if name[:6] == "model/"}
            )
        else:
            load_all("model/", self.trainables.tensors, state)
            restore_optimizer(self.optimizer, self.trainables.tensors, state)
            self.trainables.forget()
            self.optimizer.zero_grad()
        self.inputs, self.targets = self.draw()
        self.metrics = {}
        self.equations.reached = -1

    def refresh(self) -> None:
        """Loss and gradients of the latest batch once more, with the parameters as they are now."""
        if isinstance(self.model, Network):
            self.optimizer.zero_grad()
            self.model.dropout.begin(self.seed, max(self.done - 1, 0), self.device)
            done(self.chain.forward(self.inputs), self.chain.measure(self.targets), self.chain.backward())
            self.gradient_norm = self.length_of_gradient()
        elif isinstance(self.model, Counting):
            done(self.ask(self.model), self.compare_with_targets())
        self.metrics = self.measured()


def done(*works: Iterator[None]) -> None:
    """Do all of what they do one by one."""
    for work in works:
        for _ in work:
            pass
