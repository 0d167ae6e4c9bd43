"""The language models: training through the driver beside a bare loop, all of history in one run, counts beside their
closed form, and the base model made twice."""

import hashlib
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch

from tests.benchmarks.figure import Figure, alternate, ratio
from tests.benchmarks.home import own_home, start
from tests.benchmarks.watched import watched
from tui_lab.run.client import Client
from tui_lab.run.messages import Frame, GetFrame, Step
from tui_lab.run.program import environment
from tui_lab.scenarios.language_model import base
from tui_lab.scenarios.language_model.comparison import EXPECTED
from tui_lab.scenarios.language_model.counts import Bigram
from tui_lab.scenarios.language_model.measure import measure
from tui_lab.scenarios.language_model.text import read_text
from tui_lab.scenarios.language_model.tokens import Characters
from tui_lab.scenarios.language_model.windows import consecutive, stream

WORDS = ["model=transformer", "tokens=byte-pairs", "device=cpu", "evaluate_every=1000000", "steps=1000000"]
STEPS, ROUNDS, WARM_UP, BASE_STEPS = 60, 11, 60, 8
TOKENS = 16 * 64
"""Of a step: windows times context."""
MINUTES = 10.0


def figures() -> list[Figure]:
    return [_training(), _bigram(), _base(), _history()]


def _training() -> Figure:
    """Through the driver, everything recorded, a viewer attached that shows each frame it gets."""
    with own_home(), _bare() as theirs, watched(start(*WORDS, name="language-model")) as run:
        run.step(WARM_UP)
        ours, bare = alternate(ROUNDS, lambda: STEPS * TOKENS / run.step(STEPS), lambda: theirs(STEPS))
    times = ratio(ours, bare)
    return Figure(
        what="training the transformer through the driver, recorded, viewer attached",
        measured=f"{median(ours):,.0f} tokens/s, {times:.2f} ×",
        against=f"bare torch loop, {median(bare):,.0f} tokens/s",
        bar="≥ 0.95 ×",
        reached=times >= 0.95,
    )


@contextmanager
def _bare() -> Iterator[Callable[[int], float]]:
    """The bare loop, as a script of one's own runs."""
    command = [sys.executable, "-m", "tests.benchmarks.bare_transformer", *WORDS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        talk, answer = process.stdin, process.stdout

        def train(steps: int) -> float:
            talk.write(f"{steps}\n")
            talk.flush()
            return float(answer.readline())

        train(WARM_UP)
        yield train
        talk.close()


def _bigram() -> Figure:
    """The shipped text's bits under its own counts, through the model; and the entropy in closed form, from pairs."""
    text = read_text()
    tokens = Characters(text.training)
    ids = stream(tokens, text.training)
    model = Bigram(tokens.size, smoothing=0.0)
    for inputs, targets in consecutive(ids, 64):
        model.count(inputs, targets)
    pairs, often = torch.stack((ids[:-1], ids[1:])).unique(dim=1, return_counts=True)
    firsts = torch.bincount(ids[:-1])[pairs[0]].double()
    closed = float(-(often * (often / firsts).log2()).sum() / often.sum())
    bits = measure(model, ids, torch.tensor(tokens.lengths()), 64).loss / math.log(2)
    return Figure(
        what=f"bits of {len(ids):,} characters under their bigram counts",
        measured=f"{bits:.12f} per character, {abs(bits - closed):.1e} off",
        against=f"H(next | last) from the counts, {closed:.12f}",
        bar="equal to 1e-9",
        reached=abs(bits - closed) <= 1e-9,
    )


def _base() -> Figure:
    """Its one command twice, with few steps; and what the shipped one says of its training."""
    shipped = json.loads((base.FOLDER / "training.json").read_text(encoding="utf-8"))
    weights = hashlib.sha256((base.FOLDER / "model.safetensors").read_bytes()).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        hashes = [_made(Path(folder) / name) for name in ("first", "second")]
    same = hashes[0] == hashes[1]
    return Figure(
        what=f"base model from nothing, {BASE_STEPS} steps, two processes",
        measured="same weights hash" if same else "NOT the same weights",
        against=f"shipped: {shipped['minutes']} minutes, {shipped['held_out_bits_per_character']} bits per character",
        bar="same hash",
        reached=same and weights == shipped["sha256"],
    )


def _made(folder: Path) -> str:
    module = "tui_lab.scenarios.language_model.base"
    command = [sys.executable, "-m", module, str(folder), "--steps", str(BASE_STEPS)]
    subprocess.run(command, check=True, env=environment(), capture_output=True)
    facts: dict[str, Any] = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    return str(facts["sha256"])


def _history() -> Figure:
    """The preset `compare`, from its first step to its last."""
    with own_home():
        run = start("preset=compare", "device=cpu", name="language-model")
        with Client(run) as client:
            steps = client.ask(GetFrame())
            assert isinstance(steps, Frame)
            began = perf_counter()
            client.ask(Step(steps.last_step))
            minutes = (perf_counter() - began) / 60
            frame: Any = client.ask(GetFrame())
    table = next(view for view in frame.views if view["kind"] == "table")
    bits = {row[0]: float(row[-1]) for row in table["rows"]}
    ordered = all(bits[before] > bits[after] for before, after in pairwise(EXPECTED[:-1]))
    ordered = ordered and bits["lstm"] >= bits["transformer"]
    said = "; ".join(note for note in frame.notes if "order of history" in note)
    return Figure(
        what="compare: all models one after the other, bits per character: "
        + ", ".join(f"{name} {each:.3f}" for name, each in bits.items()),
        measured=f"{minutes:.1f} minutes, " + ("in history's order" if ordered else said),
        against="–",
        bar=f"≤ {MINUTES:.0f} minutes; bigram > Bengio > RNN > LSTM ≥ transformer, or a note why not",
        reached=minutes <= MINUTES and (ordered or bool(said)),
    )
