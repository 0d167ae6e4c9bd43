"""A transformer as a Hugging Face folder: `AutoModelForCausalLM` and `AutoTokenizer` load it."""

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save as serialised

from .tokens import END, PAD, UNKNOWN, Characters, Tokens
from .transformer import NORM_EPSILON, ROTATION_BASE, Shape, Transformer


def save(model: Transformer, tokens: Tokens, folder: Path) -> None:
    """Writes config.json, model.safetensors, tokenizer.json and tokenizer_config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {f"model.{name}": parameter.detach().cpu() for name, parameter in model.named_parameters()}
    (folder / "model.safetensors").write_bytes(serialised(weights, metadata={"format": "pt"}))
    tokens.tokenizer().save(str(folder / "tokenizer.json"))
    write_json(folder / "config.json", config(model.shape, tokens))
    write_json(folder / "tokenizer_config.json", tokenizer_config(model.shape, tokens))


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Readable, and the same bytes for the same content."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def config(shape: Shape, tokens: Tokens) -> dict[str, Any]:
    """The shape in the words of `transformers.LlamaConfig`."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.tokens,
        "hidden_size": shape.width,
        "intermediate_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "head_dim": shape.width // shape.heads,
        "hidden_act": "silu",
        "max_position_embeddings": shape.context,
        "rope_parameters": {"rope_type": "default", "rope_theta": ROTATION_BASE},
        "rms_norm_eps": NORM_EPSILON,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "initializer_range": 0.02,
        "bos_token_id": None,
        "eos_token_id": tokens.end,
        "pad_token_id": 0,
        "dtype": "float32",
    }


def tokenizer_config(shape: Shape, tokens: Tokens) -> dict[str, Any]:
    """What `AutoTokenizer` needs to know besides the tokens."""
    special = {"eos_token": END, "pad_token": PAD}
    if isinstance(tokens, Characters):
        special["unk_token"] = UNKNOWN
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **special,
        "model_max_length": shape.context,
        "padding_side": "right",
        "clean_up_tokenization_spaces": False,
    }
