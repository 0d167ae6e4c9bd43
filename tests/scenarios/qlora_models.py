"""Small models in folders, as transformers saves them: built here, so that tests need no network and no weights."""

import atexit
import importlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    RobertaConfig,
    RobertaForMaskedLM,
)

from tui_lab.run.catalogue import scenario
from tui_lab.run.settings import settings_of

CARD = scenario("qlora")
torch.set_num_threads(1)  # the models are so small that threads would only wait for each other
WORDS = (
    "A wonderful film. Lovely and warm, we laughed and cried.",
    "A dull, ugly mess. Boring from the first scene on.",
    "The music is great, the story moving, the ending perfect.",
    "The jokes fall flat and the hero sleeps. So did I.",
    "Sentiment: positive negative Label: yes no",
)
CHAT = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tokenizer(texts: Iterable[str] = WORDS, size: int = 384) -> PreTrainedTokenizerFast:
    """Byte pairs learned from a few sentences; it can spell anything."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<|end|>", "<|pad|>", "<|user|>", "<|assistant|>", "<|system|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|end|>", pad_token="<|pad|>")
    fast.chat_template = CHAT
    return fast


def llama(folder: Path, width: int = 64, blocks: int = 2, seed: int = 0, **more: Any) -> Path:
    """A Llama of random numbers."""
    words = tokenizer()
    config = LlamaConfig(
        **{
            "vocab_size": 384,
            "hidden_size": width,
            "intermediate_size": 2 * width,
            "num_hidden_layers": blocks,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 128,
            "tie_word_embeddings": True,
            "eos_token_id": words.eos_token_id,
            "pad_token_id": words.pad_token_id,
            "bos_token_id": None,
            **more,
        }
    )
    return _saved(LlamaForCausalLM, config, words, folder, seed)


def qwen2(folder: Path, width: int = 64, blocks: int = 2, seed: int = 0) -> Path:
    """A Qwen2 of random numbers: the linear layers of its attention have biases, which are not zero."""
    words = tokenizer()
    config = Qwen2Config(
        vocab_size=448,  # its tokenizer adds one of its own
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=blocks,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        bos_token_id=None,
    )
    return _saved(Qwen2ForCausalLM, config, words, folder, seed)


def gpt2(folder: Path, positions: int = 40, seed: int = 0) -> Path:
    """A GPT-2 of random numbers: it has a table of positions, and fails beyond its end."""
    words = tokenizer()
    ends = {"bos_token_id": words.eos_token_id, "eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id}
    config = GPT2Config(vocab_size=384, n_embd=64, n_layer=2, n_head=4, n_positions=positions, **ends)
    return _saved(GPT2LMHeadModel, config, words, folder, seed)


def encoder(folder: Path, width: int = 64, blocks: int = 2, seed: int = 0) -> Path:
    """A BERT of random numbers, saved as one that fills in masks: it has no head for classes yet."""
    words = tokenizer()
    config = BertConfig(
        vocab_size=384,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=blocks,
        num_attention_heads=4,
        max_position_embeddings=128,
        pad_token_id=words.pad_token_id,
    )
    return _saved(BertForMaskedLM, config, words, folder, seed)


def roberta(folder: Path, positions: int = 40, seed: int = 0) -> Path:
    """A RoBERTa of random numbers: its table of positions begins with some that no token has."""
    words = tokenizer()
    padding: int = words.pad_token_id
    config = RobertaConfig(
        vocab_size=384,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=positions + padding + 1,
        pad_token_id=padding,
    )
    return _saved(RobertaForMaskedLM, config, words, folder, seed)


def _saved(kind: Any, config: Any, words: PreTrainedTokenizerFast, folder: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    model = kind(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(std=0.1)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


@cache
def folder(kind: str) -> Path:
    """The folder of a `llama`, `qwen2`, `gpt2`, `roberta` or `encoder`, made once; do not write into it."""
    makers: dict[str, Callable[[Path], Path]] = {
        "llama": llama,
        "qwen2": qwen2,
        "gpt2": gpt2,
        "roberta": roberta,
        "encoder": encoder,
    }
    return makers[kind](_shelf() / kind)


@cache
def reviews() -> Path:
    """A data file of 40 short reviews, half of them good."""
    path = _shelf() / "reviews.jsonl"
    rows = [
        {"text": f"The {noun} was {word}" + " indeed" * (i % 5) + ".", "label": label}
        for i, noun in enumerate(
            ("film", "music", "story", "hero", "ending", "script", "villain", "song", "plot", "joke")
        )
        for word, label in (("lovely", "yes"), ("dull", "no"), ("a great joy", "yes"), ("an ugly mess", "no"))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def build(*words: str, model: str | Path = "llama", data: Path | None = None, seed: int = 0) -> Any:
    """The scenario, built as the trainer builds it: small, and with a held-out loss measured rarely."""
    source = folder(model) if isinstance(model, str) else model
    own = ["batch_size=4", "evaluate_every=100", "rank=8", "alpha=16", "learning_rate=0.001", "schedule=constant"]
    settings = settings_of(CARD, [f"model={source}", "device=cpu", *own, *words])
    made = importlib.import_module(CARD.module).QLoRA()
    made.build({**settings, "data": data or reviews()}, seed, "cpu")
    return made


def train(model: Any, steps: int) -> list[dict[str, float]]:
    """The metrics of that many steps."""
    history = []
    for _ in range(steps):
        for _ in model.step():
            pass
        history.append(model.metrics)
    return history


@cache
def _shelf() -> Path:
    shelf = Path(tempfile.mkdtemp(prefix="tui-lab-test-models-"))
    atexit.register(shutil.rmtree, shelf, ignore_errors=True)
    return shelf
