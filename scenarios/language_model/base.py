"""Trains the small base model that is shipped, from nothing, on the shipped text; the scenario `qlora` fine-tunes it.

    python -m tui_lab.scenarios.language_model.base [FOLDER] [--steps N]

The same machine makes the same weights: see the SHA-256 that it prints and leaves in training.json.
"""

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
import torch.nn.functional as F

from . import huggingface
from .measure import Measure, measure
from .text import Text, read_text
from .tokens import BytePairs
from .transformer import Shape, Transformer
from .windows import Windows, stream

FOLDER = Path(__file__).parent / "base"
"""Where the shipped model is."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that the weights follow from, besides the text and the machine."""

    vocabulary: int = 2048
    width: int = 128
    layers: int = 4
    heads: int = 4
    hidden: int = 384
    context: int = 256
    dropout: float = 0.2
    batch: int = 4
    steps: int = 2600
    warm_up: int = 100
    learning_rate: float = 3e-3
    weight_decay: float = 0.1
    max_grad_norm: float = 1.0
    held_out_every: int = 200
    patience: int = 4
    """So many measurements without a new best end the training: from there on it would learn its text by heart."""
    seed: int = 0
    threads: int = 2
    """Sums are made in another order by another number of threads: other last bits, and in the end other weights."""

    def rate(self, step: int) -> float:
        """The learning rate of a step: up in a line, then down along a half cosine to a tenth."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(self.steps - self.warm_up, 1)
        return self.learning_rate * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * done)))


class Pretraining:
    """The text, its tokens, the model and its training."""

    def __init__(self, recipe: Recipe, text: Text) -> None:
        torch.set_num_threads(recipe.threads)
        torch.use_deterministic_algorithms(True)
        torch.manual_seed(recipe.seed)
        self.recipe, self.text = recipe, text
        self.tokens = BytePairs.trained(text.training, recipe.vocabulary)
        self.held_out = stream(self.tokens, text.held_out)
        self.lengths = torch.tensor(self.tokens.lengths())
        training = stream(self.tokens, text.training)
        self.windows = Windows(training, recipe.context, recipe.batch, recipe.seed)
        shape = (self.tokens.size, recipe.width, recipe.layers, recipe.heads, recipe.hidden, recipe.context)
        self.model = Transformer(Shape(*shape, recipe.dropout))
        self.optimizer = torch.optim.AdamW(self.decayed(), betas=(0.9, 0.99), weight_decay=recipe.weight_decay)

    def decayed(self) -> list[dict[str, Any]]:
        """Matrices are pulled towards 0; the scales of RMSNorm are not."""
        parameters = list(self.model.parameters())
        return [
            {"params": [p for p in parameters if p.ndim == 2]},
            {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
        ]

    def train(self) -> Iterator[tuple[int, float, Measure]]:
        """Trains to the best weights it meets. Tells the step, the mean loss since the last time, and the held-out
        text's measure."""
        best, best_step, kept = math.inf, 0, self.weights()
        losses = []
        for step in range(self.recipe.steps):
            losses.append(self.step(step))
            if (step + 1) % self.recipe.held_out_every and step + 1 < self.recipe.steps:
                continue
            found = measure(self.model, self.held_out, self.lengths, self.recipe.context)
            yield step + 1, sum(losses) / len(losses), found
            losses.clear()
            if found.loss < best:
                best, best_step, kept = found.loss, step + 1, self.weights()
            elif step + 1 - best_step >= self.recipe.patience * self.recipe.held_out_every:
                break
        self.model.load_state_dict(kept)

    def step(self, step: int) -> float:
        """One batch: forward, loss, backward, clip, update. The loss in nats per token."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate(step)
        inputs, targets = self.windows.of_step(step)
        self.model.dropout.begin(self.recipe.seed, step, inputs.device)
        loss = F.cross_entropy(self.model(inputs).flatten(0, 1), targets.flatten())
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.max_grad_norm)
        self.optimizer.step()
        return loss.item()

    def weights(self) -> dict[str, torch.Tensor]:
        """Copies of all weights as they are now."""
        return {name: tensor.clone() for name, tensor in self.model.state_dict().items()}


def make(folder: Path, recipe: Recipe, text: Text) -> dict[str, Any]:
    """Trains by the recipe, saves the model in a folder, and tells what came out, as training.json does."""
    began = perf_counter()
    training = Pretraining(recipe, text)
    parameters = sum(p.numel() for p in training.model.parameters())
    ids = len(training.windows.ids)
    say(f"{text.characters:,} characters, {ids:,} tokens to learn from; {parameters:,} parameters")
    for step, loss, found in training.train():
        minutes = (perf_counter() - began) / 60
        say(
            f"step {step:5}  loss {loss:.3f}  held out {found.loss:.3f} nats per token, "
            f"{found.bits_per_character:.3f} bits per character  {minutes:.1f} minutes"
        )
    huggingface.save(training.model, training.tokens, folder)
    facts = {
        "parameters": parameters,
        "characters": text.characters,
        "tokens_to_learn_from": ids,
        **held_out_facts(training),
        "minutes": round((perf_counter() - began) / 60, 1),
        "sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        "recipe": asdict(recipe),
    }
    huggingface.write_json(folder / "training.json", facts)
    return facts


def held_out_facts(training: Pretraining) -> dict[str, float]:
    """How well the model that is kept predicts the text that it has not learned from."""
    found = measure(training.model, training.held_out, training.lengths, training.recipe.context)
    return {
        "held_out_loss": round(found.loss, 4),
        "held_out_perplexity": round(found.perplexity, 2),
        "held_out_bits_per_character": round(found.bits_per_character, 4),
    }


def say(line: str) -> None:
    """Progress, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tui_lab.scenarios.language_model.base", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="where to write it")
    parser.add_argument("--steps", type=int, default=Recipe().steps, help="fewer make a worse model sooner")
    words = parser.parse_args()
    facts = make(words.folder, Recipe(steps=words.steps), read_text())
    say(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()
