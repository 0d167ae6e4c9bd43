"""QLoRA of a model shaped as Llama 3.1 8B, with random weights, on a GPU: speed beside a bare loop, and the predicted
memory beside the peak that torch counted. Skipped, with the reason, where there is no GPU."""

import gc
import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tests.benchmarks.bench_qlora import ALONE, speed
from tests.benchmarks.figure import Figure, alternate
from tests.benchmarks.home import own_home
from tests.benchmarks.qlora_contestants import WARM_UP, BareLoop, Lab, Plan, lab
from tui_lab.lab.views import Table
from tui_lab.run.messages import picture_of
from tui_lab.scenarios.qlora.base import SHIPPED

ROUNDS, STEPS = 3, 40
LENGTH = 2048
SHAPE = {
    "vocab_size": 128256,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "max_position_embeddings": 8192,
    "rope_theta": 500000.0,
}
"""Grattafiori et al. 2024, The Llama 3 Herd of Models, table 3."""
WORDS = ["rank=16", f"max_length={LENGTH}", "batch_size=1", "accumulation=1", "gradient_checkpointing=on"]
_WHAT = "QLoRA of an 8B-shaped Llama, r=16, s=2048, on a GPU"


def figures() -> list[Figure]:
    """Speed, utilisation and memory; or why there are none."""
    warnings.simplefilter("ignore")
    if not torch.cuda.is_available():
        return [Figure(what=_WHAT, measured="skipped: this machine has no CUDA GPU", against="")]
    with tempfile.TemporaryDirectory() as folder, own_home():
        return list(measure(Path(folder), SHAPE, "cuda"))


def measure(folder: Path, shape: dict[str, Any], device: str) -> Iterator[Figure]:
    """The figures of one shape on one device."""
    model, data = _model(folder / "model", shape, device), folder / "long.jsonl"
    words = [*ALONE, *WORDS, f"model={model}", f"device={device}"]
    _write_examples(data, WARM_UP + ROUNDS * STEPS + 8)
    plan = Plan([*words, "held_out=1"], WARM_UP + ROUNDS * STEPS, data)
    with lab([*words, "held_out=1"], plan, STEPS, data) as ours:
        mine, bare = alternate(ROUNDS, ours, BareLoop(plan, STEPS))
        yield speed(_WHAT, mine, bare, "the same in a bare peft + bitsandbytes loop", 0.95)
        yield from _told(ours)


def _told(ours: Lab) -> Iterator[Figure]:
    """What the lab's own tables say of memory and utilisation."""
    tables = {view.title: view for view in map(picture_of, ours.run.frame().views) if isinstance(view, Table)}
    for row in tables["speed of the latest step"].rows:
        if str(row[0]).startswith(("utilisation", "of the hardware")):
            yield Figure(what=str(row[0]), measured=f"{float(row[1]):.1f} %", against=str(row[2]))
    peak = next(row for row in tables["memory ledger"].rows if str(row[0]).startswith("at the peak"))
    if peak[2] == "":
        yield Figure(what="peak memory", measured="not counted on a CPU", against=f"predicted {float(peak[1]):.2f}")
        return
    predicted, counted = float(peak[1]), float(peak[2])
    yield Figure(
        what="predicted peak memory",
        measured=f"{predicted:.2f} GiB, {predicted / counted - 1:+.1%}",
        against=f"counted by torch, {counted:.2f} GiB",
        bar="within 10 %",
        reached=abs(predicted / counted - 1) <= 0.10,
    )


def _model(folder: Path, shape: dict[str, Any], device: str) -> Path:
    """A model of random numbers in bf16, with the shipped model's tokenizer."""
    torch.manual_seed(0)
    with torch.device(device):
        torch.set_default_dtype(torch.bfloat16)
        made = LlamaForCausalLM(LlamaConfig(**shape, tie_word_embeddings=False, eos_token_id=1, pad_token_id=0))
        torch.set_default_dtype(torch.float32)
    made.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(SHIPPED / name, folder / name)
    del made
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    return folder


def _write_examples(path: Path, count: int) -> None:
    """Long answers from the shipped text, each at least as long as a sequence may be."""
    texts = sorted((SHIPPED.parent / "text").glob("*.txt"))
    whole = "\n".join(text.read_text(encoding="utf-8") for text in texts)
    length = 6 * LENGTH  # characters; a token has fewer than 6
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            start = number * 997 % (len(whole) - length)
            row = {"prompt": "Go on: ", "completion": whole[start : start + length]}
            file.write(json.dumps(row) + "\n")
